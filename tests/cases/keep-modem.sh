# topic: keep opens a path again whose interface was removed and made anew, with another number, as a modem that was unplugged
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

keep_open 3
index() { on_client cat /sys/class/net/p2c/ifindex; }
unplug() { ip -n "$ns_client" link del p2c; }
plug() {
	# A name for another one first, so that the number is another in any case.
	ip -n "$ns_client" link add between type dummy
	ip link add p2c netns "$ns_client" type veth peer name p2s netns "$ns_server"
	path_addresses 2
	path_apply 2
	keep_route
}
before=$(index)
keep_start
tunnel_busy
unplug
need "the path is lost" wait_for 60 path_gone 2
tunnel_quiet
need "keep waits for the interface" wait_for 5 keep_said waiting
equal "what keep waits for" "$(jq -r 'select(.event == "waiting").reason' "$keep_log" | tail -n1)" \
	"its interface, number $before, is gone: add the endpoint again, for another one"
plug
expect "number of the interface" "$(index)" '!=' "$before"
returns 2 "$keep_told"
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
keep_stop
