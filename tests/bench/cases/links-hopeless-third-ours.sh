# topic: one flow and pings beside it, links "hopeless as a third link": a tunnel of this module
# vm: icount
# timeout: 120
. /lab/cases/lib/links.sh

links_ours hopeless-third
