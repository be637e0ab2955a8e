#!/bin/bash
# Real daemons through the tunnel. Their packages are in the machines of this test alone.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
packages=(bird2 libssh-4 libreadline8t64 avahi-daemon libavahi-common3 libavahi-core7 libdaemon0 libdbus-1-3 libexpat1)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && "$tests/host" download "${packages[@]}")
with=()
for deb in "$dir"/*.deb; do with+=(--with "$deb"); done
"$tests/run" --cases "$tests/long/cases" --kernel "${DAEMONS_KERNELS:-6.1,newest}" --jobs 1 "${with[@]}" daemons
