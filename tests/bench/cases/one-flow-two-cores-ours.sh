# topic: one TCP flow through a tunnel of this module over MPTCP and UDP, with two processors
# timeout: 60
. /lab/cases/lib/bench.sh

topology_open 1
iperf_serve "$ns_server"
for transport in mptcp udp; do
	tunnel ours $transport
	throughput two.ours-$transport "$tun_server"
	tunnel_end
done
