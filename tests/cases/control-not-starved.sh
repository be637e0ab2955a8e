# topic: under full data load on thin paths a TLS renegotiation still completes within its window
# kernels: first
# vm: clock
# timeout: 180
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
path_shape 1 5mbit 20ms 100
path_shape 2 5mbit 20ms 100
client_lines=('reneg-sec 6 6' 'hand-window 5')
server_lines=('reneg-sec 0' 'hand-window 5')
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
iperf_serve "$ns_server"
load_start "$ns_client" "$tun_server" --bidir
need "three renegotiations under load" wait_for 60 openvpn_counted client "$openvpn_negotiated" 4
load_stop
expect "longest renegotiation (s)" "$(openvpn_renegotiation_times client | sort -n | tail -n1)" '<' 3
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
