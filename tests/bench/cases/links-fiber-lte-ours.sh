# topic: one flow and pings beside it, links "fiber+lte": a tunnel of this module
# vm: icount
# timeout: 120
. /lab/cases/lib/links.sh

links_ours fiber-lte
