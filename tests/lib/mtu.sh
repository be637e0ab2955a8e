# shellcheck shell=bash
# The MTU tests: the same MTU outside and inside the tunnel.

mtu_case() {
	local mtu=$1 size
	topology_open 2
	topology_endpoints
	paths_mtu "$mtu"
	server_lines=("tun-mtu $mtu") client_lines=("tun-mtu $mtu")
	# IPv6 needs 1280.
	[ "$mtu" -ge 1280 ] || OVPN_INNER=4
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	[ "$(on_client cat /sys/class/net/tun0/mtu)" = "$mtu" ] || fail "tunnel MTU is $(on_client cat /sys/class/net/tun0/mtu)"
	for size in 1 100 $((mtu / 2)) $((mtu - 29)) $((mtu - 28)); do
		need "a packet of $((size + 28)) bytes passes" on_client ping -n -c 3 -i 0.2 -W 5 -M 'do' -s "$size" "$tun_server"
	done
	transfer "$ns_client" "$ns_server" "$tun_server" 4000000
	transfer "$ns_server" "$ns_client" "$tun_client" 4000000
}
