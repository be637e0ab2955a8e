# topic: what a request may say: strict attributes, ids and addresses in use, dumps; refusals explain themselves
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
