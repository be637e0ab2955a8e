# topic: 20 renegotiations of the data keys under steady load in both directions lose no packet
# kernels: first
# vm: clock
# timeout: 150
. /lab/lib/lab.sh
[ -n "${LAB_USERSPACE:-}" ] || . /lab/lib/tool.sh

topology_open 2
topology_endpoints
path_shape 1 20mbit 5ms 60
path_shape 2 20mbit 5ms 60
# Not 1: OpenVPN finishes its start-up by a tick of a second, and takes a renegotiation before that for an error; as it does
# when a debug kernel makes one last longer than the keys.
reneg=$((2 * LAB_SLOW))
client_lines=("reneg-sec $reneg $reneg")
server_lines=('reneg-sec 0')
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
iperf_serve "$ns_server"
# Below what the paths carry: a full queue would drop packets for reasons of its own.
load_start "$ns_client" "$tun_server" --bidir -b 2M
ping_start "$LAB_DIR/ping.log" "$ns_client" "$tun_server" 0.05
wait_for 90 openvpn_counted client "$openvpn_negotiated" 21 ||
	fail "only $(openvpn_count client "$openvpn_negotiated") negotiations"
ping_stop
load_stop
[ -n "${LAB_USERSPACE:-}" ] || note "drops of the client: $(tool_drops client); of the server: $(tool_drops server)"
note "renegotiations: $(($(openvpn_count client "$openvpn_negotiated") - 1))"
expect "pings lost of $(ping_replies "$LAB_DIR/ping.log")" "$(ping_lost "$LAB_DIR/ping.log")" '<=' "$(ping_replies "$LAB_DIR/ping.log") / 1000"
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
transfer "$ns_client" "$ns_server" "$tun_server" 2000000
