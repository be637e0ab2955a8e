# topic: a client over UDP changes its address under load: the server follows it, told once, and hardly a packet is lost
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/tool.sh

OVPN_VERSION=2.7
topology_open 1
lines() { mapfile -t lines < <(openvpn_identity "$@"); }
lines server client
openvpn_start server "$ns_server" udp "${lines[@]}" 'proto udp4' 'lport 1194' 'dh none' 'topology subnet' \
	'server 10.8.0.0 255.255.255.0' 'keepalive 5 60' 'reneg-sec 0'
wait_for 20 listening "$ns_server" 1194 udp || fail "OpenVPN server does not listen: $(openvpn_last server)"
lines client server
openvpn_start client "$ns_client" udp "${lines[@]}" 'proto udp4' 'remote 10.1.1.1 1194' client nobind 'reneg-sec 0'
openvpn_ready client
need "the tunnel is up" wait_for 10 ping_works "$ns_client" "$tun_server"
need_offload "$ns_client" "$ns_server"

iperf_serve "$ns_server"
helper ip netns exec "$ns_server" "$tool" monitor --json >"$LAB_DIR/monitor"
load_start "$ns_client" "$tun_server"
ping_start "$LAB_DIR/ping" "$ns_client" "$tun_server" 0.05
need "pings are answered under load" wait_for 20 ping_has_replies "$LAB_DIR/ping" 20

# As when a line gets another address: the socket is bound to none, so packets have the new one from then on.
on_client sysctl -qw net.ipv4.conf.p1c.promote_secondaries=1
ip -n "$ns_client" addr add 10.1.1.3/24 dev p1c
ip -n "$ns_client" addr del 10.1.1.2/24 dev p1c
moved() { jq -e 'select(.event == "peer-float")' "$LAB_DIR/monitor" >/dev/null; }
need "the server follows" wait_for 20 moved
replies=$(ping_replies "$LAB_DIR/ping")
need "pings are answered from there" wait_for 20 ping_has_replies "$LAB_DIR/ping" $((replies + 40))
ping_stop
load_stop
equal "float notifications" "$(jq -s '[.[] | select(.event == "peer-float")] | length' "$LAB_DIR/monitor")" 1
equal "where it is now" "$(jq -r 'select(.event == "peer-float").remote' "$LAB_DIR/monitor")" 10.1.1.3
need "OpenVPN knows it, too" openvpn_logged server 'floated|10\.1\.1\.3'
expect "pings lost of $(ping_sent "$LAB_DIR/ping")" "$(ping_lost "$LAB_DIR/ping")" '<=' 20
