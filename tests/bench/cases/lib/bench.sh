# shellcheck shell=bash
# What the cases of the benchmark share. A figure is a line "# bench KEY VALUE", a curve "# series KEY VALUE...";
# tests/bench/run collects them, tests/bench/figures.py says what each of them is.
. /lab/lib/lab.sh
. /lab/lib/cut.sh

bench=/lab/cases/lib
figure() { note "bench $1 $2"; }
# figures_five KEY VALUE...: the middle one of five, and the largest.
figures_five() {
	local sorted
	mapfile -t sorted < <(printf '%s\n' "${@:2}" | sort -n)
	figure "$1.median" "${sorted[2]}"
	figure "$1.max" "${sorted[4]}"
}
series() { note "series $*"; }

# Both ends of a tunnel, and what it is compared with, use the same cipher and the OpenVPN that Debian has for the kernel.
OVPN_CIPHER=AES-128-GCM
if [ "$(uname -r | cut -d. -f1)" -ge 7 ]; then OVPN_VERSION=2.7; else OVPN_VERSION=2.6; fi

# The module that Debian has for this kernel: ovpn of the kernel itself, or ovpn-dco-v2 of a package of its own.
peer_load() {
	[ ! -e /sys/module/ovpn_dco_mptcp ] || fail "the module under test is loaded, its rival is wanted"
	# insmod, unlike modprobe, brings neither what a module needs nor the fast cipher.
	modprobe -a udp_tunnel ip6_udp_tunnel gcm aesni-intel
	if [ "$OVPN_VERSION" = 2.7 ]; then
		peer_kind=ovpn
		modprobe ovpn || fail "the kernel has no module ovpn"
	else
		peer_kind=ovpn-dco
		insmod /lab/ovpn-dco-v2.ko || fail "ovpn-dco-v2 cannot be loaded"
	fi
}
need_peer() {
	local ns
	for ns in "$ns_client" "$ns_server"; do
		[ "$(ip -n "$ns" -d -j link show tun0 | jq -r '.[0].linkinfo.info_kind')" = "$peer_kind" ] ||
			fail "tun0 in $ns is not of the kind $peer_kind"
	done
}

# tunnel ours|peer|userspace TRANSPORT [LINE...]: a tunnel, and proof of who carries its data. One for several clients:
# it goes on to listen, which further paths need.
tunnel() {
	local who=$1 transport=$2
	shift 2
	server_lines=("$@") client_lines=("$@")
	[ "$who" != userspace ] || { server_lines+=(disable-dco) client_lines+=(disable-dco); }
	openvpn_many_server "$transport"
	openvpn_many_client "$transport"
	case $who in
	ours) need_offload "$ns_client" "$ns_server" ;;
	peer) need_peer ;;
	esac
}
tunnel_end() {
	openvpn_stop client
	openvpn_stop server
}

# flow KEY DESTINATION [OPTIONS]: one TCP flow of one second, which is long where a second is a thousand million
# instructions, or of $BENCH_SECONDS. The first fifth of a second, in which windows grow and buffers fill, does not count; nor
# does what is still in the buffers at the end.
flow() {
	local key=$1 to=$2
	shift 2
	iperf_ended "$ns_server"
	iperf_run "$key" "${flow_from:-$ns_client}" "$to" "${BENCH_SECONDS:-1}" -i 0.2 "$@"
	figure "throughput.$key" "$(jq -r '[.intervals[1:][].sum] | (map(.bytes) | add) * 8 / (map(.seconds) | add) / 1e6 * 10 | round / 10' \
		"$LAB_DIR/iperf-$key.json")"
}
# throughput KEY ADDRESS [WRAPPER]: one flow in each direction.
throughput() {
	local IPERF_WRAPPER=${3:-}
	flow "$1.up" "$2"
	flow "$1.down" "$2" -R
	[ -z "${BENCH_SYMBOLS:-}" ] || note "$(awk '/\[ovpn/ && tolower($2) == "t" { printf "%s%s %s", before, $1, $3; before = ", " }' /proc/kallsyms | sed 's/^/symbols /')"
}

# flow_over_each PREFIX ours|peer TRANSPORT...: a tunnel over each, and one flow in each direction through it.
flow_over_each() {
	local prefix=$1 who=$2 transport
	shift 2
	for transport; do
		tunnel "$who" "$transport"
		throughput "$prefix$who-$transport" "$tun_server"
		tunnel_end
	done
}

