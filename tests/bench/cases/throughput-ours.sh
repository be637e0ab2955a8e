# topic: one TCP flow through a tunnel of this module over MPTCP, TCP and UDP, one unshaped path; the ping when idle
# vm: icount
# timeout: 120
. /lab/cases/lib/bench.sh

topology_open 1
iperf_serve "$ns_server"
read -ra transports <<<"${BENCH_TRANSPORTS:-mptcp tcp udp}"
for transport in "${transports[@]}"; do
	tunnel ours "$transport"
	idle_ping "ours-$transport"
	throughput "ours-$transport" "$tun_server"
	tunnel_end
done
[ -z "${BENCH_TRANSPORTS:-}" ] || exit 0
tunnel ours mptcp 'tun-mtu 9000'
throughput ours-mptcp-9000 "$tun_server"
