# topic: pings go out after the interval of silence, the peer expires after the timeout; each works without the other
# vm: icount
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
