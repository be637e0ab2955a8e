# topic: the tracepoints tell of attach and detach, states, drops with their reason, the room of the writer and its refusal
# timeout: 60
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
