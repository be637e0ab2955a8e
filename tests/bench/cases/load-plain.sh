# topic: ping and a call beside saturating uploads, two paths of 20 Mbit/s with buffers of 40 packets: plain MPTCP, no tunnel
# vm: icount
# module: none
# timeout: 240
. /lab/cases/lib/bench.sh

topology_open 2
topology_endpoints
thin_paths
iperf_serve "$ns_server" mptcpize run
under_load mptcp 10.1.1.1 'mptcpize run'
