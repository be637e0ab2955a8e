# topic: a single TCP flow gets the sum of two paths, less the headers of the tunnel; a cut path is a short gap
# kernels: first
# vm: icount
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/cut.sh

# Of every record of 2 + 24 + MTU bytes, MTU - 52 are payload of a TCP flow inside (IPv4, timestamps).
# share MTU: what headers leave of the plain stream's goodput.
share() { awk "BEGIN { print ($1 - 52) / ($1 + 26) }"; }

# tunnel MTU: goodput of one flow in each direction, in $up and $down.
tunnel() {
	server_lines=("tun-mtu $1") client_lines=("tun-mtu $1")
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	wait_for 10 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflow"
	# The newest iperf3 does not count what is under way at the end: the queues fill first.
	iperf_run "up-$1" "$ns_client" "$tun_server" 10 -O 3
	up=$mbit
	iperf_run "down-$1" "$ns_client" "$tun_server" 10 -O 3 -R
	down=$mbit
}

topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms
path_shape 2 20mbit 10ms
iperf_serve "$ns_server" mptcpize run
IPERF_WRAPPER='mptcpize run' iperf_run plain "$ns_client" 10.1.1.1 10
plain=$mbit
note "plain MPTCP on both paths: $plain Mbit/s"

tunnel 9000
expect "one flow up, tunnel MTU 9000 (Mbit/s)" "$up" '>=' 36
note "one flow down, tunnel MTU 9000: $down Mbit/s"
openvpn_stop client
openvpn_stop server

tunnel 1500
least=$(awk "BEGIN { print 0.95 * $plain * $(share 1500) }")
expect "one flow up, tunnel MTU 1500 (Mbit/s), headers leave $(awk "BEGIN { print $plain * $(share 1500) }")" "$up" '>=' "$least"
note "one flow down, tunnel MTU 1500: $down Mbit/s"

# What userspace OpenVPN over MPTCP shows in the same machine, see baseline-userspace.
gap_after path_down path_up
expect "longest gap, link down (s)" "$gap" '<=' 0.95
wait_for 30 has_subflows "$ns_client" 2 || fail "no second subflow after the first cut"
gap_after path_blackhole path_heal
expect "longest gap, silent blackhole (s)" "$gap" '<=' 0.75
