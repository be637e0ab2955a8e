# topic: a peer gets another socket, alive or dead: keys, packet ids and the queue stay, and nothing of the old stream comes back
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
