# topic: ping and a call beside saturating uploads, two paths of 20 Mbit/s with buffers of 40 packets: a tunnel of this module
# vm: icount
# timeout: 240
. /lab/cases/lib/bench.sh

topology_open 2
topology_endpoints
thin_paths
tunnel ours mptcp
need_paths 2
iperf_serve "$ns_server"
under_load ours "$tun_server"
