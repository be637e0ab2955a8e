# topic: for a while everything at once, at random, under traffic: attach, move, rekey, close, delete, expire, paths, namespaces that go, unload
# timeout: 150
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 2
topology_endpoints
# The server announces its second address now and then.
ip -n "$ns_server" mptcp endpoint flush
engine_run
