# topic: silence after the busy path of two is cut, with packets every 20 ms and no other traffic: plain MPTCP, and this module
# vm: icount
# timeout: 300
. /lab/cases/lib/bench.sh

# The probe in the place of the ping of gap_after.
gap_probe() {
	helper ip netns exec "$ns_client" python3 "$bench/probe.py" send "${probe[@]}" 0.02 172 >"$1" 2>&1
	ping_pid=$helper
}

# gaps KEY EVENT UNDO: five cuts, each with packets that meet two whole paths.
gaps() {
	local n all=()
	for n in 1 2 3 4 5; do
		connect
		gap_after "$2" "$3"
		disconnect
		all+=("$gap")
	done
	figures_five "gap.$1" "${all[@]}"
}
gaps_both() {
	gaps "$1.down" path_down path_up
	gaps "$1.blackhole" path_blackhole path_heal
}

topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms 100
path_shape 2 20mbit 10ms 100

# Each cut meets a connection of its own: what the one before has left of the other would count otherwise.
connect() { :; }
disconnect() { :; }
echo_serve mptcp 0.0.0.0
probe=(mptcp 10.1.1.1 7000)
gaps_both mptcp
helper_stop "$echo"

connect() { tunnel ours mptcp && need_paths 2; }
disconnect() { tunnel_end; }
echo_serve udp 0.0.0.0
probe=(udp "$tun_server" 7000)
gaps_both ours
