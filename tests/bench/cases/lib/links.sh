# shellcheck shell=bash
# What the rows about links as people have them share: the links of tests/lib/profiles, and who takes part. Figures are
# links.PROFILE.WHO.up|down.goodput|mean|p99|...
. /lab/cases/lib/bench.sh
. /lab/lib/profiles.sh

# Of each flow, behind the seconds that do not count.
links_seconds=15

# congestion NAME: the congestion control of sockets that are made from now on, as an administrator sets it. Flows inside a
# tunnel say theirs.
congestion() {
	local ns
	for ns in "$ns_client" "$ns_server"; do ip netns exec "$ns" sysctl -qw "net.ipv4.tcp_congestion_control=$1"; done
}
# What tests/run --set CONGESTION=NAME has said; without it that of the kernel.
congestion_wanted() { [ -z "${CONGESTION:-}" ] || congestion "$CONGESTION"; }

# The tunnel's streams have it at both ends.
need_congestion() {
	local ns
	for ns in "$ns_client" "$ns_server"; do
		wait_for 5 streams_use "$ns" "$1" || fail "not all of the tunnel's streams in $ns use $1"
	done
}
# The end that is asked for a stream has it half a round trip later.
streams_use() {
	local used
	used=$(ip netns exec "$1" ss -OHtni state established sport = :1194 or dport = :1194 | grep -cw "$2" || test $? = 1)
	[ "$used" -ge "$path_count" ]
}

# The flow inside a tunnel has the kernel's own congestion control, whatever that of the links is. What has no tunnel, but a wrapper,
# is itself on the links.
links_inner=(-C cubic)

# links_flow KEY up|down DESTINATION [WRAPPER]: one flow with pings beside it.
links_flow() {
	local key=$1 way=$2 to=$3 IPERF_WRAPPER=${4:-} options=("${links_inner[@]}")
	[ -z "$IPERF_WRAPPER" ] || options=()
	flow_beside "$key.$way" "$way" "$to" "$links_seconds" "${options[@]}"
	statistics "$key.$way" "$LAB_DIR/ping-$key.$way.log"
	figure "$key.$way.goodput" "$mbit"
}
# links_flows KEY DESTINATION [WRAPPER]: one in each direction.
links_flows() {
	links_flow "$1" up "${@:2}"
	links_flow "$1" down "${@:2}"
}

# The participants, on what profile_open has made. The ping beside plain MPTCP is outside of the stream, on the first link.
plain_mptcp() { iperf_serve "$ns_server" mptcpize run; }
# What plain MPTCP has left of its last flow has subflows, too.
tunnel_has_paths() {
	local count
	count=$(on_client ss -OHtni state established dport = :1194 | grep -c tcp-ulp-mptcp || test $? = 1)
	[ "$count" -ge "$path_count" ]
}
links_tunnel() {
	tunnel "$1" mptcp
	wait_for 20 tunnel_has_paths || fail "the tunnel does not have all paths"
}

# links_ours PROFILE
links_ours() {
	profile_open "$1"
	congestion_wanted
	links_tunnel ours
	iperf_serve "$ns_server"
	links_flows "links.$1.ours" "$tun_server"
}

links_keep_start() {
	. /lab/lib/tool.sh
	. /lab/lib/keep.sh
	keep_start
}
links_keep_ready() { need "keep has made a slow link a backup" wait_for 30 keep_said slow; }

# links_keep PROFILE: the same with keep at the client, which has the endpoints then, once keep has found the slow link.
links_keep() {
	profile_open "$1" client
	congestion_wanted
	links_tunnel ours
	iperf_serve "$ns_server"
	links_keep_start
	links_keep_ready
	links_flows "links.$1.keep" "$tun_server"
}

# links_none PROFILE: what needs no module.
links_none() {
	profile_open "$1"
	congestion_wanted
	plain_mptcp
	links_flows "links.$1.mptcp" 10.1.1.1 'mptcpize run'
	links_tunnel userspace
	links_flows "links.$1.userspace" "$tun_server"
}

# links_peer PROFILE: Debian's module has one link, the one on which it gets most.
links_peer() {
	peer_load
	profile_open_best "$1"
	congestion_wanted
	tunnel peer tcp
	iperf_serve "$ns_server"
	links_flows "links.$1.peer" "$tun_server"
}

# call_ours, call_userspace and call_peer PROFILE: a call beside four flows.
call_ours() {
	profile_open "$1"
	congestion_wanted
	links_tunnel ours
	iperf_serve "$ns_server"
	call_beside "call.$1.ours" "$tun_server" "${links_inner[@]}"
}
call_userspace() {
	profile_open "$1"
	congestion_wanted
	links_tunnel userspace
	iperf_serve "$ns_server"
	call_beside "call.$1.userspace" "$tun_server" "${links_inner[@]}"
}
call_peer() {
	peer_load
	profile_open_best "$1"
	congestion_wanted
	tunnel peer tcp
	iperf_serve "$ns_server"
	call_beside "call.$1.peer" "$tun_server" "${links_inner[@]}"
}

# links_congestion PROFILE [keep]: plain MPTCP and a tunnel of this module, with each congestion control that an administrator may set,
# or with the one that tests/run --set CONGESTION=NAME has said; beside keep at the client, as the packages have it.
links_congestion() {
	local name names=(cubic bbr reno) links_seconds=10
	[ -z "${CONGESTION:-}" ] || names=("$CONGESTION")
	profile_open "$1" ${2:+client}
	plain_mptcp
	for name in "${names[@]}"; do
		congestion "$name"
		links_flow "congestion.$1.$name.mptcp" up 10.1.1.1 'mptcpize run'
	done
	[ -z "${2:-}" ] || links_keep_start
	for name in "${names[@]}"; do
		congestion "$name"
		links_tunnel ours
		need_congestion "$name"
		[ -z "${2:-}" ] || links_keep_ready
		links_flow "congestion.$1.$name.ours" up "$tun_server"
		# The end of the flow must come through before the tunnel goes.
		iperf_ended "$ns_server"
		tunnel_end
	done
}
