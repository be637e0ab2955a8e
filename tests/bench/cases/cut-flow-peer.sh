# topic: the rate of a download while the path is cut and comes back: Debian's module over TCP
# vm: icount
# module: peer
# timeout: 180
. /lab/cases/lib/bench.sh

peer_load
topology_open 2
path_shape 1 20mbit 10ms 100
tunnel peer tcp
iperf_serve "$ns_server"
cut_flow peer "$tun_server"
