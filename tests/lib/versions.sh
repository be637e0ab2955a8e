# shellcheck shell=bash
# One version of OpenVPN against another, over UDP.

# versions_meet SERVER CLIENT FAMILY [userspace NAME]: one tunnel between these versions.
versions_meet() {
	OVPN_SERVER_VERSION=$1 OVPN_CLIENT_VERSION=$2 OVPN_FAMILY=$3
	server_lines=('reneg-sec 0') client_lines=('reneg-sec 0')
	[ "${4:-}" != server ] || server_lines+=(disable-dco)
	[ "${4:-}" != client ] || client_lines+=(disable-dco)
	openvpn_p2p udp udp
	[ "${4:-}" = server ] || need_offload "$ns_server"
	[ "${4:-}" = client ] || need_offload "$ns_client"
	need "IPv6 inside" wait_for 10 ping_works "$ns_client" "$tun_server6"
	transfer "$ns_client" "$ns_server" "$tun_server" 1000000
	transfer "$ns_server" "$ns_client" "$tun_client" 1000000
	openvpn_stop client
	openvpn_stop server
	ok "server $1, client $2, IPv$3${4:+, $4 in userspace}"
}
