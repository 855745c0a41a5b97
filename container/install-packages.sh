#!/usr/bin/env bash
# Installs the packages of container/packages/LIST that are missing. Debian 12 and 13, Ubuntu 24.04.
# usage: install-packages.sh LIST...
# GRADSTEP_PACKAGES=present: install nothing, the packages (of another distribution, say) are there.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
[ "${GRADSTEP_PACKAGES:-}" != present ] || exit 0

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/packages"
mapfile -t needed < <(grep -hv '^#' -- "$@")

refuse() {
  echo "$1" >&2
  echo "Needed, by their Debian 12 names: ${needed[*]}" >&2
  echo "Install them yourself, then run this again with GRADSTEP_PACKAGES=present." >&2
  exit 1
}
name=$(sed -n 's/^PRETTY_NAME="\(.*\)"$/\1/p' /etc/os-release 2>/dev/null) || true
command -v apt-get >/dev/null ||
  refuse "${name:-This system} has no apt-get: packages are installed on Debian 12, 13 and Ubuntu 24.04 only."

missing=()
for package in "${needed[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || true
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || refuse "Packages are missing (${missing[*]}), and this user is not root and has no sudo."
  as_root=(sudo)
fi
echo "Installing with apt-get: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 </dev/null
}
apt update || { cat "$log" >&2; refuse "apt-get update failed (see above)."; }
for package in "${missing[@]}"; do
  apt-cache show "$package" >/dev/null 2>&1 || refuse "$name has no package $package."
done
apt install --no-install-recommends "${missing[@]}" ||
  { tail -n 30 "$log" >&2; refuse "apt-get install failed (see above)."; }
