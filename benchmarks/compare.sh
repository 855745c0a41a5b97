#!/usr/bin/env bash
# gradstep beside what people use today, in one run: tables, every measurement and a picture in
# benchmarks/results/. Makes a venv with the pinned rivals (.venv-bench), builds the programs
# (build/compare), and makes data of fixed seeds (build/compare-data).
# usage: benchmarks/compare.sh [--quick] [--only NAME...] [--help]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
venv=.venv-bench pins=benchmarks/requirements.txt

if ! cmp -s "$pins" "$venv/requirements.txt"; then
  python3 -m venv --clear "$venv"
  # One that cannot be installed here is N/A in the tables; the others still run.
  "$venv/bin/pip" install --quiet --requirement "$pins" ||
    while read -r pin; do
      [[ $pin =~ ^(#|$) ]] || "$venv/bin/pip" install --quiet --no-deps "$pin" ||
        echo "Not installed: $pin" >&2
    done <"$pins"
  cp "$pins" "$venv/requirements.txt"
fi

preset=cpu
! command -v nvidia-smi >/dev/null || preset=default
cmake --preset "$preset" -B build/compare -D GRADSTEP_BENCHMARKS=ON -D GRADSTEP_TESTS=OFF >&2
cmake --build build/compare --target prep-data train-model fit_bench >&2
exec "$venv/bin/python" benchmarks/compare/main.py --programs build/compare/bin "$@"
