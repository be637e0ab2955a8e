# topic: all paths silently dead: the keepalive notices, the client restarts, and comes back when they heal
# kernels: first
# vm: clock
# timeout: 90
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
client_lines=('keepalive 1 6' 'connect-timeout 5')
server_lines=('keepalive 1 6')
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
path_blackhole 1
path_blackhole 2
cut=$(uptime_now)
# In the offloaded case the kernel says so, else OpenVPN itself.
wait_for 20 openvpn_logged client 'Inactivity timeout|Connection reset, restarting' || fail "the client did not notice: $(openvpn_last client)"
expect "seconds until the client noticed" "$(awk "BEGIN { print $(uptime_now) - $cut }")" '<' 12
wait_for 20 openvpn_logged server 'Inactivity timeout|Connection reset, restarting' || fail "the server did not notice: $(openvpn_last server)"
path_heal 1
path_heal 2
openvpn_ready client 2
need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
need_offload "$ns_client" "$ns_server"
