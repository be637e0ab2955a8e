# topic: memory of an idle peer, and what a packet costs while 1, 100, 1000 and 4000 peers are attached, over TCP and MPTCP
# vm: icount mem=4G
# timeout: 300
. /lab/cases/lib/bench.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
