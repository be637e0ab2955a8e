# topic: keep gives up a path that swallows everything, asks again and again, and has it back when it heals, long before TCP by itself
# kernels: first
# vm: icount
# timeout: 900
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

keep_open
# The hole is somewhere in between: the neighbours stay known, or the kernel would notice, and TCP with it (RFC 6069).
link_address() { ip -n "$1" -j link show "$2" | jq -r '.[0].address'; }
ip -n "$ns_client" neigh replace 10.1.2.1 lladdr "$(link_address "$ns_server" p2s)" dev p2c nud permanent
ip -n "$ns_server" neigh replace 10.1.2.2 lladdr "$(link_address "$ns_client" p2c)" dev p2s nud permanent
# TCP repeats ever more rarely: at both ends more than the promised time until the next repetition.
waits_long() {
	[[ $(on_client ss -OHtno state established dst 10.1.1.1:1194 src 10.1.2.2) == *'timer:(on,'[1-9]*min* ]] &&
		[[ $(on_server ss -OHtno state established dst 10.1.2.2) == *'timer:(on,'[1-9]*min* ]]
}
tunnel_busy
path_blackhole 2
is_silent() { [[ $(path_subflow 2) == *backoff:[4-9]* ]]; }
need "the path is silent" wait_for 60 is_silent
tunnel_quiet
need "TCP waits for more than a minute" wait_for 300 seldom waits_long
path_heal 2
stays_away 2 "$keep_untold"
need "TCP finds out in the end" wait_for 120 seldom path_lives 2

keep_start
tunnel_busy
path_blackhole 2
need "the path is silent again" wait_for 60 is_silent
tunnel_quiet
need "keep sees it" wait_for 60 seldom keep_said lost
need "keep asks again and again" wait_for 300 seldom keep_said renewed 7
# two more, with the longest pause there is
need "keep asks every minute" wait_for 200 seldom keep_said renewed 9
equal "longest pause" "$(jq -r 'select(.event == "renewed").next_ms' "$keep_log" | sort -n | tail -n1)" 60000
path_heal 2
returns 2 "$keep_untold"
keep_stop
