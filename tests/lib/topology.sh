# shellcheck shell=bash
# Namespaces, paths and what happens to paths. The drawing is in lab.sh.

declare -A path_netem=()
path_count=0

# topology_open [PATHS]: namespaces and paths with addresses; MPTCP uses every path (see topology_endpoints).
topology_open() {
	local n ns
	path_count=${1:-2}
	for ns in "$ns_client" "$ns_server"; do
		ip netns add "$ns"
		ip netns exec "$ns" sysctl -qw net.mptcp.enabled=1 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv4.conf.all.rp_filter=0 net.ipv4.tcp_orphan_retries=1
	done
	{
		echo "link add canary$$ type veth peer name canary netns $ns_server"
		for ((n = 1; n <= path_count; n++)); do echo "link add p${n}c netns $ns_client type veth peer name p${n}s netns $ns_server"; done
	} | ip -batch -
	for ns in "$ns_client" "$ns_server"; do
		{
			echo 'link set lo up'
			for ((n = 1; n <= path_count; n++)); do path_end "$ns" "$n"; done
		} | ip -n "$ns" -batch -
	done
}

# path_end NS N: what ip makes of that end of a path.
path_end() {
	local letter=c host=2
	[ "$1" = "$ns_client" ] || letter=s host=1
	printf '%s dev p%d%s %s\n' "addr add 10.1.$2.$host/24" "$2" $letter '' "addr add fd0$2::$host/64" "$2" $letter nodad 'link set' "$2" $letter up
}

# paths_mtu BYTES
paths_mtu() {
	local n
	for ((n = 1; n <= path_count; n++)); do
		ip -n "$ns_client" link set "p${n}c" mtu "$1"
		ip -n "$ns_server" link set "p${n}s" mtu "$1"
	done
}

# path_addresses N: what ends of a path lose with a device that goes.
path_addresses() {
	path_end "$ns_client" "$1" | ip -n "$ns_client" -batch -
	path_end "$ns_server" "$1" | ip -n "$ns_server" -batch -
}

# The server announces its address on every further path; the client may use its address on every further path.
topology_endpoints() {
	local n s
	ip -n "$ns_client" mptcp limits set subflows 8 add_addr_accepted 8
	# An announcement that gets lost on a slow machine is repeated after two minutes by default.
	ip netns exec "$ns_server" sysctl -qw net.mptcp.add_addr_timeout=2
	{
		echo 'mptcp limits set subflows 8 add_addr_accepted 8'
		for ((n = 2; n <= path_count; n++)); do
			s=10.1.$n.1
			[ "${1:-4}" = 4 ] || s=fd0$n::1
			echo "mptcp endpoint add $s dev p${n}s signal"
		done
	} | ip -n "$ns_server" -batch -
}

# path_route N...: the client reaches the server from its address on these paths, too, as it must to open subflows there.
path_route() {
	local n
	for n; do
		ip -n "$ns_client" rule add from "10.1.$n.2" table "$n"
		ip -n "$ns_client" route add 10.1.1.1/32 via "10.1.$n.1" dev "p${n}c" table "$n"
	done
}

# Established subflows of MPTCP sockets in NS.
subflows() { ip netns exec "$1" ss -OHtni state established | grep -c tcp-ulp-mptcp || test $? = 1; }
has_subflows() { [ "$(subflows "$1")" -ge "$2" ]; }

# path_shape N RATE DELAY [LIMIT [WORD...]]: both directions. The delay may have a jitter behind it, as one word; further words
# are netem's, such as loss 1%.
path_shape() {
	path_netem[$1]="rate $2 delay $3 limit ${4:-1000} ${*:5}"
	path_apply "$1"
}
# path_apply N [WORDS]: as path_shape has said, or with other words of netem's.
path_apply() {
	local n=$1 words=${2:-${path_netem[$1]:-limit 1000}}
	# shellcheck disable=SC2086
	tc -n "$ns_client" qdisc replace dev "p${n}c" root netem $words
	# shellcheck disable=SC2086
	tc -n "$ns_server" qdisc replace dev "p${n}s" root netem $words
}

# A cut that the client sees (carrier lost at both ends), and one that nobody sees.
path_down() { ip -n "$ns_client" link set "p${1}c" down; }
path_up() {
	ip -n "$ns_client" link set "p${1}c" up
	# Addresses of version 6 go away with the link.
	ip -n "$ns_client" addr replace "fd0$1::2/64" dev "p${1}c" nodad
}
path_blackhole() {
	local words=${path_netem[$1]:-limit 1000}
	path_apply "$1" "${words%% loss *} loss 100%"
}
path_heal() {
	if [ -n "${path_netem[$1]:-}" ]; then
		path_apply "$1"
	else
		tc -n "$ns_client" qdisc del dev "p${1}c" root
		tc -n "$ns_server" qdisc del dev "p${1}s" root
	fi
}

# path_bytes N [up|down]: bytes the path carried towards the server (up), the client (down), or both.
path_bytes() {
	local up down
	up=$(on_client cat "/sys/class/net/p${1}c/statistics/tx_bytes")
	down=$(on_client cat "/sys/class/net/p${1}c/statistics/rx_bytes")
	case ${2:-both} in
	up) printf '%s\n' "$up" ;;
	down) printf '%s\n' "$down" ;;
	both) printf '%s\n' $((up + down)) ;;
	esac
}

# path_carried N DIRECTION BYTES_BEFORE BYTES: has it carried that much since?
path_carried() { [ $(($(path_bytes "$1" "$2") - $3)) -ge "$4" ]; }

# A middlebox on all paths that removes the MPTCP option (30) from everything.
paths_strip_mptcp() {
	on_server nft -f - <<-END
		table inet middlebox {
			chain arriving { type filter hook prerouting priority -300; reset tcp option 30; }
			chain leaving { type filter hook output priority -300; reset tcp option 30; }
		}
	END
}

# Sockets of NS that somebody holds open. Orphans may take a while to close and do not count here (the canary
# tells whether they went in the end); nor do subflows, which stand for their MPTCP socket.
sockets_left() { ss -N "$1" -OHtuanMei | awk '/(LISTEN|ESTAB|SYN-...|CLOSE-WAIT|UNCONN) / && !/tcp-ulp-mptcp| ino:0 /'; }
no_sockets_left() { [ -z "$(sockets_left "$1")" ]; }

# Tunnel devices (of the module or of tun) in NS.
tunnels_left() { ip -n "$1" -d -o link show | awk '/ (ovpn-dco|ovpn-dco-mptcp|ovpn|tun) /'; }

# The namespaces of this test: the two, and those of further clients (see clients.sh).
topology_namespaces() {
	local ns names="^[cs]([0-9]+_)?$$\$"
	for ns in /run/netns/*; do [[ ! ${ns##*/} =~ $names ]] || printf '%s\n' "${ns##*/}"; done
}

topology_check_left() {
	local ns bad=0
	for ns in $(topology_namespaces); do
		wait_for 5 no_sockets_left "$ns" || { echo "FAIL: sockets left in $ns: $(sockets_left "$ns")"; bad=1; }
		[ -z "$(tunnels_left "$ns")" ] || { echo "FAIL: devices left in $ns: $(tunnels_left "$ns")"; bad=1; }
	done
	return $bad
}

# Closing sockets would hold the namespace for as long as they retry; nobody is left to read them.
topology_close() {
	local ns
	for ns in $(topology_namespaces); do
		ss -N "$ns" -K -ta >/dev/null 2>&1
		ip netns del "$ns"
	done
}
