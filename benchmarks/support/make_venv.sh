# shellcheck shell=bash
# To be sourced in the repository's root.

make_venv() {  # make_venv FOLDER PINS
  tests/make-venv.sh "$1" "$2" >&2 || {
    # One that cannot be installed here is N/A in the tables; the others still run.
    while read -r pin; do
      [[ $pin =~ ^(#|$) ]] || "$1/bin/pip" install --quiet --no-deps "$pin" ||
        echo "Not installed: $pin" >&2
    done <"$2"
    cp "$2" "$1/requirements.txt"
  }
}
