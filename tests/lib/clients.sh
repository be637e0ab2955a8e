# shellcheck shell=bash
# A server with many clients, each in its own namespace with two paths, and a network behind each client:
#
#   c1_$$  k1c 10.2.1.2 ---- 10.2.1.1 k1s \
#          l1c 10.3.1.2 ---- 10.3.1.1 l1s  \  s$$     tunnel 10.8.0.0/24
#   c2_$$  k2c 10.2.2.2 ---- 10.2.2.1 k2s  /          behind client N: 192.168.N.0/24
#          ...                     ...    /

clients_transport=mptcp
clients_ns() { printf 'c%s_%s\n' "$1" $$; }
# Addresses are fixed per client (see the ccd files).
clients_address() { printf '10.8.0.%s\n' $((10 + $1)); }

clients_open() {
	local i ns path net
	on_server sysctl -qw net.ipv4.ip_forward=1
	for ((i = 1; i <= $1; i++)); do
		ns=$(clients_ns "$i")
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		ip -n "$ns" addr add "192.168.$i.1/24" dev lo
		ip netns exec "$ns" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.tcp_orphan_retries=1
		net=2
		for path in k l; do
			ip link add "$path${i}c" netns "$ns" type veth peer name "$path${i}s" netns "$ns_server"
			ip -n "$ns" addr add "10.$net.$i.2/24" dev "$path${i}c"
			ip -n "$ns_server" addr add "10.$net.$i.1/24" dev "$path${i}s"
			ip -n "$ns" link set "$path${i}c" up
			ip -n "$ns_server" link set "$path${i}s" up
			net=$((net + 1))
		done
		# The second path is the client's to open; the server's addresses on it are not for everybody.
		ip -n "$ns" route add 10.2.0.0/16 via "10.2.$i.1"
		ip -n "$ns" mptcp limits set subflows 2 add_addr_accepted 0
		ip -n "$ns" mptcp endpoint add "10.3.$i.2" dev "l${i}c" subflow
		ip -n "$ns" rule add from "10.3.$i.2" table 3
		ip -n "$ns" route add default via "10.3.$i.1" table 3
	done
	ip -n "$ns_server" mptcp limits set subflows 2
}

clients_server() {
	local i lines peers=()
	mkdir -p "$LAB_DIR/ccd"
	for ((i = 1; i <= $1; i++)); do
		peers+=("c$i")
		printf '%s\n' "ifconfig-push $(clients_address "$i") 255.255.255.0" "iroute 192.168.$i.0 255.255.255.0" >"$LAB_DIR/ccd/c$i"
	done
	mapfile -t lines < <(openvpn_identity server "${peers[@]}")
	openvpn_start server "$ns_server" "$clients_transport" "${lines[@]}" "proto $(openvpn_proto "$clients_transport" server)" 'lport 1194' 'dh none' 'topology subnet' \
		'server 10.8.0.0 255.255.255.0' ${LAB_USERSPACE:+client-to-client} "client-config-dir $LAB_DIR/ccd" 'route 192.168.0.0 255.255.0.0' \
		'push "route 192.168.0.0 255.255.0.0"' 'keepalive 5 60' "${server_lines[@]}"
	wait_for 20 listening "$ns_server" 1194 "$clients_transport" || fail "OpenVPN server does not listen: $(openvpn_last server)"
}

clients_start() {
	local lines
	mapfile -t lines < <(openvpn_identity "c$1" server)
	openvpn_start "c$1" "$(clients_ns "$1")" "$clients_transport" "${lines[@]}" \
		"proto $(openvpn_proto "$clients_transport" client)" "remote 10.2.$1.1 1194" client nobind \
		'connect-retry 1' "${client_lines[@]}"
}

# clients_ready N...: these are offloaded, and reach the server through the tunnel.
clients_ready() {
	local i
	for i; do
		openvpn_ready "c$i"
		need_offload "$(clients_ns "$i")"
		need "client $i reaches the server" wait_for 20 ping_works "$(clients_ns "$i")" 10.8.0.1
	done
}
