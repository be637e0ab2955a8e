# topic: keep opens a path again whose address was removed and comes back
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

keep_open 3
address_del() { ip -n "$ns_client" addr del 10.1.2.2/24 dev p2c; }
address_add() {
	ip -n "$ns_client" addr add 10.1.2.2/24 dev p2c
	keep_route
}
keep_case address_del address_add
need "keep waits for the address" wait_for 5 keep_said waiting
equal "what keep waits for" "$(jq -r 'select(.event == "waiting").reason' "$keep_log" | tail -n1)" "no interface has the address"
address_add
returns 2 "$keep_told"
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
keep_stop
