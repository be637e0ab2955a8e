# topic: configurations of OpenVPN as people have them, over UDP with compression and fragments, become ones that the real OpenVPN offloads over MPTCP
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/tool.sh

topology_open 1
# What there is much of in the wild, and switches the offload off or wants UDP.
mapfile -t lines < <(openvpn_identity server client | grep -v data-ciphers)
printf '%s\n' "${lines[@]}" 'proto udp4' 'lport 1194' 'dh none' 'server 10.8.0.0 255.255.255.0' 'topology net30' 'push "topology net30"' 'keepalive 5 60' \
	'cipher AES-256-CBC' 'data-ciphers AES-256-GCM:AES-256-CBC' 'data-ciphers-fallback AES-256-CBC' 'comp-lzo no' 'push "comp-lzo no"' 'fragment 1300' \
	'explicit-exit-notify 1' 'push "explicit-exit-notify 1"' 'sndbuf 393216' 'mssfix 1250' 'multihome' 'fast-io' 'client-to-client' >"$LAB_DIR/server.ovpn"
mapfile -t lines < <(openvpn_identity client server | grep -v data-ciphers)
printf '%s\n' "${lines[@]}" client 'remote 10.1.1.1 1194 udp4' nobind 'connect-retry 1' 'cipher AES-256-CBC' 'comp-lzo no' 'fragment 1300' 'explicit-exit-notify 2' \
	'allow-compression asym' 'rcvbuf 393216' 'mtu-disc no' 'disable-dco' >"$LAB_DIR/client.ovpn"

for version in 2.6 2.7; do
	OVPN_VERSION=$version
	for end in server client; do
		"$tool" import "$LAB_DIR/$end.ovpn" to "$LAB_DIR/$end.$version" >"$LAB_DIR/import.$end" || fail "import: $(cat "$LAB_DIR/import.$end")"
		mapfile -t lines <"$LAB_DIR/$end.$version"
		openvpn_start "$end" "$([ $end = server ] && echo "$ns_server" || echo "$ns_client")" mptcp "${lines[@]}"
		[ $end = client ] || wait_for 20 listening "$ns_server" 1194 || fail "OpenVPN $version does not listen: $(openvpn_last server)"
	done
	openvpn_ready client
	need "a ping through the tunnel of OpenVPN $version" wait_for 10 ping_works "$ns_client" 10.8.0.1
	need_offload "$ns_client" "$ns_server"
	ctl client --json
	equal "transport with OpenVPN $version" "$(json '.devices[0].peers[0].transport')" mptcp
	openvpn_stop client
	openvpn_stop server
done
