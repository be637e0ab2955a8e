# topic: keep makes a hopelessly slow path a backup at both ends, tests it, and undoes that when the path is fast or keep ends
# kernels: first
# vm: clock
# timeout: 600
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

endpoint_flags() { on_client ip mptcp endpoint show id 7; }
# What each end says of the third path: b is a backup by its own wish, B by the other end's.
flags_at_client() { path_subflow 3 | sed -n 's/.*tcp-ulp-mptcp flags:\([^ ]*\).*/\1/p'; }
flags_at_server() { on_server ss -OHtni state established dst 10.1.3.2 sport = :1194 | sed -n 's/.*tcp-ulp-mptcp flags:\([^ ]*\).*/\1/p'; }
is_backup() { [[ $(flags_at_client) == *b* && $(flags_at_server) == *B* ]]; }
is_normal() { [[ $(flags_at_client) != *b* && $(flags_at_server) != *B* ]]; }

# flow up|down: through the tunnel for five seconds; what the third path has carried meanwhile is $carried.
flow() {
	local options=(-O 2) before
	[ "$1" = up ] || options+=(-R)
	before=$(path_bytes 3 "$1")
	iperf_run "$1" "$ns_client" "$tun_server" 5 "${options[@]}"
	iperf_ended "$ns_server"
	carried=$(($(path_bytes 3 "$1") - before))
}
# The third path dies and comes back; a backup has no packets that a middlebox could reset.
path_lose() {
	on_client ss -tK state established src 10.1.3.2 dport = :1194 >/dev/null
	need "the path is lost" wait_for 10 path_gone 3
	need "the path is back" wait_for 10 path_lives 3
}

keep_endpoint='10.1.3.2 id 7 subflow dev p3c '
topology_open 3
ip -n "$ns_server" mptcp limits set subflows 8
ip -n "$ns_client" mptcp limits set subflows 8
path_route 2 3
ip -n "$ns_client" mptcp endpoint add 10.1.1.2 id 3 dev p1c subflow
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 5 dev p2c subflow
ip -n "$ns_client" mptcp endpoint add 10.1.3.2 id 7 dev p3c subflow
path_shape 1 20mbit 10ms 100
path_shape 2 5mbit 40ms 100
path_shape 3 2mbit 300ms 100
iperf_serve "$ns_server"
keep_tunnel
for n in 2 3; do need "path $n is there" wait_for 10 path_lives $n; done

keep_arguments=(--no-backup)
keep_start
for way in up down; do
	flow $way
	note "without that: $mbit Mbit/s $way"
	expect "bytes on the slow path, $way" "$carried" '>=' 50000
done
equal "slow paths" "$(keep_count slow)" 0
keep_stop

keep_arguments=()
keep_start
need "keep sees that the path is slow" wait_for 10 keep_said slow
equal "of which endpoint, and tunnel" "$(jq -r 'select(.event == "slow") | "\(.endpoint_id) \(.local) \(.path_dev) \(.dev)"' "$keep_log")" "7 10.1.3.2 p3c tun0"
expect "its least round trip (us)" "$(jq 'select(.event == "slow").min_rtt_us' "$keep_log")" '>=' 600000
expect "that of the best path (us)" "$(jq 'select(.event == "slow").best_rtt_us' "$keep_log")" '<=' 60000
need "it is a backup at both ends" wait_for 10 is_backup
equal "endpoint" "$(endpoint_flags)" '10.1.3.2 id 7 subflow backup dev p3c '
for way in up down; do
	flow $way
	# A flow of seconds still seeks its rate: without a loss it gets 20, with one 15; the best path alone has 17.8.
	expect "goodput $way (Mbit/s)" "$mbit" '>=' 13
	expect "bytes on the slow path, $way" "$carried" '<=' 20000
done

# A new path is one from the beginning.
path_lose
need "it is still a backup" wait_for 10 is_backup
equal "slow paths" "$(keep_count slow)" 1

# Nothing is sent on it that would show that it is fast now, until keep tests it; and it is used only when there is much to send.
path_shape 3 2mbit 10ms 100
slow_since=$(jq 'select(.event == "slow").time_ms' "$keep_log")
test_is_near() { [ $(($(date +%s%3N) - slow_since)) -ge 57000 ]; }
need "keep is about to test the path" wait_for 60 seldom test_is_near
equal "fast paths" "$(keep_count fast)" 0
load_start "$ns_client" "$tun_server"
need "keep tests the path, and sees that it is fast" wait_for 20 keep_said fast
load_stop
expect "its least round trip (us)" "$(jq 'select(.event == "fast").min_rtt_us' "$keep_log")" '<=' 150000
need "it is a path like others at both ends" wait_for 10 is_normal
equal "endpoint" "$(endpoint_flags)" "$keep_endpoint"

path_shape 3 2mbit 300ms 100
path_lose
need "keep sees that it is slow again" wait_for 10 keep_said slow 2
need "it is a backup at both ends" wait_for 10 is_backup
# As when the terminal goes from which it was started.
keep_stop HUP
need "it is none without keep" wait_for 10 is_normal

# What somebody else has made a backup stays one.
ip -n "$ns_client" mptcp endpoint change id 7 backup
keep_endpoint='10.1.3.2 id 7 subflow backup dev p3c '
keep_start
refuse "time passes" wait_for 12 false
equal "what keep says" "$(jq -r .event "$keep_log")" keeping
keep_stop
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
