# topic: all paths cut for 10 s while TCP flows inside: attach moves the peer to a new connection, the flow goes on, bytes unchanged; SIGHUP takes up a changed configuration
# kernels: first
# vm: clock
# timeout: 200
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
topology_endpoints
path_shape 1 20mbit 5ms 60
path_shape 2 20mbit 5ms 60
attach_psk
# Or nobody would be there where MPTCP announces the second address.
ATTACH_LISTEN='*'
# Both ends ping as often as the one needs that has less patience.
server_lines=('keepalive 5 8')
client_lines=('keepalive 1 4')
attach_pair
need "two paths" wait_for 20 attach_has_paths client 2
ctl server --json
equal "keepalive of the server" "$(json "$attach_peer.keepalive | \"\(.interval) \(.timeout)\"")" "1 8"
ctl client --json
equal "keepalive of the client" "$(json "$attach_peer.keepalive | \"\(.interval) \(.timeout)\"")" "1 4"
token=$(json "$attach_peer.token")
index=$(json '.devices[0].ifindex')
sent=$(json "$attach_peer.vpn.tx_packets")

# The flow that must survive.
bytes=30000000
head -c $bytes /dev/urandom >"$LAB_DIR/blob"
helper ip netns exec "$ns_server" socat -u TCP4-LISTEN:7777,reuseaddr "CREATE:$LAB_DIR/received"
receiver=$helper
wait_for 10 listening "$ns_server" 7777 || fail "socat does not listen"
helper ip netns exec "$ns_client" socat -u "FILE:$LAB_DIR/blob" "TCP4:$tun_server:7777"
sender=$helper
received() { [ "$(stat -c %s "$LAB_DIR/received" 2>/dev/null || echo 0)" -ge "$1" ]; }
need "the flow runs" wait_for 60 received 2000000
cut_at=$(uptime_now)
path_blackhole 1
path_blackhole 2
need "the client notices" wait_for 20 attach_logged client 'connection to 10\.1\.1\.1:1194 ended: nothing was received for the keepalive'
need "so does the server" wait_for 20 attach_logged server 'connection to 10\.1\.1\.2:[0-9]+ ended: nothing was received for the keepalive'
silent_for() { number "$(uptime_now) - $cut_at >= $1"; }
wait_for 20 silent_for 10 || fail "the clock stands"
path_heal 1
path_heal 2
healed_at=$(uptime_now)
attach_ready client 2
attach_ready server 2
note "attached again after $(awk "BEGIN { print $(uptime_now) - $healed_at }") s"
need "as the same session" attach_logged server 'the client is back'
wait "$sender" || fail "the sender of the flow broke off"
wait "$receiver" || fail "the receiver of the flow broke off"
need "all of it arrived unchanged" cmp "$LAB_DIR/blob" "$LAB_DIR/received"
ctl client --json
need "over another connection" [ "$(json "$attach_peer.token")" != "$token" ]
equal "on the same device" "$(json '.devices[0].ifindex')" "$index"
expect "packets sent by the peer, which goes on" "$(json "$attach_peer.vpn.tx_packets")" '>' "$sent + 1000"
need "two paths again" wait_for 20 attach_has_paths client 2

# SIGHUP asks for a new connection; the last one carries until then.
ping_start "$LAB_DIR/ping.log" "$ns_client" "$tun_server" 0.05
wait_for 10 ping_has_replies "$LAB_DIR/ping.log" 20 || fail "no answers"
kill -HUP "${attach_pids[client]}"
attach_ready client 3
replies=$(ping_replies "$LAB_DIR/ping.log")
wait_for 10 ping_has_replies "$LAB_DIR/ping.log" $((replies + 20)) || fail "no answers after the change"
ping_stop
expect "pings lost with SIGHUP" "$(ping_lost "$LAB_DIR/ping.log")" '<=' 1
# ... and reads what has changed: another address in the network of the last one, whose end takes others with it.
attach_config client 'device tun0' 'connect 10.1.1.1 1194' "psk-file $LAB_DIR/psk" "address 10.9.0.7/24" "address $tun_client6/64" 'route 10.78.0.0/16 metric 7' \
	'mtu 1400' 'keepalive 2 8'
kill -HUP "${attach_pids[client]}"
attach_ready client 4
device() { ip -n "$ns_client" -j addr show tun0 | jq -r '.[0] | [.ifindex, .mtu, (.addr_info[] | select(.scope == "global") | .local)] | join(" ")'; }
equal "the same device with what is new" "$(device)" "$index 1400 10.9.0.7 $tun_client6"
equal "the new route" "$(ip -n "$ns_client" -j route show 10.78.0.0/16 | jq -r '.[] | "\(.dev) \(.metric)"')" "tun0 7"
ctl client --json
equal "the new keepalive" "$(json "$attach_peer.keepalive | \"\(.interval) \(.timeout)\"")" "2 8"
need "ping from the new address" wait_for 10 ping_works "$ns_client" "$tun_server"
attach_stop client
attach_stop server
attach_clean
