# shellcheck shell=bash
# The cipher tests: each cipher against OpenVPN's own implementation, then between two kernels.

cipher_case() {
	OVPN_CIPHER=$1
	topology_open 1
	for server_lines in disable-dco ''; do
		openvpn_p2p mptcp mptcp
		need_offload "$ns_client"
		[ -n "$server_lines" ] || need_offload "$ns_server"
		need "both ends use $1" openvpn_logged client "Data Channel: cipher '$1'"
		transfer "$ns_client" "$ns_server" "$tun_server" 3000000
		transfer "$ns_server" "$ns_client" "$tun_client" 3000000
		openvpn_stop client
		openvpn_stop server
	done
}
