# topic: stock client and server over MPTCP, data channel in the kernel, one tunnel on two paths
# kernels: all
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
path_shape 1 10mbit 10ms
path_shape 2 10mbit 10ms
openvpn_many_server mptcp
openvpn_many_client mptcp
need_offload "$ns_client" "$ns_server"
wait_for 10 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflow"

# A debug kernel may be so slow that one path is nearly enough.
least=$((700000 / LAB_SLOW))
for direction in up down; do
	before=("$(path_bytes 1 $direction)" "$(path_bytes 2 $direction)")
	case $direction in
	up) transfer "$ns_client" "$ns_server" "$tun_server" 4000000 ;;
	down) transfer "$ns_server" "$ns_client" "$tun_client" 4000000 ;;
	esac
	expect "bytes on path 1 ($direction)" $(($(path_bytes 1 $direction) - before[0])) '>' $least
	expect "bytes on path 2 ($direction)" $(($(path_bytes 2 $direction) - before[1])) '>' $least
done
