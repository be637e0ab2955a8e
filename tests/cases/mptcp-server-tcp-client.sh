# topic: a plain TCP client at an MPTCP server (the server's socket has fallen back), both offloaded
# kernels: all
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
openvpn_p2p mptcp tcp
need_offload "$ns_client" "$ns_server"
need "the connection is plain TCP" [ "$(subflows "$ns_client")" = 0 ]
transfer "$ns_client" "$ns_server" "$tun_server" 4000000
transfer "$ns_server" "$ns_client" "$tun_client" 4000000
