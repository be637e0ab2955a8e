# topic: a client killed without a goodbye: the server is free for the next one, the orphaned device can be deleted
# kernels: first
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
openvpn_stop client KILL
need "the server noticed" wait_for 20 openvpn_logged server 'onnection reset|restarting|SIGUSR1'
# OpenVPN 2.6 cannot use a device that it finds (it asks for the one with index 0).
[ -n "$LAB_USERSPACE" ] || ip -n "$ns_client" link del tun0
openvpn_client mptcp
openvpn_ready client
need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
need_offload "$ns_client" "$ns_server"
transfer "$ns_client" "$ns_server" "$tun_server" 2000000
