# topic: what userspace reads and polls on an attached socket: its control records, and no sign of the data
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
