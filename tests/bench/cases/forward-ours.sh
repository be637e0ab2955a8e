# topic: one TCP flow that a router forwards from a network into a tunnel of this module, over MPTCP, TCP and UDP
# vm: icount
# timeout: 120
. /lab/cases/lib/forward.sh

router_open
router_rates ours mptcp tcp udp
