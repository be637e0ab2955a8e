# topic: attach at both ends over two paths: each carries, with the congestion control of the configuration; show says so as ss does, a clean end leaves nothing; a dead first link does not keep it from beginning
# kernels: first
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
# The second path is the client's to open; both of its ends are known, so both ends can say whether it is missing.
ip -n "$ns_server" mptcp limits set subflows 8
ip -n "$ns_client" mptcp limits set subflows 8
path_route 2
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 dev p2c subflow
path_shape 1 20mbit 5ms 60
path_shape 2 20mbit 5ms 60
attach_psk
server_lines=('route 10.77.0.0/24' 'require-mptcp' 'congestion bbr')
client_lines=('route 10.78.0.0/16 metric 7' 'mtu 1400' 'require-mptcp' 'congestion bbr')
attach_pair
need "two paths at the client" wait_for 20 attach_has_paths client 2
need "two paths at the server" wait_for 20 attach_has_paths server 2
need "the log of the client counts them" wait_for 20 attach_logged client 'tun0: 2 of 2 paths, 10\.1\.1\.1:1194'
need "so does that of the server" wait_for 20 attach_logged server 'tun0: 2 of 2 paths, 10\.1\.1\.2:'

ctl client show tun0
need "show says so" grep -q 'mptcp, 2 of 2 paths  offloaded' "$LAB_DIR/ctl.out"
ctl server show tun0
need "show of the server says so" grep -q 'mptcp, 2 of 2 paths  offloaded' "$LAB_DIR/ctl.out"
ctl client --json
equal "kind and mode" "$(json '.devices[0] | "\(.kind) \(.mode) \(.mtu) \(.up)"')" "ovpn-dco-mptcp p2p 1400 true"
equal "keepalive" "$(json "$attach_peer.keepalive | \"\(.interval) \(.timeout)\"")" "5 20"
equal "cipher" "$(json "$attach_peer.keys[0].cipher")" "AES-GCM"
ss_paths() { on_client ss -OHtni state established | grep tcp-ulp-mptcp | awk '{ l = $3; sub(/%[^:]*/, "", l); print l, $4 }' | sort; }
equal "paths as ss shows them" "$(json "$attach_peer.paths[] | \"\(.local):\(.local_port) \(.remote):\(.remote_port)\"" | sort)" "$(ss_paths)"
# Nobody has loaded it: the kernel does when it is asked for.
ss_congestion() { "on_$1" ss -OHtni state established | sed -nE '/tcp-ulp-mptcp/s/.* ([^ ]+) wscale:.*/\1/p' | paste -sd' '; }
for end in client server; do
	equal "congestion control of the paths of the $end as ss has it" "$(ss_congestion "$end")" 'bbr bbr'
	ctl "$end" --json
	equal "as show has it" "$(json "[$attach_peer.congestion, $attach_peer.paths[].congestion] | join(\" \")")" 'bbr bbr bbr'
done
ctl client show
need "show says it once" [ "$(grep -c bbr "$LAB_DIR/ctl.out")" = 1 ]
ctl_fails 2 'modprobe tcp_frob, or choose one of ' client attach device tun1 connect 10.1.1.1 1194 psk-file "$LAB_DIR/psk" congestion frob
equal "addresses" "$(ip -n "$ns_client" -j addr show tun0 | jq -r '[.[0].addr_info[] | select(.scope == "global") | "\(.local)/\(.prefixlen)"] | sort | join(" ")')" \
	"$tun_client/24 $tun_client6/64"
equal "route of the client" "$(ip -n "$ns_client" -j route show 10.78.0.0/16 | jq -r '.[] | "\(.dev) \(.metric)"')" "tun0 7"
equal "route of the server" "$(ip -n "$ns_server" -j route show 10.77.0.0/24 | jq -r '.[] | .dev')" "tun0"

before=("$(path_bytes 1 up)" "$(path_bytes 2 up)")
TRANSFER_LIMIT=120 transfer "$ns_client" "$ns_server" "$tun_server" 4000000
need "path 1 carried" path_carried 1 up "${before[0]}" 500000
need "path 2 carried" path_carried 2 up "${before[1]}" 500000
TRANSFER_LIMIT=120 transfer "$ns_server" "$ns_client" "$tun_client" 2000000
TRANSFER_LIMIT=120 transfer "$ns_client" "$ns_server" "$tun_server6" 500000

# Drops would say that something was sent before the other end could read it.
ctl client --json
equal "the client received nothing in vain" "$(json "[$attach_peer.drops | to_entries[] | select(.key | startswith(\"rx_\")) | .value] | add")" 0
ctl server --json
equal "nor did the server" "$(json "[$attach_peer.drops | to_entries[] | select(.key | startswith(\"rx_\")) | .value] | add")" 0
attach_stop client

# The link of the usual way is dead when the client begins, and nobody tells.
path_blackhole 1
attach_client
attach_ready client 2
ctl client --json
equal "the tunnel begins at the other link" "$(json "[$attach_peer.paths[] | select(.state == \"established\").local] | join(\" \")")" 10.1.2.2
need "ping" wait_for 10 ping_works "$ns_client" "$tun_server"
path_heal 1
attach_stop client
attach_stop server INT
attach_clean
