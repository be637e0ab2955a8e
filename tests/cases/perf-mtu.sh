# topic: the larger the tunnel's MTU the faster it is, without a cliff; no packet of the path is a fragment, over IPv4 and IPv6; nor over UDP, where TCP inside is told what fits
# kernels: first
# vm: icount
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

# speeds: of a flow up at each MTU, none below nine tenths of what a smaller one had.
speeds() {
	local mtu best=0
	for mtu; do
		tunnel_mtu "$mtu"
		iperf_run "$OVPN_FAMILY-$mtu" "$ns_client" "$tun_server" 1
		iperf_ended "$ns_server"
		expect "IPv$OVPN_FAMILY outside, tunnel MTU $mtu (Mbit/s)" "$mbit" '>=' "$(awk "BEGIN { print 0.9 * $best }")"
		best=$(awk "BEGIN { print ($best > $mbit) ? $best : $mbit }")
	done
}

# slowly NAME [OPTIONS]: full packets, few of them: enough to see fragments.
slowly() {
	iperf_run "$1" "$ns_client" "$tun_server" 1 -b 50M "${@:2}"
	expect "$1 (Mbit/s)" "$mbit" '>=' 45
	iperf_ended "$ns_server"
}

topology_open 1
iperf_serve "$ns_server"
for OVPN_FAMILY in 4 6; do
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	if [ "$OVPN_FAMILY" = 4 ]; then speeds 576 1500 9000; else slowly "$OVPN_FAMILY-up"; fi
	openvpn_stop client
	openvpn_stop server

	# Full segments of a tunnel with the default MTU, 1500, would not fit.
	openvpn_p2p udp udp
	need_offload "$ns_client" "$ns_server"
	if [ "$OVPN_FAMILY" = 4 ]; then
		iperf_run udp-up "$ns_client" "$tun_server" 1
		expect "IPv4 outside, UDP, up (Mbit/s)" "$mbit" '>=' 500
		iperf_ended "$ns_server"
		iperf_run udp-down "$ns_client" "$tun_server" 1 -R
		expect "IPv4 outside, UDP, down (Mbit/s)" "$mbit" '>=' 500
		iperf_ended "$ns_server"
	else
		slowly udp-6-up
		slowly udp-6-down -R
	fi
	openvpn_stop client
	openvpn_stop server
done
for ns in "$ns_client" "$ns_server"; do expect "fragments made in $ns" "$(fragments "$ns")" '==' 0; done
