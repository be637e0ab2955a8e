# topic: MPTCP stripped on the way or switched off: with require-mptcp the exit status says so, without it there is a tunnel and a warning
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 1
attach_psk
attach_server
paths_strip_mptcp
client_lines=('require-mptcp')
attach_client
attach_wait client 5
need "it says what happened" attach_logged client 'expected MPTCP, and the connection fell back to TCP'
need "nothing is left at the client" [ -z "$(tunnels_left "$ns_client")" ]
client_lines=()
attach_client
attach_ready client
need "without it there is a warning" attach_logged client 'warning: the connection fell back to TCP'
need "and the transport is named" attach_logged client 'attached: 10\.1\.1\.1:1194 over (mptcp-fallback|tcp),'
need "ping" wait_for 10 ping_works "$ns_client" "$tun_server"
transfer "$ns_client" "$ns_server" "$tun_server" 500000
attach_stop client
attach_stop server

# A server that requires it refuses the client and goes on.
server_lines=('require-mptcp')
attach_server
attach_client
attach_wait client 2
need "the client knows why" attach_logged client 'the server refused: it requires MPTCP'
need "the server refuses" attach_logged server 'expected MPTCP, and the connection fell back to TCP'
attach_stop server
on_server nft delete table inet middlebox

on_client sysctl -qw net.mptcp.enabled=0
server_lines=()
attach_server
client_lines=('require-mptcp')
attach_client
attach_wait client 4
need "it says what to do" attach_logged client 'sysctl net\.mptcp\.enabled=1'
client_lines=()
attach_client
attach_ready client 2
need "a warning again" attach_logged client 'warning: there is no MPTCP'
need "plain TCP" attach_logged client 'attached: 10\.1\.1\.1:1194 over tcp,'
transfer "$ns_client" "$ns_server" "$tun_server" 500000
attach_stop client
attach_stop server
on_client sysctl -qw net.mptcp.enabled=1
attach_clean
