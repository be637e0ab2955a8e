# topic: a namespace that something holds without a name is a failure at the end of the machine
. /lab/lib/lab.sh
topology_open 1
ip netns exec "$ns_server" setsid sleep 1000 >/dev/null 2>&1 9>&- &
