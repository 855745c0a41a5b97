#!/usr/bin/env bash
# How gradstep's time grows with rows, features and threads: tables, fitted laws, every measurement
# and a picture in benchmarks/results/. Installs what is missing (as root or with sudo) and shares
# with benchmarks/compare.sh the venv (.venv-bench), the build (build/compare) and the data
# (build/compare-data).
# usage: benchmarks/scaling.sh [--quick] [--huge] [--only NAME...] [--help]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

container/install-packages.sh build test benchmark >&2
[[ -x .venv-bench/bin/python ]] || tests/make-venv.sh .venv-bench benchmarks/requirements.txt >&2

# Wrong words end here, before anything is built; so does --help.
.venv-bench/bin/python -B benchmarks/scaling/scaling.py --arguments_only "$@"
for word; do
  [[ $word != -h && $word != --help ]] || exit 0
done

preset=cpu
! nvidia-smi >/dev/null 2>&1 || preset=default  # as compare.sh builds
cmake --preset "$preset" -B build/compare -D GRADSTEP_BENCHMARKS=ON -D GRADSTEP_TESTS=OFF >&2
cmake --build build/compare --target prep-data fit_bench fit_lines line_bench line_replay \
  prep_lines >&2
exec .venv-bench/bin/python benchmarks/scaling/scaling.py "$@"
