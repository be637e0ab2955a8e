#!/bin/bash
# Does the kernel that should notice races notice one? The sources get a counter that the sender and the receiver add to, without
# an agreement.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$tests/../Makefile" "$tests/../dkms.conf" "$tests/../src" "$work"
sed -i -e '/^netdev_tx_t ovpn_net_xmit/i unsigned long ovpn_planted_race;' \
	-e '/queued = queue_for_peer(ovpn, skb);/i ovpn_planted_race++;' -e '/batch->link_packets++;/i ovpn_planted_race++;' "$work/src/io.c"

echo 1..2
if [ "$(grep -c planted_race "$work/src/io.c")" = 3 ]; then echo 'ok 1 - there is a race'; else echo 'not ok 1 - there is a race'; fi
# It fails if all is well.
{ "$tests/run" --kernel kcsan-7.3 --jobs 1 --sources "$work" mptcp-two-paths || test $? = 1; } | sed 's/^/# /' | tee "$work/out"
if grep -q 'failed: kernel log: .*KCSAN: .*\(ovpn_net_xmit\|ovpn_rx_packet\)' "$work/out"; then
	echo 'ok 2 - it is reported'
else
	echo 'not ok 2 - it is reported'
fi
