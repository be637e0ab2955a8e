# topic: OpenVPN 2.7 renegotiates, its client is killed; OpenVPN 2.6 at one end, no offload at one end; TCP, and a server that starts again
# kernels: first
# timeout: 180
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

OVPN_VERSION=2.7
client_lines=('reneg-sec 3 3')
openvpn_p2p mptcp mptcp
need "two renegotiations" wait_for 40 openvpn_counted client "$openvpn_negotiated" 3
need "data still pass" ping_works "$ns_client" "$tun_server" 5
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]

openvpn_replace_client mptcp
ends
client_lines=()

for versions in 2.7:2.6 2.6:2.7; do
	OVPN_SERVER_VERSION=${versions%:*} OVPN_CLIENT_VERSION=${versions#*:}
	note "server $OVPN_SERVER_VERSION, client $OVPN_CLIENT_VERSION"
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	pass
	ends
done
OVPN_SERVER_VERSION='' OVPN_CLIENT_VERSION=''
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
for signal in TERM KILL; do openvpn_restart_server tcp $signal; done
