#!/usr/bin/env bash
# Copies the YAML files of this folder with real images in place of the placeholders.
# usage: fill-images.sh cpu=REF gpu=REF OUTPUT_FOLDER     REF: registry/name@sha256:... or name:tag
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
usage() { echo "fill-images.sh: $1" >&2; sed -n '3s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 2; }

[ $# -eq 3 ] || usage "found $# arguments, expected 3"
cpu='' gpu='' output=$3
for argument in "$1" "$2"; do
  case $argument in
    cpu=*) cpu=${argument#cpu=} ;;
    gpu=*) gpu=${argument#gpu=} ;;
    *) usage "found '$argument', expected cpu=REF or gpu=REF" ;;
  esac
done
part='[a-z0-9]+([._-]+[a-z0-9]+)*'
pattern="^($part(:[0-9]+)?/)?$part(/$part)*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@sha256:[0-9a-f]{64})?$"
for image in "$cpu" "$gpu"; do
  [[ $image =~ $pattern ]] || usage "found '$image', expected the reference of an image"
  # Azure ML reuses a step while its image is called the same: `latest` would hide a new one.
  [[ ${image##*/} == *[:@]* && $image != *:latest ]] ||
    usage "found '$image', expected a digest or a tag of its own"
done
[ ! -e "$output" ] || usage "found '$output', expected a folder that is not there yet"

mkdir -p "$output/compute" "$output/data"
cp "$here"/*.yml "$output"
cp "$here"/compute/*.yml "$output/compute"
cp "$here"/data/* "$output/data"
for kind in cpu gpu; do
  sed -i "s|^image: .*|image: ${!kind}|" "$output/environment_$kind.yml"
done
