# topic: one TCP flow through a tunnel of the module that Debian has, over TCP and UDP, with two processors
# module: peer
# timeout: 60
. /lab/cases/lib/bench.sh

peer_load
topology_open 1
iperf_serve "$ns_server"
for transport in tcp udp; do
	tunnel peer $transport
	throughput two.peer-$transport "$tun_server"
	tunnel_end
done
