# topic: links and tunnel with an MTU of 576: full packets and bulk data pass
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/mtu.sh
mtu_case 576
