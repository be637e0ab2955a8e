# topic: a socket left open is a failure
# reason: sockets left in .*LISTEN
. /lab/lib/lab.sh
topology_open 1
ip netns exec "$ns_server" setsid bash -c 'exec -a hidden socat TCP-LISTEN:99 - </dev/zero' >/dev/null 2>&1 9>&- &
wait_for 5 listening "$ns_server" 99
