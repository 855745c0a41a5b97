#!/usr/bin/env bash
# How gradstep's time grows with rows, features and threads: tables, fitted laws, every measurement
# and a picture in benchmarks/results/. Installs what is missing (as root or with sudo) and shares
# with benchmarks/compare.sh the venv (.venv-bench), the build (build/compare) and the data
# (build/compare-data).
# usage: benchmarks/scaling.sh [--quick] [--huge] [--only NAME...] [--help]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

# Wrong words end here, before anything is installed; so does --help.
if command -v python3 >/dev/null; then
  for word; do
    [[ $word != -h && $word != --help ]] || exec python3 -B benchmarks/scaling/arguments.py --help
  done
  python3 -B benchmarks/scaling/arguments.py "$@"
fi

container/install-packages.sh build test benchmark >&2
. benchmarks/support/make_venv.sh
make_venv .venv-bench benchmarks/requirements.txt
preset=cpu
! nvidia-smi >/dev/null 2>&1 || preset=default  # as compare.sh builds
cmake --preset "$preset" -B build/compare -D GRADSTEP_BENCHMARKS=ON -D GRADSTEP_TESTS=OFF >&2
cmake --build build/compare --target prep-data fit_bench fit_lines line_bench line_replay \
  prep_lines >&2
exec .venv-bench/bin/python benchmarks/scaling/scaling.py "$@"
