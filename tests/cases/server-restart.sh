# topic: the server ends and starts again: the client comes back by itself
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
for signal in TERM KILL; do
	openvpn_stop server $signal
	times=$(openvpn_count client "$openvpn_initialized")
	need "the client noticed the end by SIG$signal" wait_for 20 openvpn_counted client 'SIGUSR1.*restarting' "$times"
	if tunnels_left "$ns_server" | grep -q tun0; then ip -n "$ns_server" link del tun0; fi
	openvpn_server mptcp
	openvpn_ready client $((times + 1))
	need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
	need_offload "$ns_client" "$ns_server"
	transfer "$ns_client" "$ns_server" "$tun_server" 2000000
done
