# topic: one upload with cubic, bbr and reno on the links "hopeless": plain MPTCP, and a tunnel of this module beside keep
# vm: icount
# timeout: 300
. /lab/cases/lib/links.sh

links_congestion hopeless keep
