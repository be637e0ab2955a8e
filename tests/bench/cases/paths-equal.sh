# topic: one flow over two paths of 20 Mbit/s and 10 ms: plain MPTCP, and a tunnel of this module
# vm: icount
# timeout: 240
. /lab/cases/lib/bench.sh

topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms
path_shape 2 20mbit 10ms
iperf_serve "$ns_server" mptcpize run
both_ways equal.mptcp 10.1.1.1 'mptcpize run'
tunnel ours mptcp
need_paths 2
both_ways equal.ours "$tun_server"
