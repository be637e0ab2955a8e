# shellcheck shell=bash
# The path-cut tests: the same story for different ways to lose a path.

# gap_probe FILE: what shows the silence; ping_stop ends it.
gap_probe() { ping_start "$1" "$ns_client" "$tun_server" 0.05; }

# gap_after EVENT UNDO: only the probe in the tunnel; the path that carries them is cut. Sets $gap, the longest silence in seconds.
gap_after() {
	local event=$1 undo=$2 busy=1 before file=$LAB_DIR/ping-$1.log
	gap_probe "$file"
	wait_for 10 ping_has_replies "$file" 20 || fail "no answers before the cut"
	before=("$(path_bytes 1 up)" "$(path_bytes 2 up)")
	wait_for 10 ping_has_replies "$file" 60 || fail "no answers before the cut"
	[ $(($(path_bytes 1 up) - before[0])) -ge $(($(path_bytes 2 up) - before[1])) ] || busy=2
	"$event" "$busy"
	wait_for 30 ping_has_replies "$file" 160 || fail "no answers after $event"
	ping_stop
	gap=$(ping_gap "$file")
	note "longest gap after $event of path $busy: $gap s, $(ping_lost "$file") lost"
	"$undo" "$busy"
}

# cut_pings EVENT UNDO
cut_pings() {
	gap_after "$@"
	expect "longest gap between pings, idle tunnel (s)" "$gap" '<' 1
}

# cut_load EVENT UNDO: a TCP flow fills both paths; one is cut, the flow goes on; the path heals, both carry again.
cut_load() {
	local event=$1 undo=$2 before file=$LAB_DIR/ping-load.log replies
	load_start "$ns_client" "$tun_server"
	ping_start "$file" "$ns_client" "$tun_server" 0.05
	before=("$(path_bytes 1 up)" "$(path_bytes 2 up)")
	wait_for 30 path_carried 1 up "${before[0]}" 3000000 || fail "no load on path 1"
	wait_for 30 path_carried 2 up "${before[1]}" 3000000 || fail "no load on path 2"
	"$event" 1
	before=("$(path_bytes 1 up)" "$(path_bytes 2 up)")
	need "path 2 carries the load alone" wait_for 30 path_carried 2 up "${before[1]}" 6000000
	replies=$(ping_replies "$file")
	need "pings pass meanwhile" wait_for 10 ping_has_replies "$file" $((replies + 20))
	"$undo" 1
	before=("$(path_bytes 1 up)" "$(path_bytes 2 up)")
	need "path 1 carries again" wait_for 60 path_carried 1 up "${before[0]}" 2000000
	need "so does path 2" wait_for 30 path_carried 2 up "${before[1]}" 2000000
	ping_stop
	load_stop
	# What the lost path had under way comes again over the other one, in 6.1 a piece for each time that TCP runs out of
	# patience, ever longer ones, until MPTCP gives the path up after four.
	expect "longest gap between pings, loaded tunnel (s)" "$(ping_gap "$file")" '<' 6
	need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
}

cut_case() {
	topology_open 2
	topology_endpoints
	path_shape 1 20mbit 10ms 100
	path_shape 2 20mbit 10ms 100
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	wait_for 10 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflow"
	iperf_serve "$ns_server"
	cut_pings "$@"
	wait_for 30 has_subflows "$ns_client" 2 || fail "no second subflow after the first cut"
	cut_load "$@"
	transfer "$ns_client" "$ns_server" "$tun_server" 2000000
}
