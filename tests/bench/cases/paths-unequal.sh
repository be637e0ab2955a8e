# topic: one flow over paths of 50 Mbit/s with 10 ms, 10 Mbit/s with 40 ms, then 2 Mbit/s with 300 ms, too
# vm: icount
# timeout: 600
. /lab/cases/lib/bench.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

# unequal KEY: the best path alone, plain MPTCP, a tunnel of this module.
unequal() {
	both_ways "$1.mptcp" 10.1.1.1 'mptcpize run'
	tunnel ours mptcp
	need_paths "$path_count"
	both_ways "$1.ours" "$tun_server"
	tunnel_end
}

topology_open 3
path_shape 1 50mbit 10ms 100
path_shape 2 10mbit 40ms 100
path_shape 3 2mbit 300ms 100
iperf_serve "$ns_server" mptcpize run
both_ways unequal.tcp 10.1.1.1
path_count=2
topology_endpoints
unequal unequal2
path_count=3
# The client's, where keep usually runs.
path_route 3
ip -n "$ns_client" mptcp endpoint add 10.1.3.2 dev p3c subflow
unequal unequal3

tunnel ours mptcp
need_paths 3
keep_start
need "keep has made the third path a backup" wait_for 20 keep_said slow
both_ways unequal3.keep "$tun_server"
tunnel_end
