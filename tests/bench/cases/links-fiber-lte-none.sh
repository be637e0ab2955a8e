# topic: one flow and pings beside it, links "fiber+lte": plain MPTCP, and OpenVPN without offload
# vm: icount
# module: none
# timeout: 240
. /lab/cases/lib/links.sh

links_none fiber-lte
