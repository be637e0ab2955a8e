# topic: ping and a call beside saturating uploads, two paths of 20 Mbit/s with buffers of 40 packets: OpenVPN without offload
# vm: icount
# module: none
# timeout: 240
. /lab/cases/lib/bench.sh

topology_open 2
topology_endpoints
thin_paths
tunnel userspace mptcp
need_paths 2
iperf_serve "$ns_server"
under_load userspace "$tun_server"
