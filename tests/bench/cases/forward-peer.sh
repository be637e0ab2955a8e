# topic: one TCP flow that a router forwards from a network into a tunnel of the module that Debian has, over TCP and UDP
# vm: icount
# module: peer
# timeout: 120
. /lab/cases/lib/forward.sh

peer_load
router_open
router_rates peer tcp udp
