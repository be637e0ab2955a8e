# topic: an hour of fifty tunnels with new keys, new connections and a path that comes and goes; at the end all is as at the start
# vm: icount
# timeout: 4500
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 2
topology_endpoints
engine_run
