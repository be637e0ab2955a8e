# topic: ping and a call beside saturating uploads, one path of 20 Mbit/s with a buffer of 40 packets: Debian's module over TCP
# vm: icount
# module: peer
# timeout: 240
. /lab/cases/lib/bench.sh

peer_load
topology_open 1
thin_paths
tunnel peer tcp
iperf_serve "$ns_server"
under_load peer "$tun_server"
