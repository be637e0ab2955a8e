# topic: every packet that must not pass is counted under its own reason and does no harm; keys do what their slots say
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
