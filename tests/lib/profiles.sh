# shellcheck shell=bash
# The links of tests/lib/profiles, and what is measured on them: one saturating flow with pings beside it.

# profile_links NAME: "NUMBER RATE DELAY JITTER LIMIT LOSS [best]" of each link.
profile_links() { awk -v name="$1" '$1 == name { $1 = ++n; print }' "$lab/profiles"; }

# profile_shape PATH RATE DELAY JITTER LIMIT LOSS [best]: makes a path as a link is.
profile_shape() { path_shape "$1" "$2" "$3 $4" "$5" loss "$6"; }

# profile_open NAME [server|client]: a path for each link; MPTCP uses all of them, because the server announces its addresses, or the
# client has endpoints of its own.
profile_open() {
	local count
	count=$(profile_links "$1" | wc -l)
	[ "$count" -gt 0 ] || fail "there is no profile $1"
	topology_open "$count"
	if [ "${2:-server}" = server ]; then topology_endpoints; else profile_endpoints; fi
	profile_apply "$1"
}
# profile_apply NAME: the paths that there are become such links.
profile_apply() {
	local words
	while read -ra words; do profile_shape "${words[@]}"; done < <(profile_links "$1")
}
profile_endpoints() {
	local n
	ip -n "$ns_client" mptcp limits set subflows 8
	ip -n "$ns_server" mptcp limits set subflows 8
	for ((n = 2; n <= path_count; n++)); do
		path_route $n
		ip -n "$ns_client" mptcp endpoint add "10.1.$n.2" dev "p${n}c" subflow
	done
}

# profile_open_best NAME: one path, which is as the best link of the profile.
profile_open_best() { profile_open_link "$1" "$(profile_links "$1" | awk '$NF == "best" { print $1 }')"; }
# profile_open_link NAME N: one path, which is as its Nth link.
profile_open_link() {
	local words
	read -ra words < <(profile_links "$1" | awk -v n="$2" '$1 == n') || fail "profile $1 has no link $2"
	topology_open 1
	profile_shape 1 "${words[@]:1}"
}

# flow_beside NAME up|down DESTINATION SECONDS [OPTION...]: one flow; when its first four seconds are over, in which windows grow and
# buffers fill, so many others follow that count, with fifty pings a second to the same address. Leaves ping-NAME.log, and the
# goodput in $mbit.
flow_beside() {
	local name=$1 way=$2 to=$3 seconds=$4 start=4 load
	shift 4
	[ "$way" = up ] || set -- -R "$@"
	iperf_ended "$ns_server"
	helper iperf_run "$name" "$ns_client" "$to" "$seconds" -O $start "$@"
	load=$helper
	sleep $start
	# They end before the flow does; some may be lost.
	on_client ping -D -n -i 0.02 -c $((seconds * 50 - 50)) "$to" >"$LAB_DIR/ping-$name.log" || test $? = 1
	wait "$load" || fail "the flow $name broke off"
	mbit=$(iperf_mbit "$name")
}

# profile_case NAME SECONDS GOODPUT MEAN P99: the test of a profile; an upload through a tunnel of stock OpenVPN, no sysctl touched,
# and the bounds of what it gets (Mbit/s) and of the pings beside it (ms).
profile_case() {
	local file=$LAB_DIR/ping-$1.log
	profile_open "$1"
	openvpn_many_server mptcp
	openvpn_many_client mptcp
	need_offload "$ns_client" "$ns_server"
	wait_for 20 has_subflows "$ns_client" "$path_count" || fail "only $(subflows "$ns_client") subflows"
	iperf_serve "$ns_server"
	# Inside it is the kernel's own congestion control, whatever the links have.
	flow_beside "$1" up "$tun_server" "$2" -C cubic
	note "$1: $mbit Mbit/s, ping $(ping_mean "$file"), 99 of 100 $(ping_p99 "$file"), longest $(ping_max "$file") ms, $(ping_lost "$file") lost"
	expect 'goodput (Mbit/s)' "$mbit" '>=' "$3"
	expect 'ping beside it, mean (ms)' "$(ping_mean "$file")" '<=' "$4"
	expect 'ping beside it, 99 of 100 (ms)' "$(ping_p99 "$file")" '<=' "$5"
}
