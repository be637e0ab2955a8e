# topic: one flow and pings beside it, links "bloat": a tunnel of this module
# vm: icount
# timeout: 120
. /lab/cases/lib/links.sh

links_ours bloat
