#!/usr/bin/env bash
# Makes the image localhost/gradstep-debian, a Debian 12 of packages, for machines that reach a
# mirror of Debian but no registry of images: on Debian, as root, with podman. Its archive is kept
# for a week in ~/.cache/gradstep.
# usage: local-base.sh
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/engine.sh"
. /etc/os-release
[ "$engine" = podman ] && [ "$ID" = debian ] && [ "$(id -u)" -eq 0 ] ||
  { echo "A local base needs podman, Debian and root." >&2; exit 1; }
archive=$local_base_cache/bookworm.tar
mkdir -p "$local_base_cache/sources.list.d"

# The mirror of this machine, whichever Debian it runs; build.sh lends it to the steps of a build.
sources=/etc/apt/sources.list.d/debian.sources
[ -e "$sources" ] || sources=/etc/apt/sources.list
lent=$local_base_cache/sources.list.d/debian.${sources##*.}
sed "s/\b$VERSION_CODENAME\b/bookworm/g; s/archive-keyring\.pgp/archive-keyring.gpg/" \
  "$sources" >"$lent"

find "$archive" -mtime +7 -delete 2>/dev/null || true
if ! [ -s "$archive" ]; then
  "$here/install-packages.sh" base
  # shellcheck disable=SC2016
  # usr-is-merged keeps perl out. The last two hooks leave no address of this machine in the image.
  mmdebstrap --mode=root --variant=minbase --format=tar --include=usr-is-merged \
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
    bookworm "$archive.new" "$lent" >"$archive.log" 2>&1 </dev/null ||
    { tail "$archive.log" >&2; exit 1; }
  mv "$archive.new" "$archive"
  podman rmi --force "$local_base" >/dev/null 2>&1 || true
fi
podman image exists "$local_base" ||
  podman import --change 'CMD ["/bin/bash"]' "$archive" "$local_base" >/dev/null
