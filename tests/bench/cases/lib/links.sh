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

# links_flows KEY DESTINATION [WRAPPER]: one flow in each direction with pings beside it. What has no tunnel is itself the outer
# stream, and keeps the congestion control of that.
links_flows() {
	local key=links.$1 to=$2 IPERF_WRAPPER=${3:-} options=(-C cubic) way
	[ -z "$IPERF_WRAPPER" ] || options=()
	for way in up down; do
		flow_beside "$key.$way" $way "$to" "$links_seconds" "${options[@]}"
		statistics "$key.$way" "$LAB_DIR/ping-$key.$way.log"
		figure "$key.$way.goodput" "$mbit"
	done
}

# links_ours PROFILE
links_ours() {
	profile_open "$1"
	congestion_wanted
	tunnel ours mptcp
	need_paths "$path_count"
	iperf_serve "$ns_server"
	links_flows "$1.ours" "$tun_server"
}

# links_none PROFILE: what needs no module. The ping beside plain MPTCP is outside of the stream, on the first link.
links_none() {
	profile_open "$1"
	congestion_wanted
	iperf_serve "$ns_server" mptcpize run
	links_flows "$1.mptcp" 10.1.1.1 'mptcpize run'
	tunnel userspace mptcp
	need_paths "$path_count"
	links_flows "$1.userspace" "$tun_server"
}

# links_peer PROFILE: Debian's module has one link, the one on which it gets most.
links_peer() {
	peer_load
	profile_open_best "$1"
	congestion_wanted
	tunnel peer tcp
	iperf_serve "$ns_server"
	links_flows "$1.peer" "$tun_server"
}
