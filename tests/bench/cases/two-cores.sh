# topic: the sum of four clients' downloads with one and with two processors, measured in turn, because the host may be busy
# timeout: 240
. /lab/cases/lib/bench.sh
. /lab/lib/clients.sh

count=4
second=/sys/devices/system/cpu/cpu1/online

# all_flows: sets $sum, Mbit/s of one download by each client at the same time.
all_flows() {
	local i pids=()
	for ((i = 1; i <= count; i++)); do
		ip netns exec "$(clients_ns $i)" iperf3 -J -c 10.8.0.1 -p $((5200 + i)) -t 4 -O 1 -R >"$LAB_DIR/flow-$i.json" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || fail "a download broke off"; done
	sum=$(jq -s 'map(.end.sum_received.bits_per_second) | add / 1e6 * 10 | round / 10' "$LAB_DIR"/flow-?.json)
}

topology_open 1
clients_open $count
clients_server $count
for ((i = 1; i <= count; i++)); do
	clients_start $i
	openvpn_ready "c$i"
	helper ip netns exec "$ns_server" iperf3 -s -p $((5200 + i)) >"$LAB_DIR/iperf-server-$i.log" 2>&1
done
need_offload "$ns_server"
for ((i = 1; i <= count; i++)); do wait_for 10 ping_works "$(clients_ns $i)" 10.8.0.1 || fail "client $i has no tunnel"; done

ratios=()
for n in 1 2 3 4 5; do
	echo 0 >$second
	all_flows
	one=$sum
	echo 1 >$second
	all_flows
	note "pair $n: $one Mbit/s with one processor, $sum with two"
	ratios+=("$(awk "BEGIN { print $sum / $one }")")
done
figure cores.ratio.median "$(printf '%s\n' "${ratios[@]}" | sort -n | sed -n 3p)"
figure cores.ratio.max "$(printf '%s\n' "${ratios[@]}" | sort -n | tail -n 1)"
