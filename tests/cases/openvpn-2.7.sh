# topic: OpenVPN 2.7 at both ends, over MPTCP on two paths, data channel in the kernel
# kernels: all
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
OVPN_VERSION=2.7
openvpn_many_server mptcp
openvpn_many_client mptcp
need_offload "$ns_client" "$ns_server"
need "two subflows" wait_for 10 has_subflows "$ns_client" 2
# The tool is there for the architecture of the host.
[ -n "$LAB_USERSPACE" ] || [ ! -e /lab/ovpn-mptcp-ctl ] || {
	. /lab/lib/tool.sh
	ctl client --json
	equal "the tool shows it" "$(json '[.devices[] | "\(.dev) \(.kind) \(.peers[].transport) \(.peers[].subflows)"] | join(",")')" "tun0 ovpn mptcp 2"
}
transfer "$ns_client" "$ns_server" "$tun_server" 2000000
transfer "$ns_server" "$ns_client" "$tun_client" 2000000
