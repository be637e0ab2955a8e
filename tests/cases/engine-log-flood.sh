# topic: whatever the network or a confused daemon sends, the kernel log gets a few lines, not one a packet
# kernels: first
# timeout: 60
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
