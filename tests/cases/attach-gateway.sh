# topic: attach with gateway yes over two uplinks: a flow to the far side goes through the tunnel by both, survives the loss of one and of the server; no packet leaks, and all is put back at the end
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/attach.sh
. /lab/lib/uplinks.sh

# Two uplinks with strict filters. What is behind the server is reached through the tunnel alone.
far=198.51.100.7
uplinks_open
ip -n "$ns_server" addr add "$far/32" dev lo
ip -n "$ns_server" route add 10.9.0.0/24 dev lo
ctl client uplinks setup
uplinks_keep
gateway_state() {
	# what is made again gets another id, and comes last
	uplinks_state | sed "s, id [0-9]*,," | sort
	ip -n "$ns_client" -br link
}
before=$(gateway_state)

# What leaves by an uplink, but for the tunnel's own packets and the talk of neighbours.
on_client nft "add table inet out; add chain inet out leave { type filter hook output priority 0; }
	add rule inet out leave oifname != { p1c, p2c } accept
	add rule inet out leave ip daddr $uplinks_server tcp dport 1194 accept
	add rule inet out leave icmpv6 type { 133, 134, 135, 136, 143 } accept
	add rule inet out leave counter log"
leaked() { on_client nft list chain inet out leave | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p'; }
# talk: somebody on the client tries to reach the world.
talk() {
	local to
	for to in "$far" 203.0.113.9 2001:db8:99::7; do ping_works "$ns_client" "$to" 0.1 || :; done
}

attach_psk
ATTACH_LISTEN='*' ATTACH_CONNECT=$uplinks_server
server_lines=('keepalive 1 4')
client_lines=('gateway yes' 'keepalive 1 4')
attach_client
need "the client looks for the server" wait_for 20 attach_logged client 'cannot connect to'
talk
equal "packets that leaked before the first connection" "$(leaked)" 0
ip -n "$ns_server" route del 10.9.0.0/24 dev lo
attach_server
attach_ready client
need "two paths" wait_for 20 attach_has_paths client 2
need "what is behind the server answers" wait_for 10 ping_works "$ns_client" "$far"
iperf_serve "$ns_server"
iperf=$helper
load_start "$ns_client" "$far"
both_carry p1c p2c
uplinks_misses() { ctl client uplinks --json && [ "$(json '[.uplinks[].missing[], .missing[]] | length')" = "$1" ]; }
need "uplinks misses nothing" wait_for 10 uplinks_misses 0

# The usual link goes, then the server does, then both come back.
path_down 1
carries p2c "$uplinks_told"
attach_stop server KILL
need "the client notices" wait_for 20 attach_logged client 'connection to .* ended'
talk
equal "packets that leaked while it was not attached" "$(leaked)" 0
path_up 1
lease 1 p1c
attach_server
attach_ready client 2
need "two paths again" wait_for 20 attach_has_paths client 2
# The flow inside waits for its own timer, which has doubled while nothing came through.
carries p1c 20
carries p2c 20
need "the flow inside lives" kill -0 "$load_pid"
talk
load_stop
equal "packets that leaked" "$(leaked)" 0

# The kernel lets nothing through where the device is that of a client that was killed.
attach_stop client KILL
talk
equal "packets that leaked when it was killed" "$(leaked)" 0
attach_client
attach_ready client 3
attach_stop client
as_before() { [ "$(gateway_state)" = "$before" ]; }
wait_for 10 as_before || equal "what is left" "$(gateway_state)" "$before"
ok "all is as it was before"
attach_stop server
equal "errors of uplinks keep" "$(cat "$LAB_DIR/uplinks.err")" ""
ctl client uplinks undo
wait "$uplinks_pid"
helper_stop "$iperf"
attach_clean
