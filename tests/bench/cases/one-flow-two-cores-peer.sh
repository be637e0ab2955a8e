# topic: one TCP flow through a tunnel of the module that Debian has, over TCP and UDP, with two processors
# module: peer
# timeout: 60
. /lab/cases/lib/bench.sh

peer_load
topology_open 1
iperf_serve "$ns_server"
flow_over_each two. peer tcp udp
