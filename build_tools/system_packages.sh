#!/usr/bin/env bash
# The Debian packages that the tests need. Installs them when run as root, else names them and stops.
set -euo pipefail
packages=(chromium firefox-esr coturn iperf3 iproute2 iptables irtt janus libasound2-plugins libportaudio2 nginx-light poppler-utils postgresql prometheus pulseaudio systemd)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  printf '\nvisiohub: the tests need Debian packages that are not here.\n  remedy: sudo apt-get install %s\n\n' "${missing[*]}" >&2
  exit 3
fi
echo "visiohub: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
