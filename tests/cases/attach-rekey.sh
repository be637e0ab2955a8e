# topic: 10 renewals of the keys by time under load in both directions lose no packet; renewal by number of packets
# kernels: first
# vm: clock
# timeout: 150
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
topology_endpoints
path_shape 1 20mbit 5ms 60
path_shape 2 20mbit 5ms 60
attach_psk
# Or nobody would be there where MPTCP announces the second address.
ATTACH_LISTEN='*'
client_lines=('rekey-seconds 1')
attach_pair
iperf_serve "$ns_server"
iperf=$helper
key_of() { ctl "$1" key get tun0 peer 1 slot primary --json && json .key.id; }
# Below what the paths carry: a full queue would drop packets for reasons of its own.
load_start "$ns_client" "$tun_server" --bidir -b 4M
ping_start "$LAB_DIR/ping.log" "$ns_client" "$tun_server" 0.05
last=$(key_of client) changes=0
changed() { local now; now=$(key_of client); [ "$now" != "$last" ] || return 1; last=$now changes=$((changes + 1)); }
while [ "$changes" -lt 11 ]; do
	wait_for 10 changed || fail "only $changes changes of the key"
done
ping_stop
load_stop
note "changes of the key: $changes"
expect "pings lost of $(ping_replies "$LAB_DIR/ping.log")" "$(ping_lost "$LAB_DIR/ping.log")" '<=' "$(ping_replies "$LAB_DIR/ping.log") / 1000"
equal "connections of the client" "$(attach_count client "$attach_done")" 1
for end in client server; do
	ctl $end --json
	equal "what the $end received in vain" "$(json "[$attach_peer.drops | to_entries[] | select(.key | startswith(\"rx_\")) | .value] | add")" 0
done
transfer "$ns_client" "$ns_server" "$tun_server" 1000000
attach_stop client

client_lines=('rekey-seconds 0' 'rekey-packets 500')
attach_client
attach_ready client 2
attach_ready server 2
last=$(key_of client)
need "no new key without packets" [ "$last" = 0 ]
transfer "$ns_client" "$ns_server" "$tun_server" 1000000
need "a new key after 500 packets" wait_for 20 changed
transfer "$ns_server" "$ns_client" "$tun_client" 1000000
need "and when the other end sends them" wait_for 20 changed
attach_stop client
attach_stop server
helper_stop "$iperf"
attach_clean
