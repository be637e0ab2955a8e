# topic: keep at the server announces its second address again when the client has lost the path to it, and the client connects
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

# The client has no endpoints: it connects to what is announced, as often as its limit says.
keep_side=server
keep_endpoint='10.1.2.1 id 7 signal dev p2s '
keep_endpoints() {
	ip -n "$ns_client" mptcp limits set add_addr_accepted 8
	ip -n "$ns_server" mptcp endpoint add 10.1.2.1 id 7 dev p2s signal
}
keep_open 3
tunnel_busy
path_reset 2 1194
need "the path is lost" wait_for 60 path_gone 2
path_reset_end
stays_away 2 20
tunnel_quiet
keep_start
# An address is missed by who has used it, so the first time is another program's.
ip -n "$ns_server" mptcp endpoint del id 7
ip -n "$ns_server" mptcp endpoint add 10.1.2.1 id 7 dev p2s signal
need "the path is there again" wait_for 10 path_lives 2
for round in 1 2 3; do
	tunnel_busy
	path_reset 2 1194
	need "round $round: the path is lost" wait_for 60 path_gone 2
	path_reset_end
	need "round $round: the server has lost it, too" wait_for 60 keep_said renewed "$round"
	returns 2 "$keep_told"
	tunnel_quiet
done
need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]
keep_stop
