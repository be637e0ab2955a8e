# topic: a path that swallows everything is tried all the time and is back at once when it heals; keep gives it up, and asks again and again
# kernels: first
# vm: clock
# timeout: 900
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

keep_open
# The hole is somewhere in between: the neighbours stay known, or the kernel would notice, and TCP with it (RFC 6069).
link_address() { ip -n "$1" -j link show "$2" | jq -r '.[0].address'; }
ip -n "$ns_client" neigh replace 10.1.2.1 lladdr "$(link_address "$ns_server" p2s)" dev p2c nud permanent
ip -n "$ns_server" neigh replace 10.1.2.2 lladdr "$(link_address "$ns_client" p2c)" dev p2s nud permanent
tunnel_busy
path_blackhole 2
# Nothing was answered for seconds.
is_silent() { [[ $(path_subflow 2) == *lastack:[0-9][0-9][0-9][0-9]* ]]; }
need "the path is silent" wait_for 60 is_silent
tunnel_quiet
# TCP by itself would repeat ever more rarely.
for ((i = 0; i < 20; i++)); do
	refuse "a second passes" wait_for 1 false >/dev/null
	is_silent || fail "something was answered through the hole"
done
path_heal 2
is_answered() { ! is_silent; }
need "the path is back within seconds" wait_for 3 is_answered

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
