# topic: OpenVPN 2.7 at both ends, over MPTCP on two paths: transfers, renegotiation, a client killed without a goodbye
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
OVPN_VERSION=2.7
client_lines=('reneg-sec 3 3')
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
need "two subflows" wait_for 10 has_subflows "$ns_client" 2
transfer "$ns_client" "$ns_server" "$tun_server" 2000000
transfer "$ns_server" "$ns_client" "$tun_client" 2000000
need "two renegotiations" wait_for 40 openvpn_counted client "$openvpn_negotiated" 3
need "data still pass" ping_works "$ns_client" "$tun_server" 5
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]

openvpn_stop client KILL
need "the server noticed" wait_for 20 openvpn_logged server 'onnection reset|restarting|SIGUSR1'
# Nor does OpenVPN 2.7 use a device that it finds.
[ -n "$LAB_USERSPACE" ] || ip -n "$ns_client" link del tun0
openvpn_client mptcp
openvpn_ready client
need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
need_offload "$ns_client" "$ns_server"
