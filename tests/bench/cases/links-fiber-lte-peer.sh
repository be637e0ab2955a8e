# topic: one flow and pings beside it, links "fiber+lte": Debian's module over TCP, on the best link alone
# vm: icount
# module: peer
# timeout: 120
. /lab/cases/lib/links.sh

links_peer fiber-lte
