# topic: deleting the tunnel device under full load takes less than two seconds, at either end
# kernels: first
# vm: clock
# timeout: 120
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms
path_shape 2 20mbit 10ms
for ns in "$ns_client" "$ns_server"; do
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	iperf_serve "$ns_server"
	server_pid=$helper
	load_start "$ns_client" "$tun_server" --bidir
	before=$(path_bytes 1)
	wait_for 20 path_carried 1 both "$before" 2000000 || fail "no load"
	start=$(uptime_now)
	ip -n "$ns" link del tun0
	expect "seconds to delete" "$(awk "BEGIN { print $(uptime_now) - $start }")" '<' $((2 * LAB_SLOW))
	load_stop
	helper_stop "$server_pid"
	# OpenVPN 2.6 ends with a fatal error when its device is taken away; it must not hang.
	openvpn_finish client
	openvpn_finish server
done
