#!/usr/bin/env bash
# Makes a Python environment of pinned packages, unless it is there already.
# usage: make-venv.sh FOLDER REQUIREMENTS
set -euo pipefail
[ $# -eq 2 ] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }
! cmp -s "$2" "$1/requirements.txt" || exit 0
echo "Making $1 from $2"
python3 -m venv --clear "$1"
"$1/bin/pip" install --quiet --disable-pip-version-check --no-compile -r "$2"
cp "$2" "$1/requirements.txt"
