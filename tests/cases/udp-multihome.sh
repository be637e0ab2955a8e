# topic: OpenVPN with --multihome answers over UDP from the address that was asked, offloaded
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/tool.sh

topology_open 1
ip -n "$ns_server" addr add 10.1.1.9/24 dev p1s
for OVPN_VERSION in 2.6 2.7; do
	for address in 10.1.1.9 10.1.1.1; do
		mapfile -t lines < <(openvpn_identity server client)
		openvpn_start server "$ns_server" udp "${lines[@]}" 'proto udp4' 'lport 1194' 'dh none' 'topology subnet' multihome \
			'server 10.8.0.0 255.255.255.0' 'keepalive 5 60'
		wait_for 20 listening "$ns_server" 1194 udp || fail "OpenVPN server does not listen: $(openvpn_last server)"
		mapfile -t lines < <(openvpn_identity client server)
		openvpn_start client "$ns_client" udp "${lines[@]}" 'proto udp4' "remote $address 1194" client nobind 'connect-retry 1'
		openvpn_ready client
		need "the tunnel is up" wait_for 10 ping_works "$ns_client" "$tun_server"
		need_offload "$ns_client" "$ns_server"
		transfer "$ns_server" "$ns_client" "$(ip -n "$ns_client" -4 -j addr show dev tun0 | jq -r '.[0].addr_info[0].local')" 500000
		ctl server show --json
		equal "OpenVPN $OVPN_VERSION: the server's own address" "$(json '.devices[].peers[].paths[0].local')" "$address"
		ctl client show --json
		equal "OpenVPN $OVPN_VERSION: it answers from there" "$(json '.devices[].peers[].paths[0].remote')" "$address"
		openvpn_stop client
		openvpn_stop server
	done
done
