# topic: an upload after all that came on one of two paths was lost for 12 s: a tunnel of this module
# vm: icount
# timeout: 240
. /lab/cases/lib/oneway.sh

oneway_open
oneway_tunnel ours
