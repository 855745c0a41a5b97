#!/usr/bin/env bash
# Builds and runs the tests on Debian 12, 13 or Ubuntu 24.04; installs what they need (as root or
# with sudo, and Python packages into .venv). About 9 minutes on 2 cores the first time.
# usage: test.sh [--all] [--preset NAME] [CTEST_ARGUMENT...]      e.g. test.sh -R prep_data
#   --all     also the tests labelled mlflow, azure or images
#   --preset  the CMake preset (CMakePresets.json) to build and test; "default" without it
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
preset=default
only=(--label-exclude '^(mlflow|azure|images)$')
while [ $# -gt 0 ]; do
  case $1 in
    --all) only=(); shift ;;
    --preset) preset=${2:?--preset needs a name}; shift 2 ;;
    -h | --help) sed -n '2,6s/^# //p' "$0"; exit ;;
    *) break ;;
  esac
done

packages=(build test)
[ "$preset" != ci ] || packages+=(benchmark)  # it compiles them, too
container/install-packages.sh "${packages[@]}"

tests/make-venv.sh .venv tests/requirements.txt
if [ ${#only[@]} -eq 0 ]; then
  tests/make-venv.sh .venv-mlflow3 tests/requirements-mlflow3.txt
  tests/make-venv.sh .venv-azure tests/requirements-azure.txt
  if python3 -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then
    tests/make-venv.sh .venv-mlflow2 tests/requirements-mlflow2.txt
  else
    echo "MLflow 2 is not tested with: its scikit-learn 1.5 has no wheels for this Python."
  fi
fi

cmake --preset "$preset" -D GRADSTEP_TESTS=ON
cmake --build --preset "$preset"
ctest --preset "$preset" -j "$(nproc)" "${only[@]}" "$@"
