# shellcheck shell=bash
# A path whose way is lost in one direction and comes back, while the tunnel is nearly idle; then it is busy.

# oneway_lose and oneway_heal: all that arrives at the server on path 1; what the server sends there still arrives.
oneway_lose() {
	on_server nft -f - <<-END
		table inet oneway {
			chain arriving {
				type filter hook prerouting priority -300
				iifname "p1s" counter drop
			}
		}
	END
}
oneway_heal() {
	oneway_lost=$(on_server nft -j list chain inet oneway arriving | jq '[.. | .counter? // empty | .packets] | add')
	on_server nft delete table inet oneway
}

# rates NS SECONDS FILE...: Mbit/s by the byte counters in these files together, four times a second, without starting processes.
rates() {
	ip netns exec "$1" bash -c '
		exec {never}<> <(:)
		total() {
			local file bytes
			now=0
			for file; do
				read -r bytes <"$file"
				now=$((now + bytes))
			done
			time=${EPOCHREALTIME/./}
		}
		count=$(($1 * 4))
		shift
		total "$@"
		for ((i = 0; i < count; i++)); do
			then=$time before=$now
			read -r -t 0.25 -u $never
			total "$@"
			printf "%d.%02d\n" $(((now - before) * 8 / (time - then))) $(((now - before) * 800 / (time - then) % 100))
		done' rates "${@:2}"
}

# oneway_below MBIT FILE: the longest time, in seconds, for which the rates there stay below.
oneway_below() {
	awk -v least="$1" '{ run = $1 < least ? run + 1 : 0; if (run > most) most = run } END { print most / 4 }' "$2"
}

# What is sent while the path is lost, and after that. A case may have others; $load is the upload's pid.
oneway_idle() { ping_start "$1" "$ns_client" "$tun_server" 0.2; }
oneway_upload() {
	ping_stop
	helper iperf_run "$1" "$ns_client" "$tun_server" 8 -C cubic
	load=$helper
}
# What counts the upload at the server.
oneway_counters=(/sys/class/net/tun0/statistics/rx_bytes)

# oneway_try NAME: sets $below, the longest time for which the upload had less than 80 % of the 18 Mbit/s that the other path
# carries alone. It begins with the upload: that may be what has to wait.
oneway_try() {
	local file=$LAB_DIR/ping-$1.log
	oneway_idle "$file"
	wait_for 20 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflows"
	wait_for 10 ping_has_replies "$file" 10 || fail "no answers to ping"
	oneway_lose
	sleep 12
	oneway_heal
	[ "$oneway_lost" -gt 0 ] || fail "nothing was lost"
	oneway_upload "$1"
	rates "$ns_server" 7 "${oneway_counters[@]}" >"$LAB_DIR/rates-$1"
	wait "$load" || fail "the upload broke off"
	below=$(oneway_below 14.4 "$LAB_DIR/rates-$1")
	note "$1: $oneway_lost packets lost, then $below s of little; Mbit/s: $(tr '\n' ' ' <"$LAB_DIR/rates-$1")"
}
