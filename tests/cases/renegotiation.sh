# topic: the control channel renegotiates from either end while the data channel is in the kernel
# kernels: first
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
for who in client server; do
	client_lines=('reneg-sec 0') server_lines=('reneg-sec 0')
	[ $who = server ] || client_lines=('reneg-sec 3 3')
	[ $who = client ] || server_lines=('reneg-sec 3 3')
	openvpn_p2p mptcp mptcp
	need_offload "$ns_client" "$ns_server"
	need "five renegotiations begun by the $who" wait_for 40 openvpn_counted $who "$openvpn_negotiated" 6
	need "data still pass" ping_works "$ns_client" "$tun_server" 5
	need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
	openvpn_stop client
	openvpn_stop server
done
