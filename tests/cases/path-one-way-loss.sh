# topic: all that comes on one of two paths is lost at the server for 12 s; an upload that begins then is never slow for more than a second
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/oneway.sh

# tests/run --set ONEWAY_TRIES=20 --timeout 900 has more of them.
tries=${ONEWAY_TRIES:-2} most=1
topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms 100
path_shape 2 20mbit 10ms 100
iperf_serve "$ns_server"
for ((try = 1; try <= tries; try++)); do
	openvpn_many_server mptcp
	openvpn_many_client mptcp
	need_offload "$ns_client" "$ns_server"
	oneway_try "try-$try"
	expect "longest time below 80 % of the other path (s)" "$below" '<=' $most
	iperf_ended "$ns_server"
	openvpn_stop client
	openvpn_stop server
done
