# topic: one flow over two paths of 20 Mbit/s and 10 ms with bbr, ECN and tcp_mtu_probing: plain MPTCP, and a tunnel of this module
# vm: icount
# timeout: 240
. /lab/cases/lib/links.sh

profile_open equal
congestion bbr
for ns in "$ns_client" "$ns_server"; do ip netns exec "$ns" sysctl -qw net.ipv4.tcp_ecn=1 net.ipv4.tcp_mtu_probing=2; done
plain_mptcp
links_flows tuned.mptcp 10.1.1.1 'mptcpize run'
links_tunnel ours
need_congestion bbr
links_flows tuned.ours "$tun_server"
