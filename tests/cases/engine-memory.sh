# topic: what waits is bounded, and memory that is denied, to a control group or to all sockets, costs packets and nothing else
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
