# topic: server and client killed without a goodbye and started again at once, fixed and dynamic name of the device: nothing is in their way; devices made by hand stay
# timeout: 120
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
kinds=(ovpn-dco ovpn)
[ -z "$LAB_USERSPACE" ] || kinds=()
for kind in "${kinds[@]}"; do ip -n "$ns_server" link add "my-$kind" type "$kind"; done

# kill_hard NAME NS: what a supervisor does that starts it again: it waits for the end, and for nothing else.
kill_hard() {
	local pid=${openvpn_pids[$1]}
	kill -KILL "$pid"
	wait "$pid" || test $? = 137 || fail "$1 was not killed"
	unset "openvpn_pids[$1]"
	refuse "the device of $1 went with it" on_"$1" test -e /sys/class/net/tun0
}
index() { on_"$1" cat /sys/class/net/tun0/ifindex; }

for run in 2.6:mptcp 2.7:udp; do
	OVPN_VERSION=${run%:*} transport=${run#*:}
	server_lines=('dev tun' 'keepalive 1 6') client_lines=(persist-tun 'keepalive 1 6')
	openvpn_many_server "$transport"
	need "$run: the server has its device" wait_for 10 openvpn_offloaded "$ns_server"
	kill_hard server
	openvpn_many_server "$transport"
	openvpn_many_client "$transport"
	need_offload "$ns_client" "$ns_server"
	had=$(index client)

	kill_hard server
	openvpn_many_server "$transport"
	openvpn_ready client 2
	need "$run: the client comes back to a new server" wait_for 20 ping_works "$ns_client" "$tun_server"
	need "$run: persist-tun keeps the device" [ "$(index client)" = "$had" ]

	kill_hard client
	openvpn_many_client "$transport"
	need_offload "$ns_client" "$ns_server"
	transfer "$ns_client" "$ns_server" "$tun_server" 500000
	openvpn_stop client
	openvpn_stop server
done
for kind in "${kinds[@]}"; do need "the $kind device made by hand is there" ip -n "$ns_server" link del "my-$kind"; done