# idle_ping KEY [ADDRESS]: nothing else under way.
idle_ping() {
	local file=$LAB_DIR/ping-idle-$1.log
	ping_start "$file" "$ns_client" "${2:-$tun_server}" 0.02
	wait_for 30 ping_has_replies "$file" 100 || fail "no answers to ping"
	ping_stop
	figure "idle.$1.mean" "$(ping_mean "$file")"
}

# long_flow KEY DIRECTION DESTINATION [WRAPPER]: one TCP flow over shaped paths for 15 seconds, after five to get up to speed.
long_flow() {
	local IPERF_WRAPPER=${4:-} options=(-O 5)
	[ "$2" = up ] || options+=(-R)
	iperf_ended "$ns_server"
	iperf_run "$1.$2" "$ns_client" "$3" 15 "${options[@]}"
	figure "$1.$2" "$mbit"
}
both_ways() {
	long_flow "$1" up "$2" "${3:-}"
	long_flow "$1" down "$2" "${3:-}"
}
need_paths() { wait_for 20 has_subflows "$ns_client" "$1" || fail "only $(subflows "$ns_client") subflows, must be $1"; }

# statistics KEY FILE: of the answers in a file of ping's.
statistics() {
	local line kind
	while read -r kind line; do
		case $kind in
		series) series "$1.rtt" "$line" ;;
		*) figure "$1.$kind" "$line" ;;
		esac
	done < <(python3 /lab/lib/statistics.py "$2") || fail "no statistics of $2"
}

# echo_serve mptcp|udp ADDRESS: answers what probe.py sends to port 7000; its pid is $echo.
echo_serve() {
	helper ip netns exec "$ns_server" python3 "$bench/probe.py" echo "$1" "$2" 7000
	echo=$helper
	wait_for 20 listening "$ns_server" 7000 "$1" || fail "probe.py does not listen"
}

# under_load KEY DESTINATION [WRAPPER]: one flow uploads as fast as it can, a ping goes beside it; then a call beside four. The
# wrapper is the flows'.
under_load() {
	local key=$1 to=$2 IPERF_WRAPPER=${3:-} load
	helper iperf_run "load-$key" "$ns_client" "$to" 20 -O 5
	load=$helper
	sleep 5
	# It must end before the flow does.
	on_client ping -D -n -i 0.02 -c 950 "$to" >"$LAB_DIR/ping-$key.log" || test $? = 1
	wait "$load" || fail "the upload broke off"
	statistics "load.$key" "$LAB_DIR/ping-$key.log"
	figure "load.$key.goodput" "$(iperf_mbit "load-$key")"

	call_beside "voice.$key" "$to"
}

# call_beside KEY DESTINATION [OPTION...]: four flows upload, and what a telephone call would send goes beside them.
call_beside() {
	local key=$1 to=$2 load
	shift 2
	helper iperf_run "$key" "$ns_client" "$to" 20 -O 5 -P 4 "$@"
	load=$helper
	echo_serve udp "$to"
	sleep 5
	on_client python3 "$bench/probe.py" send udp "$to" 7000 0.02 172 800 >"$LAB_DIR/$key.log" || fail "the call broke off"
	wait "$load" || fail "the uploads broke off"
	helper_stop "$echo"
	statistics "$key" "$LAB_DIR/$key.log"
	figure "$key.goodput" "$(iperf_mbit "$key")"
}

# What the links have in the tests of latency: short buffers, as good routers have.
thin_paths() {
	local n
	for ((n = 1; n <= path_count; n++)); do path_shape $n 20mbit 10ms 40; done
}

# cut_flow KEY DESTINATION [WRAPPER]: a download, in which path 1 loses its carrier after 8 seconds and has it again after 18;
# its rate every quarter of a second.
cut_flow() {
	local key=$1 to=$2 IPERF_WRAPPER=${3:-} flow
	helper iperf_run "cut-$key" "$ns_client" "$to" 30 -i 0.25 -R
	flow=$helper
	sleep 8
	path_down 1
	sleep 10
	path_up 1
	wait "$flow" || fail "the download broke off"
	mapfile -t rates < <(jq -r '.intervals[].sum.bits_per_second / 1e5 | round / 10' "$LAB_DIR/iperf-cut-$key.json")
	series "cut.$key" "${rates[*]}"
	figure "cut.$key.during" "$(printf '%s\n' "${rates[@]:40:28}" | awk '{ s += $1 } END { print s / NR }')"
	figure "cut.$key.after" "$(printf '%s\n' "${rates[@]:96:24}" | awk '{ s += $1 } END { print s / NR }')"
}
