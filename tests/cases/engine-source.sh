# topic: what a client may send from: its addresses, networks that routes or the policy of the server lead to it, and nothing else
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
