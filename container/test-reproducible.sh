#!/usr/bin/env bash
# Builds an image again, compiles all of it again, and compares its layers with those that are there.
# usage: test-reproducible.sh TARGET      after build.sh --local-base TARGET
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
[ $# -eq 1 ] || { sed -n '3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }
. "$here/engine.sh"
image=gradstep-$1:$("$here/build.sh" --print-tag)
layers() { "$engine" image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' "$1"; }

first=$(layers "$image")
"$here/build.sh" --local-base --no-cache --build-arg CCACHE_NAMESPACE="again-$$-$RANDOM" \
  --tag again "$1" >/dev/null
second=$(layers "gradstep-$1:again")
"$engine" rmi "gradstep-$1:again" >/dev/null
if [ "$first" != "$second" ]; then
  printf 'The layers differ.\n%s\n\n%s\n' "$first" "$second" >&2
  exit 1
fi
printf 'The same layers, built twice:\n%s\n' "$first"
