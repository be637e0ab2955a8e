# topic: one TCP and one MPTCP flow without a tunnel, one unshaped path; the ping when idle
# vm: icount
# module: none
# timeout: 60
. /lab/cases/lib/bench.sh

topology_open 1
iperf_serve "$ns_server" mptcpize run
idle_ping plain 10.1.1.1
throughput tcp 10.1.1.1
throughput mptcp 10.1.1.1 'mptcpize run'
