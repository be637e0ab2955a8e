# shellcheck shell=bash
# Stock OpenVPN daemons. Each has a name; its configuration, log, pid and management socket are files of that name.

# OpenVPN 2.6 asks for the netlink family ovpn-dco-v2, 2.7 for ovpn. $OVPN_VERSION chooses for both ends,
# $OVPN_SERVER_VERSION and $OVPN_CLIENT_VERSION for one of them.
declare -A openvpn_programs=([2.6]=/usr/sbin/openvpn [2.7]=/opt/openvpn-2.7/usr/sbin/openvpn)

declare -A openvpn_pids=()
tun_server=10.8.0.1 tun_client=10.8.0.2 tun_server6=fd08::1 tun_client6=fd08::2

# openvpn_program NAME: of the daemon with this name; every one that is not "server" is a client.
openvpn_program() {
	local version=${OVPN_CLIENT_VERSION:-}
	[ "$1" != server ] || version=${OVPN_SERVER_VERSION:-}
	: "${version:=${OVPN_VERSION:-2.6}}"
	[ -n "${openvpn_programs[$version]:-}" ] || fail "there is no OpenVPN $version here"
	printf '%s\n' "${openvpn_programs[$version]}"
}

# openvpn_start NAME NS TRANSPORT(mptcp|tcp|udp) LINE...: starts a daemon with these configuration lines.
# Lines of a second start under the same name go to the same log, which begins anew.
openvpn_start() {
	local name=$1 ns=$2 wrapper=() program
	case $3 in
	mptcp) wrapper=(mptcpize run) ;;
	tcp | udp) ;;
	*) fail "unknown transport $3" ;;
	esac
	shift 3
	program=$(openvpn_program "$name")
	{
		printf '%s\n' "$@"
		printf '%s\n' 'verb 4' "management $LAB_DIR/$name.sock unix"
		[ -z "${LAB_USERSPACE:-}" ] || echo disable-dco
	} >"$LAB_DIR/$name.conf"
	# here, or the daemon's process would do it when somebody has read what one before it said
	: >"$LAB_DIR/$name.log"
	ip netns exec "$ns" "${wrapper[@]}" "$program" --config "$LAB_DIR/$name.conf" >>"$LAB_DIR/$name.log" 2>&1 9>&- &
	openvpn_pids[$name]=$!
}

# Lines common to all daemons: openvpn_identity CERTIFICATE PEER...
openvpn_identity() {
	local me=$1 peer
	shift
	printf '%s\n' "cert $LAB_CERTS/$me.crt" "key $LAB_CERTS/$me.key" '<peer-fingerprint>'
	for peer; do cat "$LAB_CERTS/$peer.fingerprint"; done
	printf '%s\n' '</peer-fingerprint>' 'dev tun0' 'dev-type tun' "data-ciphers ${OVPN_CIPHER:-AES-128-GCM}"
}

# Point-to-point, TLS. What a test wants beyond this stands in server_lines and client_lines.
# $OVPN_FAMILY 6 makes the outer connection IPv6; $OVPN_REMOTE is the server's address, where that is not on the first path; a tunnel MTU too small for IPv6 sets $OVPN_INNER 4.
server_lines=() client_lines=()

# openvpn_proto TRANSPORT(mptcp|tcp|udp) ROLE(server|client): the configuration's word for it.
openvpn_proto() {
	case $1 in
	udp) printf 'udp%s\n' "${OVPN_FAMILY:-4}" ;;
	*) printf 'tcp%s-%s\n' "${OVPN_FAMILY:-4}" "$2" ;;
	esac
}

