# topic: a tunnel in a tunnel: a connection that goes through one device carries the peer of another
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
