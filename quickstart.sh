#!/usr/bin/env bash
# From a fresh Debian 12, 13 or Ubuntu 24.04 to a trained model: installs what the build needs (as
# root or with sudo), builds, and runs the pipeline on components/data/diabetes.csv. Results go to
# quickstart-output/. A second run takes seconds.
# usage: quickstart.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
[ $# -eq 0 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }

container/install-packages.sh build

build=build/default
mkdir -p $build
echo "Building in $PWD/$build"
cmake --preset default -D GRADSTEP_TESTS=OFF >$build/configure.log 2>&1 ||
  { cat $build/configure.log >&2; exit 1; }
grep -e '-- CUDA backend' $build/configure.log
cmake --build --preset default

output=quickstart-output
show() { printf '\n$ %s\n' "$*"; "$@"; }
show $build/bin/run-pipeline components/pipeline.yml \
  --input pipeline_job_input=components/data/diabetes.csv --work_dir $output/runs \
  --output pipeline_job_transformed_data=$output/prepared \
  --output pipeline_job_trained_model=$output/model
show $build/bin/score-model --model $output/model --input_data $output/prepared \
  --output_data $output/scored

cat <<END

Made in $PWD/$output:
  prepared/diabetes.csv        the rows without a missing value, numbers scaled to 0..1
  prepared/prep_report.json    rows read and dropped, minimum and maximum of each scaled column
  model/MLmodel, model.pkl, …  the model; MLflow loads the folder
  model/metrics.json           every metric, how the solver got there, seconds
  model/coefficients.csv       each coefficient with standard error, p-value, odds ratio
  model/plots/ROC-Curve.png    pictures to look at, with
  model/plots/Confusion-Matrix.png
  model/plots/Precision-Recall-Curve.png
  scored/prepared.csv          label and probabilities of every row
  runs/                        each step's log and outputs, which the next run reuses
END
for file in prepared/{diabetes.csv,prep_report.json} model/{MLmodel,model.pkl,model.onnx,metrics.json,coefficients.csv} \
    model/plots/{ROC-Curve,Confusion-Matrix,Precision-Recall-Curve}.png scored/prepared.csv; do
  [ -s "$output/$file" ] || { echo "$output/$file is missing" >&2; exit 1; }
done
