# topic: ovpn-mptcp-ctl says of a tunnel on two paths what ss, ip mptcp and OpenVPN say; names the missing path; has the same as metrics; monitors the end; over UDP it shows the one path there is
# kernels: first
# vm: clock
# timeout: 400
. /lab/lib/lab.sh
. /lab/lib/tool.sh

topology_open 3
# The further paths are the client's to open, and nothing ever comes back on the third.
ip -n "$ns_server" mptcp limits set subflows 8
ip -n "$ns_client" mptcp limits set subflows 8
path_route 2 3
path_blackhole 3
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 dev p2c subflow backup
ip -n "$ns_client" mptcp endpoint add 10.1.3.2 id 9 dev p3c subflow
path_shape 1 20mbit 10ms
path_shape 2 20mbit 30ms
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
peer='.devices[0].peers[0]'
established() { ctl client --json && [ "$(json "[$peer.paths[] | select(.state == \"established\")] | length")" = 2 ]; }
need "two paths" wait_for 20 established
transfer "$ns_client" "$ns_server" "$tun_server" 1000000

ctl client show
note "$(grep 'peer ' "$LAB_DIR/ctl.out")"
sed 's/^/text: /' "$LAB_DIR/ctl.out"
need "text begins with the interface" grep -q '^interface: tun0  ovpn-dco  p2p  mtu ' "$LAB_DIR/ctl.out"
need "text counts the paths" grep -q 'mptcp, 2 of 3 paths  offloaded' "$LAB_DIR/ctl.out"
need "text names the missing path" grep -qE '^    p3c +10\.1\.3\.2 +missing: no path on endpoint 9' "$LAB_DIR/ctl.out"
need "text shows a path" grep -qE '^    p1c +10\.1\.1\.2 -> 10\.1\.1\.1:1194 +rtt [0-9.]+ ms +[0-9]+ % of tx' "$LAB_DIR/ctl.out"
need "text shows a backup path" grep -qE '^    p2c +10\.1\.2\.2 -> 10\.1\.1\.1:1194 .* backup' "$LAB_DIR/ctl.out"
need "text shows the keys" grep -q '^    keys: primary [0-7] AES-128-GCM, secondary ' "$LAB_DIR/ctl.out"
need "no colour in a file" refuses_escape "$LAB_DIR/ctl.out"

ctl client --json
equal "schema" "$(json .schema)" 1
equal "MPTCP" "$(json .mptcp)" available
equal "devices" "$(json '[.devices[].dev] | join(" ")')" tun0
equal "ifindex" "$(json '.devices[0].ifindex')" "$(on_client cat /sys/class/net/tun0/ifindex)"
equal "mtu" "$(json '.devices[0].mtu')" "$(on_client cat /sys/class/net/tun0/mtu)"
equal "up" "$(json '.devices[0].up')" true
equal "peers" "$(json '.devices[0].peers | length')" 1
equal "transport" "$(json "$peer.transport")" mptcp
equal "offloaded" "$(json "$peer.offloaded")" true
equal "keepalive" "$(json "$peer.keepalive | \"\(.interval) \(.timeout)\"")" "5 60"
equal "all reasons of drops" "$(json "$peer.drops | length")" 25
openvpn_cipher=$(sed -n "s/.*Data Channel: cipher '\([A-Z0-9-]*\)'.*/\1/p" "$LAB_DIR/client.log" | head -n1)
equal "cipher as OpenVPN logs it" "$(json "$peer.keys[0] | \"\(.cipher) \(.key_bits)\"" | sed 's/^AES-GCM \(.*\)/AES-\1-GCM/')" "$openvpn_cipher"

# ss: addresses, ports and tokens of the subflows that are established
ss_paths() {
	on_client ss -OHtni state established | tee "$LAB_DIR/ss.log" | grep tcp-ulp-mptcp |
		awk '{ l = $3; sub(/%[^:]*/, "", l); match($0, /token:[0-9a-f]+\(id:[0-9]+\)\/[0-9a-f]+/)
			t = substr($0, RSTART, RLENGTH); sub(/.*\//, "", t); print l, $4, t }' | sort
}
token=$(printf '%x' "$(json "$peer.token")")
equal "established paths as ss shows them" \
	"$(json "$peer.paths[] | select(.state == \"established\") | \"\(.local):\(.local_port) \(.remote):\(.remote_port) $token\"" | sort)" "$(ss_paths)"
# what still connects counts, and may just go away
as_many() { ctl client --json && [ "$(json "$peer.paths | length")" = "$(json "$peer.subflows")" ]; }
need "as many paths as the kernel counts" wait_for 20 as_many
equal "devices of the paths" "$(json "[$peer.paths[] | select(.state == \"established\").dev] | join(\" \")")" "p1c p2c"
equal "ids of the endpoints" "$(json "[$peer.paths[] | select(.state == \"established\").local_id] | join(\" \")")" "0 2"
equal "backup flags" "$(json "[$peer.paths[] | select(.state == \"established\").backup // false] | join(\" \")")" "false true"
expect "percent of both" "$(json "[$peer.paths[].tx_percent] | add")" '>=' 99
expect "rtt of path 1 in us" "$(json "$peer.paths[] | select(.dev == \"p1c\").rtt_us")" '>=' 20000
expect "bytes sent on path 1" "$(json "$peer.paths[] | select(.dev == \"p1c\").tx_bytes")" '>' 1000000

# ip mptcp: the endpoint without a path
equal "missing, by endpoint" "$(json "[$peer.missing[] | \"\(.endpoint_id) \(.local) \(.dev)\"] | join(\",\")")" \
	"$(ip -n "$ns_client" -j mptcp endpoint show | jq -r '.[] | select(.id == 9) | "\(.id) \(.address) \(.dev)"')"

# OpenVPN reads the same counters through its own door, and adds the control channel, which is silent now: the two
# differ by as much after a transfer as before.
of_link() { json "$peer.link | \"\(.rx_bytes) \(.tx_bytes)\""; }
of_openvpn() { sed -n "s/^TCP\/UDP $1 bytes,//p" <<<"$status"; }
difference() {
	local before rx tx
	ctl client --json
	before=$(of_link)
	status=$(openvpn_manage client status)
	ctl client --json
	read -r rx tx <<<"$before"
	[ "$before" = "$(of_link)" ] && difference="$(($(of_openvpn read) - rx)) $(($(of_openvpn write) - tx))"
}
need "counters at rest" wait_for 20 difference
difference_before=$difference link_before=$(of_link)
transfer "$ns_server" "$ns_client" "$tun_client" 500000
same_difference() { difference && [ "$difference" = "$difference_before" ]; }
need "OpenVPN counts the same bytes" wait_for 20 same_difference
expect "bytes that both have counted" $(($(of_link | cut -d' ' -f1) - ${link_before% *})) '>' 500000

# Metrics say the same: between two looks at the counters that found no packet more.
metric() { sed -n "s/^ovpn_mptcp_$1{device=\"tun0\",\?$2} //p" "$LAB_DIR/ctl.out"; }
metrics_at_rest() {
	local before
	ctl client --json
	before=$(of_link)
	ctl client metrics tun0
	counted="$(metric peer_link_receive_bytes_total 'peer="[0-9]*"') $(metric peer_link_transmit_bytes_total 'peer="[0-9]*"')"
	ctl client --json
	[ "$before" = "$(of_link)" ]
}
need "metrics at rest" wait_for 20 metrics_at_rest
equal "metrics: counters" "$counted" "$(of_link)"
ctl client metrics tun0
equal "metrics: offloaded" "$(metric peer_offloaded 'peer="[0-9]*"')" 1
equal "metrics: paths that work" "$(metric peer_paths 'peer="[0-9]*"')" 2
equal "metrics: a backup path" "$(metric path_backup 'peer="[0-9]*",interface="p2c",local_id="2",remote_id="0"')" 1
equal "metrics: a path that is missing" "$(metric endpoint_missing 'peer="[0-9]*",interface="p3c",endpoint_id="9",local="10\.1\.3\.2"')" 1
expect "metrics: rtt of path 1 in us" "$(metric path_rtt_seconds 'peer="[0-9]*",interface="p1c",local_id="0",remote_id="0"' | awk '{ print $1 * 1000000 }')" '>=' 20000
equal "metrics: all reasons of drops" "$(grep -c '^ovpn_mptcp_peer_dropped_packets_total' "$LAB_DIR/ctl.out")" 25
equal "metrics: their end" "$(tail -n 1 "$LAB_DIR/ctl.out")" "# EOF"

# The server has no endpoints, so it misses none.
ctl server --json
equal "paths of the server" "$(json "[$peer.paths[] | select(.state == \"established\")] | length")" 2
equal "missing at the server" "$(json "$peer.missing | length")" 0

# One peer, by its id; a device that is not a tunnel; MPTCP switched off.
id=$(json "$peer.id")
ctl server peer show tun0 id "$id" --json
equal "peer by id" "$(json "$peer.id")" "$id"
ctl_fails 2 'no peer of this device has this id (ENOENT' server peer show tun0 id 4711
ctl_fails 1 'expected a tunnel device, and p1c is one of kind veth' client show p1c
on_client sysctl -qw net.mptcp.enabled=0
ctl_fails 4 'net.mptcp.enabled=1' client show
need "what there is is shown all the same" grep -q '^interface: tun0' "$LAB_DIR/ctl.out"
ctl client metrics
need "to metrics it is a fact" grep -qx 'ovpn_mptcp_available 0' "$LAB_DIR/ctl.out"
on_client sysctl -qw net.mptcp.enabled=1

# Its end, as both printers tell it.
helper ip netns exec "$ns_server" "$tool" monitor --json >"$LAB_DIR/events.json"
helper ip netns exec "$ns_server" "$tool" monitor tun0 >"$LAB_DIR/events.log"
need "both monitors listen" wait_for 10 grep -q listening "$LAB_DIR/events.json" "$LAB_DIR/events.log"
need "the second listens, too" wait_for 10 grep -q listening "$LAB_DIR/events.log"
openvpn_stop client
need "monitor sees the peer go" wait_for 20 grep -q '"event":"peer-del"' "$LAB_DIR/events.json"
need "monitor says it in text" wait_for 20 grep -qE "^peer-del  tun0  peer $id  reason (transport-disconnect|userspace|transport-error)$" "$LAB_DIR/events.log"
equal "each event is an object of its own" "$(jq -r .event "$LAB_DIR/events.json" | sort | uniq -c | awk '{ print $1, $2 }' | tr '\n' ',')" "1 listening,1 peer-del,"
equal "event" "$(jq -r 'select(.event == "peer-del") | "\(.schema) \(.dev) \(.peer)"' "$LAB_DIR/events.json")" "1 tun0 $id"

# Over UDP, by either version of OpenVPN: what ip route says of the other end.
openvpn_stop server
for version in 2.6:ovpn-dco 2.7:ovpn; do
	OVPN_VERSION=${version%:*}
	openvpn_p2p udp udp
	need_offload "$ns_client" "$ns_server"
	ctl client show
	sed "s/^/text of $OVPN_VERSION: /" "$LAB_DIR/ctl.out"
	need "kind" grep -q "^interface: tun0  ${version#*:}  p2p  mtu " "$LAB_DIR/ctl.out"
	need "peer" grep -qE '^  peer [0-9]+( .*)?  udp  offloaded$' "$LAB_DIR/ctl.out"
	need "path" grep -qx '    p1c  10\.1\.1\.2 -> 10\.1\.1\.1:1194' "$LAB_DIR/ctl.out"
	ctl client --json
	equal "what is known of the path" "$(json "$peer.paths | map(keys) | flatten | join(\" \")")" "dev local local_port remote remote_port"
	ctl server --json
	equal "path of the server" "$(json "$peer.paths[] | \"\(.dev) \(.local):\(.local_port) \(.remote)\"")" "p1s 10.1.1.1:1194 10.1.1.2"
	openvpn_stop client
	openvpn_stop server
done
