# shellcheck shell=bash
# A router: a network behind the client, and the tunnel on its other side. The network's packets come one by one, as a cable
# brings them, and the router's card puts them together (GRO).
#
#   c1_$$ lan 192.168.1.2 ---- 192.168.1.1 lan  c$$ ==== tunnel ==== s$$
. /lab/cases/lib/bench.sh

flow_from=c1_$$
router_open() {
	topology_open 1
	ip netns add "$flow_from"
	ip link add lan netns "$flow_from" type veth peer name lan netns "$ns_client"
	ip -n "$flow_from" addr add 192.168.1.2/24 dev lan
	ip -n "$ns_client" addr add 192.168.1.1/24 dev lan
	ip netns exec "$flow_from" ethtool -K lan tso off gso off >/dev/null
	ip netns exec "$ns_client" ethtool -K lan gro on >/dev/null
	ip -n "$flow_from" link set lan up
	ip -n "$ns_client" link set lan up
	ip -n "$flow_from" route add default via 192.168.1.1
	on_client sysctl -qw net.ipv4.ip_forward=1
	iperf_serve "$ns_server"
}

# router_rates ours|peer TRANSPORT...
router_rates() {
	local who=$1 transport
	shift
	for transport; do
		tunnel "$who" "$transport"
		ip -n "$ns_server" route add 192.168.1.0/24 via "$tun_client"
		wait_for 10 ping_works "$flow_from" "$tun_server" || fail "no ping from the network to the far end"
		flow "forward.$who-$transport.up" "$tun_server"
		flow "forward.$who-$transport.down" "$tun_server" -R
		tunnel_end
	done
}
