#!/usr/bin/env bash
# gradstep beside what people use today, in one run: tables, every measurement and a picture in
# benchmarks/results/. Installs what is missing (as root or with sudo), makes a venv with the pinned
# rivals (.venv-bench), builds the programs (build/compare), and makes data of fixed seeds
# (build/compare-data).
# usage: benchmarks/compare.sh [--quick] [--only NAME...] [--help]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

# Wrong words end here, before anything is installed; so does --help.
if command -v python3 >/dev/null; then
  for word; do
    [[ $word != -h && $word != --help ]] || exec python3 -B benchmarks/compare/main.py --help
  done
  python3 -B benchmarks/compare/main.py --arguments_only "$@"
fi

container/install-packages.sh build test benchmark >&2

. benchmarks/support/make_venv.sh
make_venv .venv-bench benchmarks/requirements.txt
preset=cpu
if nvidia-smi >/dev/null 2>&1; then
  make_venv .venv-bench-gpu benchmarks/requirements-gpu.txt  # they need another pandas
  preset=default
fi
cmake --preset "$preset" -B build/compare -D GRADSTEP_BENCHMARKS=ON -D GRADSTEP_TESTS=OFF >&2
cmake --build build/compare --target prep-data train-model fit_bench path_bench >&2
exec .venv-bench/bin/python benchmarks/compare/main.py "$@"