# A server for a single client does not listen any more when the client is there, which may have waited for it.
openvpn_serves() { listening "$ns_server" 1194 "$1" || openvpn_logged server 'TCP connection established'; }
# openvpn_server TRANSPORT: it has its port when it returns.
openvpn_server() {
	local lines
	mapfile -t lines < <(openvpn_identity server client)
	[ "${OVPN_INNER:-}" = 4 ] || lines+=("ifconfig-ipv6 $tun_server6/64 $tun_client6")
	openvpn_start server "$ns_server" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" server)" 'lport 1194' tls-server 'dh none' \
		"ifconfig $tun_server $tun_client" 'keepalive 5 60' "${server_lines[@]}"
	wait_for 20 openvpn_serves "$1" || fail "OpenVPN server does not listen: $(openvpn_last server)"
}
openvpn_client() {
	local lines remote=${OVPN_REMOTE:-10.1.1.1}
	[ "${OVPN_FAMILY:-4}" = 4 ] || remote=fd01::1
	mapfile -t lines < <(openvpn_identity client server)
	[ "${OVPN_INNER:-}" = 4 ] || lines+=("ifconfig-ipv6 $tun_client6/64 $tun_server6")
	openvpn_start client "$ns_client" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" client)" "remote $remote 1194" nobind tls-client \
		"ifconfig $tun_client $tun_server" 'keepalive 5 60' 'connect-retry 1' "${client_lines[@]}"
}

# openvpn_p2p SERVER_TRANSPORT CLIENT_TRANSPORT: both ready and answering.
openvpn_p2p() {
	openvpn_server "$1"
	openvpn_client "$2"
	openvpn_ready client
	openvpn_ready server
	wait_for 10 ping_works "$ns_client" "$tun_server" || fail "no ping through the tunnel"
	ok "tunnel is up"
}

# The same with a server for many clients. It goes on to listen, which further paths need; one for a single client closes
# the door behind it, and whether a second path is through by then is a matter of luck.
openvpn_many_server() {
	local lines
	mapfile -t lines < <(openvpn_identity server client)
	openvpn_start server "$ns_server" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" server)" 'lport 1194' 'dh none' \
		'topology subnet' 'server 10.8.0.0 255.255.255.0' 'keepalive 5 60' "${server_lines[@]}"
	wait_for 20 listening "$ns_server" 1194 "$1" || fail "OpenVPN server does not listen: $(openvpn_last server)"
}
openvpn_many_client() {
	local lines
	mapfile -t lines < <(openvpn_identity client server)
	openvpn_start client "$ns_client" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" client)" "remote ${OVPN_REMOTE:-10.1.1.1} 1194" client \
		nobind 'connect-retry 1' "${client_lines[@]}"
	openvpn_ready client
	wait_for 10 ping_works "$ns_client" "$tun_server" || fail "no ping through the tunnel"
	ok "tunnel is up"
}

openvpn_log() { printf '%s\n' "$LAB_DIR/$1.log"; }
openvpn_last() { tail -n 3 "$LAB_DIR/$1.log" | tr '\n' ';'; }
openvpn_logged() { grep -qE -- "$2" "$LAB_DIR/$1.log"; }
openvpn_count() { grep -cE -- "$2" "$LAB_DIR/$1.log" || test $? = 1; }
openvpn_counted() { [ "$(openvpn_count "$1" "$2")" -ge "$3" ]; }
openvpn_alive() { kill -0 "${openvpn_pids[$1]}" 2>/dev/null; }
openvpn_gone() { ! openvpn_alive "$1"; }

openvpn_initialized='Initialization Sequence Completed'
# openvpn_ready NAME [TIMES]: initialised for the first (or that many) time.
openvpn_ready() {
	wait_for "${OVPN_DEADLINE:-30}" openvpn_counted_or_gone "$1" "$openvpn_initialized" "${2:-1}"
	openvpn_counted "$1" "$openvpn_initialized" "${2:-1}" || fail "OpenVPN $1 is not ready: $(openvpn_last "$1")"
}
openvpn_counted_or_gone() { openvpn_counted "$@" || openvpn_gone "$1"; }

# openvpn_manage NAME COMMAND: the answer of the management interface. "quit" would throw the answer away; the end of
# the input is looked at when the answer is out.
openvpn_manage() { printf '%s\n' "$2" | socat -t 5 - "UNIX-CONNECT:$LAB_DIR/$1.sock" | tr -d '\r'; }

