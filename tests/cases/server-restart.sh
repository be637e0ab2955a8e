# topic: the server is stopped and starts again: the client comes back by itself
# kernels: first
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
openvpn_restart_server mptcp TERM
transfer "$ns_client" "$ns_server" "$tun_server" 2000000
