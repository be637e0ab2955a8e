# topic: a call of 50 packets a second beside four flows, links "fiber+lte": a tunnel of this module
# vm: icount
# timeout: 120
. /lab/cases/lib/links.sh

call_ours fiber-lte
