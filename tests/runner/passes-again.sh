# topic: tests after a dead machine run in a fresh one
. /lab/lib/lab.sh
topology_open 1
