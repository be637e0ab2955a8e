# topic: IPv6 outside and inside, two paths
# vm: clock
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints 6
path_shape 1 20mbit 10ms
path_shape 2 20mbit 10ms
OVPN_FAMILY=6 openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
wait_for 10 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflow"
need "IPv6 ping through the tunnel" wait_for 10 ping_works "$ns_client" "$tun_server6"
before=("$(path_bytes 1 up)" "$(path_bytes 2 up)")
transfer "$ns_client" "$ns_server" "$tun_server6" 6000000
expect "bytes on path 1" $(($(path_bytes 1 up) - before[0])) '>' 1000000
expect "bytes on path 2" $(($(path_bytes 2 up) - before[1])) '>' 1000000
