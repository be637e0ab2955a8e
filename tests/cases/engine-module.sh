# topic: the module cannot be removed while a socket is its own; MPTCP may be switched off when it is loaded
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
