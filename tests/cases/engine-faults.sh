# topic: each allocation of a request fails once: the request says so, nothing is kept, and the next one succeeds; traffic outlives faults
# kernels: debug
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
