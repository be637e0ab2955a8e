# topic: UDP: peers share a socket, float only when it is authentic and newer, obey mark and device, and leave the socket as it was
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 2
engine_run
