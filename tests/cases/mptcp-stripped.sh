# topic: a middlebox strips the MPTCP option from every packet: both ends fall back to TCP, the tunnel works, and keep tells
# kernels: first
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

topology_open 2
topology_endpoints
paths_strip_mptcp
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
transfer "$ns_client" "$ns_server" "$tun_server" 4000000
transfer "$ns_server" "$ns_client" "$tun_client" 4000000
need "no second path came up" [ "$(path_bytes 2 up)" -lt 100000 ]
need "the kernel counted a fallback" on_client awk '
	/^MPTcpExt:/ { if (!n) { n = split($0, name) } else { for (i = 2; i <= n; i++) v[name[i]] = $i } }
	END { exit !(v["MPCapableFallbackSYNACK"] + v["MPCapableFallbackACK"] + v["MPFallbackTokenInit"] > 0) }' /proc/net/netstat
keep_start
need "keep tells of it" wait_for 10 keep_said fallback
