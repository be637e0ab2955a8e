# topic: OpenVPN 2.7 over TCP, with OpenVPN 2.6 and without offload at the other end; its server ends and starts again
# kernels: first
# timeout: 150
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
ends() {
	openvpn_stop client
	openvpn_stop server
}
pass() {
	transfer "$ns_client" "$ns_server" "$tun_server" 1000000
	transfer "$ns_server" "$ns_client" "$tun_client" 1000000
}

for versions in 2.7:2.6 2.6:2.7; do
	OVPN_SERVER_VERSION=${versions%:*} OVPN_CLIENT_VERSION=${versions#*:}
	note "server $OVPN_SERVER_VERSION, client $OVPN_CLIENT_VERSION"
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	pass
	ends
done
OVPN_VERSION=2.7 OVPN_SERVER_VERSION='' OVPN_CLIENT_VERSION=''
server_lines=(disable-dco)
openvpn_p2p mptcp mptcp
need_offload "$ns_client"
pass
ends
server_lines=() client_lines=(disable-dco)
openvpn_p2p mptcp mptcp
need_offload "$ns_server"
pass
ends
client_lines=()
openvpn_p2p tcp tcp
need_offload "$ns_client" "$ns_server"
pass
for signal in TERM KILL; do
	openvpn_stop server $signal
	times=$(openvpn_count client "$openvpn_initialized")
	need "the client noticed the end by SIG$signal" wait_for 20 openvpn_counted client 'SIGUSR1.*restarting' "$times"
	if tunnels_left "$ns_server" | grep -q tun0; then ip -n "$ns_server" link del tun0; fi
	openvpn_server tcp
	openvpn_ready client $((times + 1))
	need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
	need_offload "$ns_client" "$ns_server"
done
