#!/usr/bin/env bash
# Builds the images gradstep-cpu, gradstep-cpu-mpi, gradstep-gpu and gradstep-gpu-mpi of the commit
# that is checked out, with docker or podman.
# usage: build.sh [--local-base] [--tag TAG] [--no-cache] [--build-arg NAME=VALUE]... [TARGET...]
#        build.sh --print-tag
#   TARGET        cpu, cpu-mpi, gpu or gpu-mpi; all four without one
#   --tag         the tag; without it the first twelve digits of the commit
#   --local-base  on a base made here from Debian's packages, not pulled (local-base.sh)
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$here/.."
usage() { echo "build.sh: $1" >&2; sed -n '4,8s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }

revision=$(git rev-parse HEAD)
[ -z "$(git status --porcelain)" ] || revision+=-dirty
own_tag=$(git rev-parse --short=12 HEAD)${revision:40}

targets=() flags=() tag=$own_tag on_local_base=''
while [ $# -gt 0 ]; do
  case $1 in
    --local-base) on_local_base=yes; shift ;;
    --tag) tag=${2:?--tag needs a name}; shift 2 ;;
    --print-tag) echo "$own_tag"; exit ;;
    --no-cache) flags+=(--no-cache); shift ;;
    --build-arg) flags+=(--build-arg "${2:?--build-arg needs NAME=VALUE}"); shift 2 ;;
    cpu | cpu-mpi | gpu | gpu-mpi) targets+=("$1"); shift ;;
    *) usage "found '$1'" ;;
  esac
done
[ ${#targets[@]} -gt 0 ] || targets=(cpu cpu-mpi gpu gpu-mpi)
. "$here/engine.sh"

# Only an address that anyone can open, and no password in it.
source=$(git remote get-url origin 2>/dev/null |
  sed -nE 's#^https://([^@/]*@)?#https://#p; s#^git@([^:/]+):#https://\1/#p') || true
version=$(sed -nE 's/^project\(gradstep VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
# Of all files, whatever the commit: a layer whose files are the same is the same layer, and a cached
# one no other than one that is built again. 1980-01-01, the first that every archive can hold.
time=315532800
flags+=(--build-arg REVISION="$revision" --build-arg SOURCE="$source"
  --build-arg VERSION="$version")

case $engine in
  podman) flags+=(--format docker --timestamp "$time") ;;
  docker) flags+=(--build-arg SOURCE_DATE_EPOCH="$time") ;;
esac
if [ -n "$on_local_base" ]; then
  "$here/local-base.sh"
  flags+=(--build-arg BUILD_IMAGE="$local_base" --build-arg BASE_IMAGE="$local_base"
    --volume "$local_base_cache/sources.list.d:/etc/apt/sources.list.d:ro")
  # The certificates with which this machine reaches PyPI; a mount of its own would leave a file.
  mkdir -p "$local_base_cache/certificates"
  cp /etc/ssl/certs/ca-certificates.crt "$local_base_cache/certificates"
  flags+=(--volume "$local_base_cache/certificates:/media:ro"
    --build-arg PIP_CERT=/media/ca-certificates.crt)
fi

for target in "${targets[@]}"; do
  echo "Building gradstep-$target:$tag with $engine"
  "$engine" build "${flags[@]}" --target "$target" --tag "gradstep-$target:$tag" \
    --file container/Dockerfile .
done
"$engine" image ls --filter reference='*gradstep-*' --format '{{.Repository}}:{{.Tag}} {{.Size}}'
