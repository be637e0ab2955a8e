# topic: records are found in the stream however it is cut; what is no OpenVPN stream ends its own peer and no other
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
