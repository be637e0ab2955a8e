# topic: one flow and pings beside it, links "jitter": Debian's module over TCP, on the best link alone
# vm: icount
# module: peer
# timeout: 120
. /lab/cases/lib/links.sh

links_peer jitter
