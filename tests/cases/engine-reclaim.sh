# topic: memory reclaim may depend on a tunnel: its workers wait for no I/O when they allocate
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
