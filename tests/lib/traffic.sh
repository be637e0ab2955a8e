# shellcheck shell=bash
# Traffic and what it measures.

helper_pids=()
# helper COMMAND...: runs in the background until the end of the test; its pid is $helper.
helper() {
	"$@" &
	helper=$!
	helper_pids+=("$helper")
}
lab_stop_helpers() {
	local p
	for p in "${helper_pids[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${helper_pids[@]}"; do wait "$p" 2>/dev/null; done
	helper_pids=()
}
helper_stop() {
	kill "$1" 2>/dev/null || test $? = 1
	wait "$1" || test $? -gt 0
}

# ping_start FILE NS DESTINATION INTERVAL [OPTIONS]: pings until ping_stop; every line carries the time.
ping_start() {
	local file=$1 ns=$2 to=$3 interval=$4
	shift 4
	helper ip netns exec "$ns" ping -D -O -n -i "$interval" "$@" "$to" >"$file" 2>&1
	ping_pid=$helper
}
# The summary comes with SIGINT.
ping_stop() {
	kill -INT "${1:-$ping_pid}" || fail "ping had ended by itself"
	wait "${1:-$ping_pid}" || test $? -gt 0
}
ping_replies() { grep -c 'bytes from' "$1" || test $? = 1; }
ping_has_replies() { [ "$(ping_replies "$1")" -ge "$2" ]; }
ping_sent() { awk '/packets transmitted/ { print $1 }' "$1"; }
# Sent but never answered, up to the last answer: what was under way when ping stopped is not lost.
ping_lost() {
	awk '/bytes from/ { sub(/.*icmp_seq=/, ""); n = $1 + 0; if (!(n in seen)) { seen[n] = 1; got++ } if (n > last) last = n }
		END { print last - got }' "$1"
}
ping_mean() { awk -F'[/= ]+' '/^rtt/ { print $7 }' "$1"; }
ping_max() { awk -F'[/= ]+' '/^rtt/ { print $8 }' "$1"; }
# Of 100 answers, 99 took no longer, in ms.
ping_p99() { python3 /lab/lib/statistics.py "$1" | sed -n 's/^p99 //p'; }
# Longest time between two answers, in seconds.
ping_gap() {
	awk '/bytes from/ { t = substr($1, 2) + 0; if (last && t - last > gap) gap = t - last; last = t } END { printf "%.2f\n", gap }' "$1"
}
ping_works() { ip netns exec "$1" ping -n -c 1 -W "${3:-1}" "$2" >/dev/null 2>&1; }

# iperf_serve NS [WRAPPER]: a server for the rest of the test.
iperf_serve() {
	local ns=$1
	shift
	helper ip netns exec "$ns" "$@" iperf3 -s -J >"$LAB_DIR/iperf-server-$ns.log" 2>&1
	wait_for 20 listening "$ns" 5201 || fail "iperf3 does not listen in $ns"
}
# iperf_idle NS: the server there has seen the end of the last flow; until then it refuses the next one. A stream of MPTCP that it
# has closed without reading all of it may stay for a minute, with its subflows.
iperf_idle() { ! ip netns exec "$1" ss -OHtnMei state established sport = :5201 | grep -vE 'tcp-ulp-mptcp| ino:0 ' | grep -q .; }
# iperf_ended NS [SECONDS]: waits for that.
iperf_ended() { wait_for "${2:-20}" iperf_idle "$1" || fail "iperf3 in $1 does not see the end of the last flow"; }
# listening NS PORT [TRANSPORT]: somebody has that port (of UDP or TCP).
listening() {
	local kind=-t
	[ "${3:-}" != udp ] || kind=-u
	ip netns exec "$1" ss -Hln "$kind" "sport = :$2" | grep -q .
}

# iperf_run NAME NS DESTINATION SECONDS [OPTIONS]: sets $mbit (received) and keeps the JSON.
iperf_run() {
	local name=$1 ns=$2 to=$3 seconds=$4 wrapper=()
	shift 4
	[ -z "${IPERF_WRAPPER:-}" ] || read -ra wrapper <<<"$IPERF_WRAPPER"
	ip netns exec "$ns" "${wrapper[@]}" iperf3 -J -c "$to" -t "$seconds" "$@" >"$LAB_DIR/iperf-$name.json" ||
		fail "iperf3 $name: $(jq -r .error "$LAB_DIR/iperf-$name.json")"
	mbit=$(iperf_mbit "$name")
}
# iperf_mbit NAME: what a run that has ended received.
iperf_mbit() { jq -r '(.end.sum_received // .end.sum).bits_per_second / 1e6 * 100 | round / 100' "$LAB_DIR/iperf-$1.json"; }

# load_start NS DESTINATION: TCP load in the background until load_stop (or the end of the test).
load_start() {
	local ns=$1 to=$2
	shift 2
	helper ip netns exec "$ns" iperf3 -J -c "$to" -t 3600 "$@" >"$LAB_DIR/load.json" 2>&1
	load_pid=$helper
}
load_stop() { helper_stop "$load_pid"; }

# transfer NS_FROM NS_TO ADDRESS_TO BYTES: random data through TCP, compared by checksum at the other end.
transfer() {
	local from=$1 to=$2 address=$3 bytes=$4 sum receiver family=4
	[[ $address != *:* ]] || { family=6; address="[$address]"; }
	[ -s "$LAB_DIR/blob-$bytes" ] || head -c "$bytes" /dev/urandom >"$LAB_DIR/blob-$bytes"
	sum=$(sha256sum <"$LAB_DIR/blob-$bytes")
	helper ip netns exec "$to" socat -u "TCP$family-LISTEN:7777,reuseaddr" "CREATE:$LAB_DIR/received"
	receiver=$helper
	wait_for 10 listening "$to" 7777 || fail "socat does not listen in $to"
	timeout "${TRANSFER_LIMIT:-180}" ip netns exec "$from" socat -u "FILE:$LAB_DIR/blob-$bytes" "TCP$family:$address:7777" ||
		fail "transfer of $bytes bytes from $from to $to broke off"
	wait "$receiver" || fail "receiver of the transfer failed"
	[ "$(sha256sum <"$LAB_DIR/received")" = "$sum" ] || fail "transferred data differ ($(stat -c %s "$LAB_DIR/received") of $bytes bytes arrived)"
	rm "$LAB_DIR/received"
	ok "$bytes bytes from $from to $to unchanged"
}
