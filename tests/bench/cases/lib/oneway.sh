# shellcheck shell=bash
# All that comes on one of two paths is lost at the server for a while, and an upload follows: five times, each with a connection of
# its own. connect and disconnect are the row's.
. /lab/cases/lib/bench.sh
. /lab/lib/oneway.sh

oneway_open() {
	topology_open 2
	topology_endpoints
	path_shape 1 20mbit 10ms 100
	path_shape 2 20mbit 10ms 100
}

# oneway_tries KEY: how long the upload had less than 80 % of what the other path carries.
oneway_tries() {
	local n all=()
	for n in 1 2 3 4 5; do
		connect
		oneway_try "$1-$n"
		disconnect
		all+=("$below")
	done
	figures_five "oneway.$1" "${all[@]}"
}

# oneway_tunnel ours|userspace
oneway_tunnel() {
	who=$1
	connect() { tunnel "$who" mptcp; }
	disconnect() {
		iperf_ended "$ns_server"
		tunnel_end
	}
	iperf_serve "$ns_server"
	oneway_tries "$1"
}
