# topic: strangers at the port of attach: noise, HTTP, cut and replayed handshakes, slow ones, too many, thousands: the live tunnel does not notice, and a client gets in
# kernels: first
# vm: smp
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
topology_endpoints
attach_psk

# What a client sends until it is attached, for a replay: a proxy that keeps it, in front of a server of its own.
server_lines=() client_lines=()
ATTACH_CONNECT=10.1.2.1
attach_server
helper ip netns exec "$ns_server" python3 -u /lab/lib/attach_hostile.py record 10.1.2.1 1194 10.1.1.1 1194 "$LAB_DIR/recorded"
recorder=$helper
wait_for 10 eval 'on_server ss -Htln "src 10.1.2.1:1194" | grep -q .' || fail "the recorder does not listen"
attach_client
attach_ready client
attach_stop client
wait "$recorder" || fail "the recorder failed"
expect "bytes recorded" "$(stat -c %s "$LAB_DIR/recorded")" '>' 300

ATTACH_CONNECT=10.1.1.1
attach_client
attach_ready client 2
attach_ready server 2
need "ping" wait_for 10 ping_works "$ns_client" "$tun_server"
ctl server --json
before=$(json "$attach_peer | \"\(.token) \(.keys[0].id)\"")
ping_start "$LAB_DIR/ping.log" "$ns_client" "$tun_server" 0.1
for attack in http noise zeros cut replay slow flood; do
	need "$attack" on_client python3 -u /lab/lib/attach_hostile.py $attack 10.1.1.1 1194 "$LAB_DIR/recorded"
done
replies=$(ping_replies "$LAB_DIR/ping.log")
wait_for 10 ping_has_replies "$LAB_DIR/ping.log" $((replies + 10)) || fail "the tunnel is dead"
ping_stop
expect "pings lost" "$(ping_lost "$LAB_DIR/ping.log")" '<=' 2
ctl server --json
equal "connection and key of the tunnel" "$(json "$attach_peer | \"\(.token) \(.keys[0].id)\"")" "$before"
equal "connections of the client" "$(attach_count client "$attach_done")" 2

# crowd_meets ADDRESS HERE RATE TIMES: a client of some distance comes back, for that many times, while strangers fill the server.
crowd_meets() {
	helper ip netns exec "$ns_client" python3 -u /lab/lib/attach_hostile.py crowd "$1" 1194 "$2" "$3" "$LAB_DIR/crowd" \
		>"$LAB_DIR/crowd.log" 2>&1
	local crowd=$helper
	wait_for 90 test -e "$LAB_DIR/crowd" || fail "no crowd: $(cat "$LAB_DIR/crowd.log")"
	[ -z "${attach_pids[client]:-}" ] || attach_stop client
	attach_client
	ATTACH_DEADLINE=10 attach_ready client "$4"
	attach_ready server "$4"
	need "ping in the crowd" wait_for 10 ping_works "$ns_client" "$tun_server"
	rm "$LAB_DIR/crowd"
	wait "$crowd" || fail "the crowd failed: $(cat "$LAB_DIR/crowd.log")"
	note "$2: $(cat "$LAB_DIR/crowd.log")"
	expect "lines of the server's log" "$(attach_count server 'no agreement')" '<' 100
}

# One stranger, as fast as it can.
path_shape 1 100mbit 150ms 1000
ip -n "$ns_client" addr add 10.1.1.99/24 dev p1c
crowd_meets 10.1.1.1 10.1.1.99 0 3
attach_stop client
attach_stop server

# One that has a whole network of networks.
ip -n "$ns_client" -6 route add local fd66:1:2::/48 dev lo
ip -n "$ns_server" -6 route add fd66:1:2::/48 via fd01::2
ATTACH_FAMILY=6 ATTACH_CONNECT=fd01::1
rm "$LAB_DIR/server.log" "$LAB_DIR/client.log"
attach_server
crowd_meets fd01::1 fd66:1:2::/48 300 1
transfer "$ns_client" "$ns_server" "$tun_server" 500000
attach_stop client
attach_stop server
attach_clean
