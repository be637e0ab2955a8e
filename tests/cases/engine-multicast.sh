# topic: multicast and broadcast packets of the host go to every client of a multi-peer device, within bounds, and as long as its flag says so
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