# openvpn_offloaded NS [DEVICE]: the tunnel device is the module's, so data can only go through the kernel. The kernel's own
# module has devices of the kind ovpn, too; those have the kernel's version.
openvpn_offloaded() {
	[ -z "${LAB_USERSPACE:-}" ] || return 0
	case $(ip -n "$1" -d -j link show "${2:-tun0}" | jq -r '.[0].linkinfo.info_kind') in
	ovpn-dco*) ;;
	ovpn) ip netns exec "$1" ethtool -i "${2:-tun0}" | grep -qxF "version: $(cat /sys/module/ovpn_dco_mptcp/version)" ;;
	*) return 1 ;;
	esac
}
# need_offload NS...: asserts it.
need_offload() {
	local ns
	for ns; do need "data channel of $ns is offloaded" openvpn_offloaded "$ns"; done
}

openvpn_signal() { kill -"$2" "${openvpn_pids[$1]}"; }
# openvpn_stop NAME [SIGNAL]: must end within 10 s.
openvpn_stop() {
	local pid=${openvpn_pids[$1]}
	kill -"${2:-TERM}" "$pid" || fail "OpenVPN $1 had ended by itself: $(openvpn_last "$1")"
	wait_for 10 openvpn_gone "$1" || fail "OpenVPN $1 does not end on SIG${2:-TERM}"
	# Its exit status says nothing: 1 when SIGTERM meets it in a restart pause.
	wait "$pid" || test "${2:-TERM}" = KILL || openvpn_logged "$1" 'SIG.* received, process exiting' ||
		fail "OpenVPN $1 ended with an error: $(openvpn_last "$1")"
	unset "openvpn_pids[$1]"
}

# For a daemon that may have ended by itself already.
openvpn_finish() {
	local pid=${openvpn_pids[$1]}
	kill -TERM "$pid" 2>/dev/null || test $? = 1
	wait_for 10 openvpn_gone "$1" || fail "OpenVPN $1 does not end on SIGTERM"
	unset "openvpn_pids[$1]"
}

# openvpn_replace_client TRANSPORT: the client is killed without a goodbye, and another one takes its place.
openvpn_replace_client() {
	openvpn_stop client KILL
	need "the server noticed" wait_for 20 openvpn_logged server 'onnection reset|restarting|SIGUSR1'
	openvpn_client "$1"
	openvpn_ready client
	need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
	need_offload "$ns_client" "$ns_server"
}

# openvpn_restart_server TRANSPORT SIGNAL: the server ends and starts again, and the client comes back by itself.
openvpn_restart_server() {
	local times
	openvpn_stop server "$2"
	times=$(openvpn_count client "$openvpn_initialized")
	need "the client noticed the end by SIG$2" wait_for 20 openvpn_counted client 'SIGUSR1.*restarting' "$times"
	openvpn_server "$1"
	openvpn_ready client $((times + 1))
	need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
	need_offload "$ns_client" "$ns_server"
}

# The end of every test: daemons that hang or have died are failures.
openvpn_stop_all() {
	local name bad=0
	for name in "${!openvpn_pids[@]}"; do
		(openvpn_stop "$name") || { bad=1; kill -KILL "${openvpn_pids[$name]}" 2>/dev/null; }
	done
	return $bad
}

# Seconds of each renegotiation that the log of NAME shows, one per line: from the soft reset to the new data keys.
openvpn_renegotiation_times() {
	awk '{ split($2, t, ":"); now = t[1] * 3600 + t[2] * 60 + t[3] + substr($3, 4) / 1e6 }
		/TLS: soft reset/ { begun = now }
		/Control Channel: TLS/ && begun { printf "%.3f\n", now - begun; begun = 0 }' "$LAB_DIR/$1.log"
}
openvpn_negotiated='Control Channel: TLS'
