# topic: one, a hundred and ten thousand peers: what they keep is charged, and so much of a flood waits and no more
# timeout: 900
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 2
engine_run
