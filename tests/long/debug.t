#!/bin/bash
# The cases that go through everything the module takes and gives back, on a kernel that notices mistakes.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cases=("$tests"/cases/{engine-*,mptcp-two-paths,openvpn-2.7,rekey-under-load,link-del-under-load,rmmod-with-tunnels,udp-*,netlink-fuzz}.??)
cases=("${cases[@]##*/}")
# A machine has two processors, too.
exec "$tests/run" --kernel debug-6.12,debug-7.3 --jobs 1 --set "STORM_SECONDS=${LONG_STORM:-300}" \
	--set "FUZZ_NET_SECONDS=${LONG_FUZZ:-600}" "${cases[@]%.??}"
