# topic: other packets pass the queue of a saturating upload: a ping, and a call beside four flows
# vm: icount
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

# upload NAME FLOWS INTERVAL SIZE: pings beside so many flows.
upload() {
	ping_start "$LAB_DIR/ping-$1" "$ns_client" "$tun_server" "$3" -s "$4"
	iperf_run "$1" "$ns_client" "$tun_server" 15 -O 3 -P "$2"
	ping_stop
}
# The scheduler of 6.1 gives one path more before it looks at the other again.
case $(uname -r) in
6.1.*) mean=75 ;;
*) mean=60 ;;
esac
upload one 1 0.1 56
expect 'goodput of one flow (Mbit/s)' "$mbit" '>=' 34.5
expect 'ping beside it, mean (ms)' "$(ping_mean "$LAB_DIR/ping-one")" '<=' "$mean"
expect 'ping beside it, 99 of 100 (ms)' "$(ping_percentile "$LAB_DIR/ping-one" 99)" '<=' 90

upload call 4 0.02 160
expect 'a call beside four flows: packets lost' "$(ping_lost "$LAB_DIR/ping-call")" '==' 0
expect 'a call beside four flows, 99 of 100 (ms)' "$(ping_percentile "$LAB_DIR/ping-call" 99)" '<=' 90
