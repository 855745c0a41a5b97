#!/usr/bin/env bash
# Tests images that build.sh has built, and writes what each holds to build/images/sbom.
# run-pipeline comes from GRADSTEP_BIN, or from build/default/bin, where quickstart.sh puts it.
# usage: test.sh [--tag TAG] [--gpu-base IMAGE] [TARGET...]      as build.sh
#   --gpu-base  the base that the gpu images were built on; the Dockerfile's without it
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$here/.."
usage() { echo "test.sh: $1" >&2; sed -n '4,5s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }

targets=() tag='' gpu_base=$(sed -n 's/^ARG BASE_IMAGE=//p' container/Dockerfile)
while [ $# -gt 0 ]; do
  case $1 in
    --tag) tag=${2:?--tag needs a name}; shift 2 ;;
    --gpu-base) gpu_base=${2:?--gpu-base needs an image}; shift 2 ;;
    cpu | cpu-mpi | gpu | gpu-mpi) targets+=("$1"); shift ;;
    *) usage "found '$1'" ;;
  esac
done
[ ${#targets[@]} -gt 0 ] || targets=(cpu cpu-mpi gpu gpu-mpi)
[ -n "$tag" ] || tag=$("$here/build.sh" --print-tag)
. "$here/engine.sh"
for target in "${targets[@]}"; do
  [[ $target != gpu* ]] || "$engine" image inspect "$gpu_base" >/dev/null 2>&1 ||
    "$engine" pull --quiet "$gpu_base"
done
"$here/install-packages.sh" test
tests/make-venv.sh .venv-images tests/requirements-images.txt

images=''
for target in "${targets[@]}"; do images+="$target=gradstep-$target:$tag "; done
GRADSTEP_ENGINE=$engine GRADSTEP_IMAGES=$images GRADSTEP_GPU_BASE=$gpu_base \
  GRADSTEP_BIN=${GRADSTEP_BIN:-$PWD/build/default/bin} \
  GRADSTEP_SBOM_FOLDER=$PWD/build/images/sbom PYTHONDONTWRITEBYTECODE=1 \
  .venv-images/bin/python -m pytest -q -p no:cacheprovider --durations=5 tests/container
