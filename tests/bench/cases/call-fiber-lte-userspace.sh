# topic: a call of 50 packets a second beside four flows, links "fiber+lte": OpenVPN without offload
# vm: icount
# module: none
# timeout: 120
. /lab/cases/lib/links.sh

call_userspace fiber-lte
