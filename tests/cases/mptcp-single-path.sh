# topic: an MPTCP socket with one subflow is a full transport too
# kernels: first
. /lab/lib/lab.sh

topology_open 1
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
transfer "$ns_client" "$ns_server" "$tun_server" 4000000
transfer "$ns_server" "$ns_client" "$tun_client" 4000000
