#!/bin/bash
# The data path in both directions, new keys, sockets and peers that come and go, on a kernel that notices races (see races-seen.t).
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# A machine has two processors, too.
exec "$tests/run" --kernel kcsan-7.3 --jobs 1 --set "STORM_SECONDS=${LONG_STORM:-300}" \
	mptcp-two-paths udp-offloaded openvpn-2.7 rekey-under-load link-del-under-load engine-framing engine-udp engine-set-sock \
	engine-peer-end engine-control-send engine-control-receive engine-many-peers engine-keepalive engine-storm
