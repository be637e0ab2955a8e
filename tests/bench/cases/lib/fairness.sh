# shellcheck shell=bash
# A tunnel's saturating flow and an ordinary TCP flow of the kernel's own congestion control on its first link.
. /lab/cases/lib/links.sh

# link_rate N: Mbit/s.
link_rate() {
	local words=${path_netem[$1]#rate }
	printf '%s\n' "${words%%mbit *}"
}
# percent VALUE OF
percent() { awk "BEGIN { printf \"%.1f\", 100 * $1 / $2 }"; }

# fairness KEY: both flows at the same time, on the links that are open. Beside their rates, what these are of a fair share, in per
# cent: half of the first link for each, and the other links for the tunnel.
fairness() {
	local way options half n tunnel flow
	half=$(($(link_rate 1) / 2)) tunnel=$half
	for ((n = 2; n <= path_count; n++)); do tunnel=$((tunnel + $(link_rate $n))); done
	congestion_wanted
	links_tunnel ours
	iperf_serve "$ns_server"
	helper ip netns exec "$ns_server" iperf3 -s -p 5202 >"$LAB_DIR/iperf-flow.log" 2>&1
	wait_for 20 listening "$ns_server" 5202 || fail "iperf3 does not listen for the ordinary flow"
	for way in up down; do
		options=(-O 5 "${links_inner[@]}")
		[ "$way" = up ] || options+=(-R)
		iperf_ended "$ns_server"
		helper iperf_run "flow-$way" "$ns_client" 10.1.1.1 20 -p 5202 "${options[@]}"
		flow=$helper
		iperf_run "tunnel-$way" "$ns_client" "$tun_server" 20 "${options[@]}"
		wait "$flow" || fail "the ordinary flow broke off"
		figure "fairness.$1.$way.tunnel" "$mbit"
		figure "fairness.$1.$way.tunnel-share" "$(percent "$mbit" $tunnel)"
		figure "fairness.$1.$way.flow" "$(iperf_mbit "flow-$way")"
		figure "fairness.$1.$way.flow-share" "$(percent "$(iperf_mbit "flow-$way")" $half)"
	done
}
