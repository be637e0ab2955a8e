# topic: one server of attach with two clients on one port, each with a device of its own: both carry, one goes and comes, the file gets another one
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
topology_endpoints
for name in paris rome; do attach_psk "$name.psk"; done
# section NAME N: its network is 10.9.N.0/30
section() { printf '%s\n' "[peer $1]" "psk-file $LAB_DIR/$1.psk" "address 10.9.$2.1/30" "route 10.20.$2.0/24"; }
# site NAME N: a client
site() {
	attach_config "$1" "device $1" 'connect 10.1.1.1 1194' "psk-file $LAB_DIR/$1.psk" "psk-identity $1" "address 10.9.$2.2/30"
	attach_start "$1" "$ns_client"
	attach_ready "$1"
	need "ping of $1" wait_for 10 ping_works "$ns_client" "10.9.$2.1"
}
attach_config server 'listen * 1194' "$(section paris 1)"
attach_start server "$ns_server" device hub
wait_for 20 listening "$ns_server" 1194 || fail "attach does not listen: $(attach_last server)"
site paris 1
transfer "$ns_client" "$ns_server" 10.9.1.1 500000

# One more, while the first one carries.
ping_start "$LAB_DIR/ping.log" "$ns_client" 10.9.1.1 0.1
attach_config server 'listen * 1194' "$(section paris 1)" "$(section rome 2)"
kill -HUP "${attach_pids[server]}"
need "the second one is waited for" wait_for 20 attach_logged server 'rome: waits for a client'
site rome 2
transfer "$ns_client" "$ns_server" 10.9.2.1 500000
equal "devices of the server" "$(tunnels_left "$ns_server" | sed -E 's/^[0-9]+: ([^:]*):.*/\1/' | sort | xargs)" 'paris rome'
equal "the way to the second site" "$(ip -n "$ns_server" -j route show 10.20.2.0/24 | jq -r '.[].dev')" rome
for name in paris rome; do
	ctl server show "$name" --json
	equal "paths of $name" "$(json "[$attach_peer.paths[] | select(.state == \"established\")] | length")" 2
done

# One goes; the other one does not notice.
attach_stop rome KILL
need "the server does" wait_for 40 attach_logged server 'rome: connection to .* ended'
replies=$(ping_replies "$LAB_DIR/ping.log")
wait_for 10 ping_has_replies "$LAB_DIR/ping.log" $((replies + 20)) || fail "no answers from the other one"
ping_stop
equal "pings of the other one that were lost" "$(ping_lost "$LAB_DIR/ping.log")" 0
attach_start rome "$ns_client"
attach_ready rome 2
need "ping again" wait_for 10 ping_works "$ns_client" 10.9.2.1
for name in paris rome server; do attach_stop "$name"; done
attach_clean
