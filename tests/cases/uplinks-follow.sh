# topic: from one link to two with one command, and both stay in use: other addresses, another gateway, a modem with another name; OpenVPN comes up while the line that it would take is silently dead; all beside redirect-gateway def1, by which everything else goes through the tunnel
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh
. /lab/lib/uplinks.sh

uplinks_open
# Behind the server; without redirect-gateway the uplinks lead there, in vain.
far=198.51.100.7
ip -n "$ns_server" addr add "$far/32" dev lo
client_lines=('redirect-gateway def1')
OVPN_REMOTE=$uplinks_server
openvpn_many_server mptcp
openvpn_many_client mptcp
need_offload "$ns_client" "$ns_server"
iperf_serve "$ns_server"
load_start "$ns_client" "$far"
goes_inside() { [ "$(ip -n "$ns_client" -j route get "$far" | jq -r '.[0].dev')" = tun0 ]; }
need "the flow inside goes through the tunnel" goes_inside
carries p1c "$uplinks_told"
equal "paths before" "$(subflows "$ns_client")" 1

# Killed at any point, and taken back.
before=$(uplinks_state)
for point in 6 20 30 34 38 42 46; do
	on_client strace -f -qq -o /dev/null -e trace=sendmsg -e inject=sendmsg:signal=KILL:when=$point "$tool" uplinks setup >/dev/null 2>&1 ||
		equal "setup is killed at $point" $? 137
	ctl client uplinks undo
	equal "what is left by a setup that was killed at $point" "$(uplinks_state)" "$before"
done

ctl client uplinks setup
uplinks_keep
keep_start
both_carry p1c p2c
ctl client uplinks --json
equal "what is missing" "$(json '[.uplinks[].missing[], .missing[]] | join(" ")')" ""

lease 2 p2c 10.1.2.77
both_carry p1c p2c
need "from the other address" path_lives 2 77

ip -n "$ns_server" addr del 10.1.2.1/24 dev p2s
ip -n "$ns_server" addr add 10.1.2.254/24 dev p2s
lease 2 p2c 10.1.2.77 10.1.2.254
both_carry p1c p2c

# The link of the first path, which the main table prefers.
lease 1 p1c 10.1.1.77
both_carry p1c p2c
need "from the other address of the first link" path_lives 1 77

# A modem that comes back at another port, and gets another address.
ip -n "$ns_client" link del p2c
carries p1c "$uplinks_told"
ip link add usb9 netns "$ns_client" type veth peer name p2s netns "$ns_server"
ip -n "$ns_server" addr add 10.1.2.1/24 dev p2s
ip -n "$ns_server" link set p2s up
ip -n "$ns_client" link set usb9 up
lease 2 usb9 10.1.2.5
both_carry p1c usb9

need "the flow inside still does" goes_inside
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]

# OpenVPN begins anew while the line that it would take is silently dead.
load_stop
iperf_ended "$ns_server"
openvpn_stop client
path_blackhole 1
begin=$(uptime_now)
openvpn_many_client mptcp
note "OpenVPN came up after $(awk "BEGIN { print $(uptime_now) - $begin }") s"
need "a detour was made" grep -q '"made","what":"detour","dev":"usb9"' "$LAB_DIR/uplinks.json"
load_start "$ns_client" "$far"
carries usb9 "$uplinks_told"
path_heal 1
both_carry p1c usb9
equal "errors of uplinks keep" "$(cat "$LAB_DIR/uplinks.err")" ""
equal "what was refused" "$(grep -c '"refused"' "$LAB_DIR/uplinks.json" || :)" 0
ctl client uplinks undo
wait "$uplinks_pid"
equal "what is left" "$(uplinks_state | grep -E ' 119| subflow|add_addr_accepted' || :)" "$(grep add_addr_accepted <<<"$before")"
load_stop
