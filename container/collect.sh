#!/usr/bin/env bash
# Copies files with the libraries they need into a folder that becomes the root of an image, and
# notes the Debian packages they come from: their licences in usr/share/doc, their versions in
# var/lib/dpkg/status.d, where scanners of images look. Runs in the build stage (Dockerfile).
# usage: collect.sh ROOT packages NAME...  whole packages, but for manuals and translations, and
#                                          the libraries that their programs need
#        collect.sh ROOT alone PATH...     files, at their own paths, without libraries
#        collect.sh ROOT programs          what the programs in ROOT need: the driver, colours and
#                                          font of the pictures, certificates, and all libraries
#                                          but glibc in usr/local/lib/gradstep, so that ROOT goes
#                                          onto any base that is no older than this one
set -euo pipefail
root=$1 what=$2
shift 2
manuals='^/usr/share/(man|info|locale|lintian|doc-base|menu|bug|bash-completion)/'
list=$(mktemp)
trap 'rm -f "$list"' EXIT
mkdir -p "$root"

real_folder() { echo "$(realpath "$(dirname "$1")")/$(basename "$1")"; }  # /lib is a link to usr/lib

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
    [ ! -f "$file" ] || { ldd "$file" 2>/dev/null || true; }
  done | sed -nE 's/^.* => (\/[^ ]*) .*$/\1/p; s/^\s(\/[^ ]*) .*$/\1/p' | sort -u
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
  sort -u "$list" | grep -vE "$manuals|^/usr/share/doc/" |
    tar -C / -c --no-recursion --files-from=- 2>/dev/null |
    tar -C "$root" -x --keep-directory-symlink
  local path
  while read -r path; do
    [ -d "$path" ] || note "$(package_of "$path")"
  done < <(sort -u "$list" | grep -vE "$manuals|^/usr/share/doc/")
}

case $what in
  packages)
    for name in "$@"; do
      note "$name"
      dpkg-query -L "$name" | sed -E '/^\/\.$/d; s#^/(bin|sbin|lib|lib64)(/|$)#/usr/\1\2#' >>"$list"
    done
    mapfile -t files <"$list"
    for library in $(libraries_of "${files[@]}"); do chain "$library" >>"$list"; done
    copy ;;
  alone)
    for path in "$@"; do chain "$path" >>"$list"; done
    copy ;;
  programs)
    "$0" "$root" alone /usr/lib/*/plplot5*/drivers/cairo.* /usr/share/plplot5*/cmap?_default.pal \
      /usr/share/plplot5*/pl{st,xt}nd5.fnt /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /etc/ssl/certs/ca-certificates.crt
    install -D -m 644 "$(dirname "$0")/fonts.conf" "$root/etc/fonts/fonts.conf"
    mapfile -t files < <(find "$root/usr" -type f)
    for library in $(libraries_of "${files[@]}"); do
      package=$(package_of "$(real_folder "$library")")
      [ "$package" != libc6 ] && [ -n "$package" ] || continue
      cp -L --no-clobber "$library" "$root/usr/local/lib/gradstep/"
      note "$package"
    done
    # Their headers are compiled into the programs.
    for name in libcli11-dev libeigen3-dev libfast-float-dev nlohmann-json3-dev; do
      note "$name"
    done ;;
  *) sed -n '5,12s/^# //p' "$0" >&2; exit 2 ;;
esac
