# topic: keep opens a path again whose link was down until TCP gave up; while it is down nothing is tried
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

keep_open 3
# as many as are needed, and the first path does not count
ip -n "$ns_client" mptcp limits set subflows 1
link_down() { path_down 2; }
link_up() {
	path_up 2
	keep_route
}
keep_case link_down link_up
need "keep waits for the link" wait_for 5 keep_said waiting
renewed=$(keep_count renewed)
refuse "time passes" wait_for 30 false
equal "announcements without a link" "$(keep_count renewed)" "$renewed"
equal "what keep waits for" "$(jq -r 'select(.event == "waiting").reason' "$keep_log" | tail -n1)" "p2c is down"
link_up
returns 2 "$keep_told"
before=$(path_bytes 2 up)
tunnel_busy
need "the path carries the tunnel" wait_for 10 path_carried 2 up "$before" 50000
tunnel_quiet
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
keep_stop
