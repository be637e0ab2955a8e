# topic: memory that is short: workers of a tunnel, which may be what reclaim waits for, wait for no I/O, and what they keep is given back
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
