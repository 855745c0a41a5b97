#!/usr/bin/env bash
# Copies files with the libraries they need into a folder that becomes the root of an image, and
# notes the Debian packages they come from: their licences in usr/share/doc, their versions in
# var/lib/dpkg/status.d, where scanners of images look. Runs in the build stage (Dockerfile).
# usage: collect.sh ROOT packages NAME...  whole packages, but for manuals and translations, and
#                                          the libraries that their programs need
#        collect.sh ROOT alone PATH...     files, at their own paths, without libraries
#        collect.sh ROOT notes NAME...     the notes alone
#        collect.sh ROOT programs          what the programs in ROOT need: the driver, colours and
#                                          font of the pictures, certificates, and all libraries
#                                          but glibc in usr/local/lib/gradstep, so that ROOT goes
#                                          onto any base that is no older than this one
set -euo pipefail
root=$1 what=$2
shift 2
manuals='^/usr/share/(man|info|locale|lintian|doc|doc-base|menu|bug|bash-completion)/'
list=$(mktemp)
trap 'rm -f "$list" "$list".*' EXIT
mkdir -p "$root"

# real_folder PATH: /usr/lib/x for /lib/x
real_folder() { echo "$(realpath "$(dirname "$1")")/$(basename "$1")"; }

chain() {  # chain PATH: the path, and the target of each link on the way
  local path link
  path=$(real_folder "$1")
  echo "$path"
  while [ -L "$path" ]; do
    link=$(readlink "$path")
    [[ $link = /* ]] || link=$(dirname "$path")/$link
    path=$(real_folder "$link")
    echo "$path"
  done
}

libraries_of() {  # libraries_of FILE...: the paths of what they are linked to, themselves not
  local file
  for file in "$@"; do
    [ ! -f "$file" ] || LC_ALL=C ldd "$file" 2>/dev/null || true  # most files are no programs
  done >"$list.ldd"
  ! grep 'not found' "$list.ldd" >&2 || return 1
  sed -nE 's/^.* => (\/[^ ]*) .*$/\1/p; s/^\s(\/[^ ]*) .*$/\1/p' "$list.ldd" | sort -u
}

package_of() {  # package_of PATH: nothing for a file that no package owns
  { dpkg-query -S "$1" || dpkg-query -S "${1#/usr}"; } 2>/dev/null |
    sed -nE '1s/^([^:,]+).*$/\1/p' || true
}

note() {  # note PACKAGE: its licence, and the fields of its status
  local status=$root/var/lib/dpkg/status.d/$1
  [ -n "$1" ] && [ ! -e "$status" ] || return 0
  mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc/$1"
  dpkg-query -s "$1" | sed '/^Conffiles:/,/^[^ ]/{/^Conffiles:/d;/^ /d}' >"$status"
  cp -L "/usr/share/doc/$1/copyright" "$root/usr/share/doc/$1/"
}

copy() {  # copies the paths in the list, each link with its target
  local path
  sort -u "$list" | grep -vE "$manuals" >"$list.kept"
  sed 's#^/##' "$list.kept" | tar -C / -c --no-recursion --files-from=- |
    tar -C "$root" -x --keep-directory-symlink
  while read -r path; do
    [ -d "$path" ] || note "$(package_of "$path")"
  done <"$list.kept"
}

case $what in
  packages)
    for name in "$@"; do
      note "$name"
      dpkg-query -L "$name" |
        sed -E '/^\/\.$/d; s#^/(bin|sbin|lib|lib64)(/|$)#/usr/\1\2#' >>"$list"
    done
    mapfile -t files <"$list"
    libraries=$(libraries_of "${files[@]}")
    for library in $libraries; do chain "$library" >>"$list"; done
    copy ;;
  alone)
    for path in "$@"; do chain "$path" >>"$list"; done
    copy ;;
  notes)
    for name in "$@"; do note "$name"; done ;;
  programs)
    "$0" "$root" alone /usr/lib/*/plplot5*/drivers/cairo.* /usr/share/plplot5*/cmap?_default.pal \
      /usr/share/plplot5*/pl{st,xt}nd5.fnt /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf \
      /etc/ssl/certs/ca-certificates.crt
    install -D -m 644 "$(dirname "$0")/fonts.conf" "$root/etc/fonts/fonts.conf"
    mapfile -t files < <(find "$root/usr" -type f)
    libraries=$(libraries_of "${files[@]}")
    for library in $libraries; do
      package=$(package_of "$(real_folder "$library")")
      own=$root/usr/local/lib/gradstep/${library##*/}
      [ "$package" != libc6 ] && [ ! -e "$own" ] || continue
      [ -n "$package" ] || { echo "$library is of no package" >&2; exit 1; }
      cp -L "$library" "$own"
      note "$package"
    done
    # Made of a package's files, or compiled into the programs from its headers.
    for name in ca-certificates libcli11-dev libeigen3-dev libfast-float-dev nlohmann-json3-dev; do
      note "$name"
    done ;;
  *) sed -n '5,13s/^# //p' "$0" >&2; exit 2 ;;
esac
