# topic: one TCP flow through a tunnel of OpenVPN without offload over MPTCP, one unshaped path
# vm: icount
# module: none
# timeout: 60
. /lab/cases/lib/bench.sh

topology_open 1
iperf_serve "$ns_server"
tunnel userspace mptcp
idle_ping userspace-mptcp
throughput userspace-mptcp "$tun_server"
