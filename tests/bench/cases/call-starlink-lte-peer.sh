# topic: a call of 50 packets a second beside four flows, links "starlink+lte": Debian's module over TCP, on the best link alone
# vm: icount
# module: peer
# timeout: 120
. /lab/cases/lib/links.sh

call_peer starlink-lte
