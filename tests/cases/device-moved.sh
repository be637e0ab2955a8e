# topic: an --up script moves the device into another network namespace, at both ends: keys, counters, the end of peers and of the daemon as with tun
# timeout: 100
. /lab/lib/lab.sh

topology_open 2
topology_endpoints
# They go with the test, as those of the two ends do.
app_client=c2_$$ app_server=s2_$$
ip netns add "$app_client"
ip netns add "$app_server"

cat >"$LAB_DIR/move" <<'END'
#!/bin/bash
set -e
ip link set "$dev" netns "$APP"
ip -n "$APP" link set "$dev" up name moved
ip -n "$APP" addr add "$ifconfig_local/24" dev moved
END
chmod +x "$LAB_DIR/move"

status_bytes() { openvpn_manage server 'status 2' | awk -F, '$1 == "CLIENT_LIST" { print $6 }'; }
# OpenVPN 2.6 asks the kernel for nothing here.
counts_all() { [ "$(status_bytes)" -ge "$1" ]; }
gone() { ! ip -n "$1" link show moved >/dev/null 2>&1; }

# One OpenVPN on each of two kernels.
case $(uname -r) in
6.1.*) runs=(2.6:mptcp 2.6:udp) ;;
*) runs=(2.7:tcp 2.7:udp) ;;
esac
for run in "${runs[@]}"; do
	OVPN_VERSION=${run%:*} transport=${run#*:}
	note "OpenVPN $OVPN_VERSION, $transport"
	both=('script-security 2' "up $LAB_DIR/move" 'keepalive 1 5')
	server_lines=("${both[@]}" "setenv APP $app_server")
	client_lines=("${both[@]}" "setenv APP $app_client" 'reneg-sec 7 7')
	openvpn_many_server "$transport"
	mapfile -t lines < <(openvpn_identity client server)
	openvpn_start client "$ns_client" "$transport" "${lines[@]}" "proto $(openvpn_proto "$transport" client)" 'remote 10.1.1.1 1194' client \
		nobind 'connect-retry 1' "${client_lines[@]}"
	openvpn_ready client
	need "data pass" wait_for 10 ping_works "$app_client" "$tun_server"
	need "offloaded" openvpn_offloaded "$app_client" moved
	transfer "$app_client" "$app_server" "$tun_server" 500000
	[ "$OVPN_VERSION" = 2.6 ] || need "the server's status has the bytes" wait_for 10 counts_all 500000
	need "a renegotiation" wait_for 30 openvpn_counted client "$openvpn_negotiated" 2
	transfer "$app_server" "$app_client" 10.8.0.2 500000
	need "the tunnel was never restarted" [ "$(openvpn_count client "$openvpn_initialized")" = 1 ]

	openvpn_stop client KILL
	need "the client's device went with it" gone "$app_client"
	need "the server is told of the end" wait_for 20 openvpn_logged server 'SIG(USR1|TERM)\[soft,'
	openvpn_stop server
	need "the server's device goes with it" wait_for 5 gone "$app_server"
done
