# topic: the rate of a download while one of two paths is cut and comes back: plain MPTCP, and a tunnel of this module
# vm: icount
# timeout: 180
. /lab/cases/lib/bench.sh

topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms 100
path_shape 2 20mbit 10ms 100
iperf_serve "$ns_server" mptcpize run
tunnel ours mptcp
need_paths 2
cut_flow ours "$tun_server"
tunnel_end
cut_flow mptcp 10.1.1.1 'mptcpize run'
