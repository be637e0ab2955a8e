# topic: however a peer ends, userspace is told once and before the answer, the socket says so, and nothing is kept
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
