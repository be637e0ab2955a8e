# topic: one TCP flow through WireGuard, one unshaped path
# vm: icount
# module: none
# timeout: 60
. /lab/cases/lib/bench.sh

# wireguard NS OWN_NAME OTHER_NAME LISTEN_PORT ADDRESS OTHER_ADDRESS [ENDPOINT]
wireguard() {
	ip -n "$1" link add wg0 type wireguard
	ip netns exec "$1" wg set wg0 listen-port "$4" private-key "$LAB_DIR/$2.key" \
		peer "$(wg pubkey <"$LAB_DIR/$3.key")" allowed-ips "$6/32" ${7:+endpoint "$7"}
	ip -n "$1" addr add "$5/24" dev wg0
	ip -n "$1" link set wg0 mtu 1500 up
}

topology_open 1
# The same MTU inside as the others have; outside there is room for what WireGuard puts around a packet.
paths_mtu 1600
iperf_serve "$ns_server"
(umask 077 && wg genkey >"$LAB_DIR/server.key" && wg genkey >"$LAB_DIR/client.key")
wireguard "$ns_server" server client 51820 "$tun_server" "$tun_client"
wireguard "$ns_client" client server 51821 "$tun_client" "$tun_server" 10.1.1.1:51820
wait_for 10 ping_works "$ns_client" "$tun_server" || fail "no ping through WireGuard"
idle_ping wireguard
throughput wireguard "$tun_server"
# Their sockets live as long as they do.
for ns in "$ns_client" "$ns_server"; do ip -n "$ns" link del wg0; done
