# topic: what waits is bounded, and memory that a control group denies costs packets and nothing else
# timeout: 60
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
