# topic: an offloaded client at a server without offload
# kernels: first
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
server_lines=(disable-dco)
openvpn_p2p mptcp mptcp
need_offload "$ns_client"
transfer "$ns_client" "$ns_server" "$tun_server" 4000000
transfer "$ns_server" "$ns_client" "$tun_client" 4000000
