# shellcheck shell=bash
# The uplinks tests: a client whose links get their addresses and gateways from elsewhere, as by DHCP, and a server that is on none
# of them. Nothing tells MPTCP of the links but the tool.

# What the manual page promises, in seconds: another address carries again, as fast as the kernel tells.
uplinks_told=5
uplinks_server=203.0.113.5

# lease N NAME [ADDRESS [GATEWAY]]: what a DHCP client would do for link N, which is called NAME.
lease() {
	local address=${3:-10.1.$1.2} gateway=${4:-10.1.$1.1}
	ip -n "$ns_client" addr flush dev "$2" scope global
	ip -n "$ns_client" addr add "$address/24" dev "$2"
	ip -n "$ns_client" route replace default via "$gateway" dev "$2" metric "${1}00" proto dhcp
}

uplinks_open() {
	local n
	topology_open 2
	on_client sysctl -qw net.ipv4.conf.all.rp_filter=1
	ip -n "$ns_server" addr add "$uplinks_server/32" dev lo
	ip -n "$ns_server" mptcp limits set subflows 8
	for n in 1 2; do
		path_shape "$n" 5mbit 10ms 50
		lease "$n" "p${n}c"
	done
}

# All that uplinks setup may change.
uplinks_state() {
	ip -n "$ns_client" rule
	ip -n "$ns_client" -6 rule
	ip -n "$ns_client" route show table all
	ip -n "$ns_client" -6 route show table all
	ip -n "$ns_client" mptcp endpoint
	ip -n "$ns_client" mptcp limits
	on_client sysctl -a 2>/dev/null | grep -E '^net\.(mptcp|ipv4\.conf\..*\.rp_filter)'
}

# link_bytes NAME: what the client has sent there.
link_bytes() { on_client cat "/sys/class/net/$1/statistics/tx_bytes"; }
link_carried() { [ $(($(link_bytes "$1") - $2)) -ge 200000 ]; }
# carries NAME SECONDS: the link carries a good part of the tunnel within so many seconds from now.
carries() {
	local before begin
	before=$(link_bytes "$1")
	begin=$(uptime_now)
	need "$1 carries within $2 s" wait_for "$2" link_carried "$1" "$before"
	note "$1 carried after $(awk "BEGIN { print $(uptime_now) - $begin }") s"
}
# both_carry NAME NAME [SECONDS]
both_carry() {
	carries "$1" "${3:-$uplinks_told}"
	carries "$2" "${3:-$uplinks_told}"
	need "the flow inside lives" kill -0 "$load_pid"
}

# uplinks_keep: what systemd would run.
uplinks_keep() {
	helper ip netns exec "$ns_client" "$tool" uplinks keep --json >"$LAB_DIR/uplinks.json" 2>"$LAB_DIR/uplinks.err"
	uplinks_pid=$helper
	need "uplinks keep is at work" wait_for 10 grep -q following "$LAB_DIR/uplinks.json"
}

# uplinks_bonded: after uplinks_open, a tunnel that uses both links by what the services run, and a flow inside.
uplinks_bonded() {
	OVPN_REMOTE=$uplinks_server
	openvpn_many_server mptcp
	openvpn_many_client mptcp
	need_offload "$ns_client" "$ns_server"
	ctl client uplinks setup
	uplinks_keep
	keep_start
	iperf_serve "$ns_server"
	load_start "$ns_client" "$tun_server"
	both_carry p1c p2c
}
