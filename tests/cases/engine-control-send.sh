# topic: records of userspace and of the kernel share a stream that is full, and never cut into each other
# kernels: all
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
