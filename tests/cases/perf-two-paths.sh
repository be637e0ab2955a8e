# topic: a single TCP flow gets the sum of two paths, less the headers of the tunnel, up and down
# kernels: first
# vm: icount
# timeout: 120
. /lab/lib/lab.sh

# Of every record of 2 + 24 + MTU bytes, MTU - 52 are payload of a TCP flow inside (IPv4, timestamps).
# share MTU: what headers leave of the plain stream's goodput.
share() { awk "BEGIN { print ($1 - 52) / ($1 + 26) }"; }

# tunnel MTU
tunnel() {
	server_lines=("tun-mtu $1") client_lines=("tun-mtu $1")
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	wait_for 10 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflow"
}
# flow NAME [OPTIONS]: goodput of one flow; the newest iperf3 does not count what is under way at the end, so the queues fill first.
flow() { iperf_run "$1" "$ns_client" "$tun_server" 10 -O 3 "${@:2}"; }

topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms
path_shape 2 20mbit 10ms
iperf_serve "$ns_server" mptcpize run
IPERF_WRAPPER='mptcpize run' iperf_run plain "$ns_client" 10.1.1.1 10
plain=$mbit
note "plain MPTCP on both paths: $plain Mbit/s"

tunnel 9000
flow large
expect "one flow up, tunnel MTU 9000 (Mbit/s)" "$mbit" '>=' 36
openvpn_stop client
openvpn_stop server

tunnel 1500
least=$(awk "BEGIN { print 0.95 * $plain * $(share 1500) }")
flow up
up=$mbit
expect "one flow up, tunnel MTU 1500 (Mbit/s), headers leave $(awk "BEGIN { print $plain * $(share 1500) }")" "$up" '>=' "$least"
iperf_ended "$ns_server"
flow down -R
expect "one flow down, tunnel MTU 1500 (Mbit/s)" "$mbit" '>=' "$(awk "BEGIN { print 0.9 * $up }")"
