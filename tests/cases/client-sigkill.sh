# topic: a client killed without a goodbye: the server is free for the next one, the orphaned device can be deleted
# kernels: first
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
openvpn_replace_client mptcp
transfer "$ns_client" "$ns_server" "$tun_server" 2000000
