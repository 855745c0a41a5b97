#!/usr/bin/env bash
# Makes localhost/gradstep-debian, a Debian 12 of packages, for machines that reach a mirror of
# Debian but no registry of images. Root only. The archive is kept in GRADSTEP_BASE_CACHE
# (/var/tmp/gradstep-base), where the next run finds it.
# usage: local-base.sh
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/engine.sh"
cache=${GRADSTEP_BASE_CACHE:-/var/tmp/gradstep-base}
archive=$cache/bookworm.tar
mkdir -p "$cache"

# The mirror of this machine, whichever Debian it runs; build.sh lends it to the steps of a build.
sources=/etc/apt/sources.list.d/debian.sources
[ -e "$sources" ] || sources=/etc/apt/sources.list
. /etc/os-release
mkdir -p "$cache/sources.list.d"
sed "s/\b$VERSION_CODENAME\b/bookworm/g" "$sources" >"$cache/sources.list.d/debian.${sources##*.}"

if ! [ -s "$archive" ]; then
  "$here/install-packages.sh" base
  # shellcheck disable=SC2016
  # usr-is-merged keeps perl out. The last two hooks leave no address of this machine in the image.
  mmdebstrap --mode=root --variant=minbase --format=tar --include=usr-is-merged,ca-certificates \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --aptopt='Acquire::Languages "none"' \
    --aptopt='Dir::Cache::pkgcache ""' --aptopt='Dir::Cache::srcpkgcache ""' \
    --customize-hook='rm -rf "$1"/etc/apt/sources.list* "$1"/var/cache/apt/*.bin "$1"/var/log/apt' \
    --customize-hook='rm -rf "$1"/var/log/*.log "$1"/var/cache/ldconfig/aux-cache' \
    --customize-hook='rm -rf "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old' \
    --customize-hook='mkdir -p "$1"/etc/apt/sources.list.d; : >"$1"/etc/resolv.conf' \
    --customize-hook='echo localhost >"$1"/etc/hostname' \
    bookworm "$archive.new" "$cache/sources.list.d/debian.${sources##*.}" \
    >"$cache/log" 2>&1 </dev/null || { tail "$cache/log" >&2; exit 1; }
  mv "$archive.new" "$archive"
fi
"$engine" image inspect localhost/gradstep-debian >/dev/null 2>&1 ||
  "$engine" import --change 'CMD ["/bin/bash"]' "$archive" localhost/gradstep-debian >/dev/null
