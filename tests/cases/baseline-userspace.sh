# topic: reference figures without the module: plain MPTCP, and userspace OpenVPN over MPTCP, on two shaped paths
# kernels: first
# vm: icount
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/cut.sh

topology_open 2
topology_endpoints
path_shape 1 20mbit 10ms
path_shape 2 20mbit 10ms

iperf_serve "$ns_server" mptcpize run
IPERF_WRAPPER='mptcpize run' iperf_run plain "$ns_client" 10.1.1.1 5
note "plain MPTCP: $mbit Mbit/s"
need "both paths carry plain MPTCP" number "$(path_bytes 2 up) > 4000000 && $(path_bytes 1 up) > 4000000"

server_lines=(disable-dco) client_lines=(disable-dco)
openvpn_p2p mptcp mptcp
iperf_run tunnel "$ns_client" "$tun_server" 5
note "userspace OpenVPN over MPTCP: $mbit Mbit/s"
ping_start "$LAB_DIR/ping-idle.log" "$ns_client" "$tun_server" 0.1
wait_for 10 ping_has_replies "$LAB_DIR/ping-idle.log" 30 || fail "no ping"
ping_stop
note "ping idle: $(ping_mean "$LAB_DIR/ping-idle.log") ms"
load_start "$ns_client" "$tun_server"
ping_start "$LAB_DIR/ping-load.log" "$ns_client" "$tun_server" 0.1
wait_for 30 ping_has_replies "$LAB_DIR/ping-load.log" 100 || fail "no ping under load"
ping_stop
load_stop
note "ping under load: mean $(ping_mean "$LAB_DIR/ping-load.log") ms, max $(ping_max "$LAB_DIR/ping-load.log") ms"

gap_after path_down path_up
gap_after path_blackhole path_heal
