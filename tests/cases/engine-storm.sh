# topic: for a while everything at once, at random, under traffic: attach, move, rekey, close, delete, expire, namespaces that go, unload
# timeout: 150
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 2
topology_endpoints
engine_run
