# topic: records over UDP that need no fragmentation go through the stack together, and arrive unchanged
# kernels: first
. /lab/lib/lab.sh

# joined FILE: how many packets of more than one record were seen leaving.
joined() { awk '/length/ { n = $NF + 0; if (n > 1500) many++ } END { print many + 0 }' "$1"; }
has_joined() { [ "$(joined "$1")" -gt 0 ]; }

# passes FAMILY: a transfer each way over outer addresses of that family, watched on the client's link.
passes() {
	local file=$LAB_DIR/seen-$1 watcher
	OVPN_FAMILY=$1 openvpn_p2p udp udp
	need_offload "$ns_client" "$ns_server"
	helper ip netns exec "$ns_client" tcpdump -lnq -i p1c --direction=out "udp port 1194" >"$file" 2>"$file.err"
	watcher=$helper
	wait_for 10 grep -q listening "$file.err" || fail "tcpdump does not start: $(cat "$file.err")"
	transfer "$ns_client" "$ns_server" "$tun_server" 4000000
	need "IPv$1: records leave together" wait_for 5 has_joined "$file"
	transfer "$ns_server" "$ns_client" "$tun_client" 4000000
	# What the network card would do, the stack does.
	on_client ethtool -K p1c tx-udp-segmentation off >/dev/null
	transfer "$ns_client" "$ns_server" "$tun_server" 4000000
	on_client ethtool -K p1c tx-udp-segmentation on >/dev/null
	helper_stop "$watcher"
	openvpn_stop client
	openvpn_stop server
}

topology_open 1
server_lines=('tun-mtu 1400') client_lines=('tun-mtu 1400')
passes 4
passes 6
