# topic: one TCP flow through a tunnel of this module over MPTCP and UDP, with two processors
# timeout: 60
. /lab/cases/lib/bench.sh

topology_open 1
iperf_serve "$ns_server"
flow_over_each two. ours mptcp udp
