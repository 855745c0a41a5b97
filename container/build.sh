#!/usr/bin/env bash
# Builds the images gradstep-cpu, gradstep-cpu-mpi, gradstep-gpu and gradstep-gpu-mpi of the commit
# that is checked out, with docker or podman. The same commit gives the same layers.
# usage: build.sh [--local-base] [--tag TAG] [--no-cache] [--build-arg NAME=VALUE]... [TARGET...]
#   TARGET        cpu, cpu-mpi, gpu or gpu-mpi; all four without one
#   --tag         the tag; without it the first twelve digits of the commit
#   --local-base  on a base made here from Debian's packages, not pulled from a registry (root only)
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$here/.."
usage() { echo "build.sh: $1" >&2; sed -n '4,7s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }

revision=$(git rev-parse HEAD)
[ -z "$(git status --porcelain)" ] || revision+=-dirty
own_tag=$(git rev-parse --short=12 HEAD)${revision:40}

targets=() flags=() tag=$own_tag local_base=''
while [ $# -gt 0 ]; do
  case $1 in
    --local-base) local_base=yes; shift ;;
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
source=$(git remote get-url origin 2>/dev/null | sed -nE 's|^https://([^@/]*@)?|https://|p') || true
version=$(sed -nE 's/^project\(gradstep VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
time=$(git log -1 --format=%ct)
flags+=(--build-arg REVISION="$revision" --build-arg SOURCE="$source" --build-arg VERSION="$version")

case $engine in
  podman) flags+=(--format docker --timestamp "$time") ;;
  docker) flags+=(--build-arg SOURCE_DATE_EPOCH="$time") ;;
esac
if [ -n "$local_base" ]; then
  "$here/local-base.sh"
  cache=${GRADSTEP_BASE_CACHE:-/var/tmp/gradstep-base}
  base=localhost/gradstep-debian
  flags+=(--build-arg BUILD_IMAGE=$base --build-arg BASE_IMAGE=$base --pull-never
    --volume "$cache/sources.list.d:/etc/apt/sources.list.d:ro")
  # The certificates with which this machine reaches PyPI.
  flags+=(--volume /etc/ssl/certs/ca-certificates.crt:/host-certificates.crt:ro
    --build-arg PIP_CERT=/host-certificates.crt)
fi

for target in "${targets[@]}"; do
  echo "Building gradstep-$target:$tag with $engine"
  "$engine" build "${flags[@]}" --target "$target" --tag "gradstep-$target:$tag" \
    --file container/Dockerfile .
done
"$engine" image ls --filter reference='*gradstep-*' --format '{{.Repository}}:{{.Tag}} {{.Size}}'
