# topic: one TCP flow through a tunnel of the module that Debian has, over TCP and UDP, one unshaped path; the ping when idle
# vm: icount
# module: peer
# timeout: 120
. /lab/cases/lib/bench.sh

peer_load
topology_open 1
iperf_serve "$ns_server"
read -ra transports <<<"${BENCH_TRANSPORTS:-tcp udp}"
for transport in "${transports[@]}"; do
	tunnel peer "$transport"
	idle_ping "peer-$transport"
	throughput "peer-$transport" "$tun_server"
	tunnel_end
done
