# shellcheck shell=bash
# The keep tests: a tunnel of stock OpenVPN on two paths that the client opens, a way to lose the second, and keep.
#
# Paths are slow, so that little traffic uses both; an address that is lost dies soon where the test waits for that.

# What the manual page promises, in seconds: where the kernel tells that something changed, and where nobody does.
keep_told=5 keep_untold=60

keep_endpoint='10.1.2.2 id 7 subflow dev p2c '

keep_tunnel() {
	openvpn_many_server mptcp
	openvpn_many_client mptcp
	need_offload "$ns_client" "$ns_server"
}

# keep_open [RETRIES]: how often TCP repeats before it gives up; the kernel's own number when not given.
keep_open() {
	topology_open 2
	ip -n "$ns_server" mptcp limits set subflows 8
	ip -n "$ns_client" mptcp limits set subflows 8
	path_route 2
	keep_endpoints
	[ -z "${1:-}" ] || on_client sysctl -qw "net.ipv4.tcp_retries2=$1"
	[ -z "${1:-}" ] || on_server sysctl -qw "net.ipv4.tcp_retries2=$1"
	path_shape 1 1mbit 10ms 50
	path_shape 2 1mbit 10ms 50
	keep_tunnel
	need "two paths" wait_for 10 path_lives 2
}

# At the client; keep_stop looks whether the second is as it was.
keep_endpoints() {
	ip -n "$ns_client" mptcp endpoint add 10.1.1.2 id 3 dev p1c subflow
	ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 7 dev p2c subflow
}

# The way out of the second path; it goes with the link.
keep_route() { ip -n "$ns_client" route replace 10.1.1.1/32 via 10.1.2.1 dev p2c table 2; }

# path_subflow N [HOST]: what ss says of the tunnel's established subflow there, from the client's address or another one of that
# network. One process, for this is asked very often.
path_subflow() { on_client ss -OHtni state established src "10.1.$1.${2:-2}" dport = :1194; }
# path_lives N [HOST]: there is one, and it answers.
path_lives() {
	local subflow
	subflow=$(path_subflow "$@")
	[[ $subflow == *tcp-ulp-mptcp* && $subflow != *backoff:* ]]
}
path_gone() { [ -z "$(path_subflow "$@")" ]; }

# seldom COMMAND...: for wait_for, when minutes pass, and asking costs more than waiting.
seldom() {
	refuse "a second passes" wait_for 1 false >/dev/null
	"$@"
}

# Traffic for both paths, until tunnel_quiet.
tunnel_busy() {
	ping_start "$LAB_DIR/busy.log" "$ns_client" "$tun_server" 0.012 -s 1380
	busy_pid=$ping_pid
}
tunnel_quiet() { ping_stop "$busy_pid"; }

# Like a middlebox that has forgotten the connection: path_reset N PORT.
path_reset() {
	on_client nft -f - <<-END
		table inet cut {
			chain leaving {
				type filter hook output priority 0
				ip saddr 10.1.$1.2 tcp dport $2 reject with tcp reset
			}
		}
	END
}
path_reset_end() { on_client nft delete table inet cut; }

# keep_start: at $keep_side, with $keep_arguments; its log is $keep_log, one object a line.
keep_side=client keep_arguments=()
keep_log=$LAB_DIR/keep.json
keep_start() {
	local ns=ns_$keep_side
	helper ip netns exec "${!ns}" "$tool" keep --json "${keep_arguments[@]}" >"$keep_log" 2>"$LAB_DIR/keep.err"
	keep_pid=$helper
	need "keep is at work" wait_for 10 keep_said keeping
}
# keep_said EVENT [TIMES]
keep_said() { [ "$(keep_count "$1")" -ge "${2:-1}" ]; }
keep_count() { grep -c "\"event\":\"$1\"" "$keep_log" || test $? = 1; }
# keep_stop [SIGNAL]: ends at once, and has left the endpoint as it was.
keep_stop() {
	local status=0
	kill -"${1:-TERM}" "$keep_pid"
	wait "$keep_pid" || status=$?
	equal "exit status of keep" "$status" 0
	equal "errors of keep" "$(cat "$LAB_DIR/keep.err")" ""
	equal "endpoint" "$("on_$keep_side" ip mptcp endpoint show id 7)" "$keep_endpoint"
	sed 's/^/keep: /' "$keep_log"
}

# returns N SECONDS: path N lives again within so many seconds from now.
returns() {
	local begin
	begin=$(uptime_now)
	need "path $1 is back within $2 s" wait_for "$2" path_lives "$1"
	note "path $1 came back after $(awk "BEGIN { print $(uptime_now) - $begin }") s"
}
# stays_away N SECONDS: what happens without keep. A path that came back would stay.
stays_away() {
	refuse "time passes" wait_for "$2" false
	refuse "path $1 comes back within $2 s without keep" path_lives "$1"
}

# keep_case BREAK MEND: without keep the path stays away; keep brings it back when it comes, and again.
keep_case() {
	tunnel_busy
	"$1"
	need "the path is lost" wait_for 60 path_gone 2
	tunnel_quiet
	"$2"
	stays_away 2 20
	keep_start
	returns 2 "$keep_told"
	tunnel_busy
	"$1"
	need "the path is lost again" wait_for 60 path_gone 2
	tunnel_quiet
}
