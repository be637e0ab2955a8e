# topic: a peer that never reads, flooded: what waits for it is bounded, no worker spins, and the peer beside it is not late
# timeout: 60
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
