# topic: one flow and pings beside it, links "hopeless": a tunnel of this module, and keep at the client
# vm: icount
# timeout: 180
. /lab/cases/lib/links.sh

links_keep hopeless
