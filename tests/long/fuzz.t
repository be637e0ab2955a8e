#!/bin/bash
# What comes from the network, fuzzed for FUZZ_SECONDS (default 600); inputs that crash are kept.
set -uo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${FUZZ_SECONDS:-600}
build=${XDG_CACHE_HOME:-$HOME/.cache}/ovpn-dco-mptcp/unit
echo 1..1
if make -C "$tests/unit" BUILD="$build" SECONDS_EACH="$seconds" fuzz 2>&1 | sed 's/^/# /'; then
	echo "ok 1 - framing and header fields, $seconds s"
else
	echo "not ok 1 - framing and header fields: see $build/crashes"
	exit 1
fi
