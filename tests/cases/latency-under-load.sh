# topic: other packets pass the queue of a saturating upload: a ping, and a call beside four flows
# kernels: first
# vm: clock
# timeout: 180
. /lab/lib/lab.sh

# The links themselves, with buffers of 40 packets, make a ping beside plain MPTCP take some 45 ms.
topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms 40
path_shape 2 20mbit 10ms 40
iperf_serve "$ns_server"
server_lines=('tun-mtu 1500') client_lines=('tun-mtu 1500')
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
wait_for 10 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflow"

# upload NAME FLOWS SIZE: pings beside so many flows, while the queues are full: neither pings nor goodput have the start.
# Fifty a second, as a call has packets: the slowest of a hundred are several then.
upload() {
	local load before
	before=$(path_bytes 1 up)
	helper iperf_run "$1" "$ns_client" "$tun_server" 9 -O 3 -P "$2"
	load=$helper
	wait_for 30 path_carried 1 up "$before" 6000000 || fail "the upload does not get going"
	ping_start "$LAB_DIR/ping-$1" "$ns_client" "$tun_server" 0.02 -s "$3"
	wait "$load" || fail "the upload broke off"
	ping_stop
	mbit=$(iperf_mbit "$1")
}
# A ping through the full links takes 45 ms; the rest is what the tunnel and the scheduler of 6.1 add.
mean=55 p99=70
upload one 1 56
expect 'goodput of one flow (Mbit/s)' "$mbit" '>=' 34.5
expect 'ping beside it, mean (ms)' "$(ping_mean "$LAB_DIR/ping-one")" '<=' "$mean"
expect 'ping beside it, 99 of 100 (ms)' "$(ping_p99 "$LAB_DIR/ping-one")" '<=' "$p99"

upload call 4 160
expect 'a call beside four flows: packets lost' "$(ping_lost "$LAB_DIR/ping-call")" '==' 0
expect 'a call beside four flows, 99 of 100 (ms)' "$(ping_p99 "$LAB_DIR/ping-call")" '<=' 100
