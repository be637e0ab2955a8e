# topic: calls of the cipher, of the socket and of the routes fail, each in its turn: a clean error, or a counted drop, and no more
# with: faults
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
