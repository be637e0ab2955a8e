# topic: an upload after all that came on one of two paths was lost for 12 s: plain MPTCP, and OpenVPN without offload
# vm: icount
# module: none
# timeout: 480
. /lab/cases/lib/oneway.sh

oneway_open
oneway_tunnel userspace

# Small records and then the upload in one stream, which has gone through the loss.
connect() { echo_serve mptcp 0.0.0.0; }
oneway_idle() {
	helper ip netns exec "$ns_client" python3 "$bench/probe.py" send mptcp 10.1.1.1 7000 0.2 172 0 8 >"$1"
	load=$helper
}
oneway_upload() {
	kill -USR1 "$echo"
	kill -INT "$load"
}
disconnect() { helper_stop "$echo"; }
oneway_counters=(/sys/class/net/p{1,2}s/statistics/rx_bytes)
oneway_tries mptcp
