# topic: the larger the tunnel's MTU the faster it is, without a cliff; no packet of the path is a fragment, over IPv4 and IPv6; nor over UDP, where TCP inside is told what fits
# kernels: first
# vm: clock
# timeout: 180
. /lab/lib/lab.sh

# fragments NS: what datagrams have been cut into there, since the namespace was made.
fragments() {
	ip netns exec "$1" cat /proc/net/snmp /proc/net/snmp6 | awk '
		$1 == "Ip:" && !column { for (i = 2; i <= NF; i++) if ($i == "FragCreates") column = i; next }
		$1 == "Ip:" { n += $column }
		$1 == "Ip6FragCreates" { n += $2; seen = 1 }
		END { print column && seen ? n : -1 }'
}

# tunnel_mtu BYTES: at both ends.
tunnel_mtu() {
	on_client ip link set tun0 mtu "$1"
	on_server ip link set tun0 mtu "$1"
}

# flow WHAT LEAST [OPTIONS]: a second of one, which has so many Mbit/s at least.
flow() {
	iperf_run "$OVPN_FAMILY-${1//[, ]/-}" "$ns_client" "$tun_server" 1 "${@:3}"
	iperf_ended "$ns_server"
	expect "IPv$OVPN_FAMILY outside, $1 (Mbit/s)" "$mbit" '>=' "$2"
}

# speeds: of a flow up at each MTU, none below nine tenths of what a smaller one had.
speeds() {
	local mtu best=0
	for mtu; do
		tunnel_mtu "$mtu"
		flow "tunnel MTU $mtu" "$(awk "BEGIN { print 0.9 * $best }")"
		best=$(awk "BEGIN { print ($best > $mbit) ? $best : $mbit }")
	done
}

topology_open 1
iperf_serve "$ns_server"
for OVPN_FAMILY in 4 6; do
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	if [ "$OVPN_FAMILY" = 4 ]; then
		speeds 576 1500 9000
		least=500 few=()
	else
		# full packets, as many as it takes to see fragments
		least=45 few=(-b 50M)
		flow 'tunnel MTU 1500' $least "${few[@]}"
	fi
	openvpn_stop client
	openvpn_stop server

	# Full segments of a tunnel with the default MTU, 1500, would not fit.
	openvpn_p2p udp udp
	need_offload "$ns_client" "$ns_server"
	flow 'UDP, up' $least "${few[@]}"
	flow 'UDP, down' $least "${few[@]}" -R
	openvpn_stop client
	openvpn_stop server
done
for ns in "$ns_client" "$ns_server"; do expect "fragments made in $ns" "$(fragments "$ns")" '==' 0; done
