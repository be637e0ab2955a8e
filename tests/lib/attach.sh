# shellcheck shell=bash
# Tunnels without OpenVPN: ovpn-mptcp-ctl attach at both ends. Each end has a name; its configuration, log and pid go by that.
. /lab/lib/tool.sh

declare -A attach_pids=()
tun_server=10.9.0.1 tun_client=10.9.0.2 tun_server6=fd09::1 tun_client6=fd09::2
# more directives for one end; $ATTACH_FAMILY 6 makes the outer connection IPv6
server_lines=() client_lines=()

# A pre-shared key for both ends.
attach_psk() { (umask 077 && openssl rand -hex 32 >"$LAB_DIR/${1:-psk}"); }
# What both ends have unless the test says otherwise.
attach_credentials() { printf 'psk-file %s\n' "$LAB_DIR/psk"; }

# attach_config NAME LINE...
attach_config() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$LAB_DIR/$name.conf"
}

# attach_start NAME NS [WORD...]: with the configuration of that name. A second start under the same name goes to the same log.
attach_start() {
	local name=$1 ns=$2
	shift 2
	helper ip netns exec "$ns" "$tool" attach --config "$LAB_DIR/$name.conf" "$@" >>"$LAB_DIR/$name.log" 2>&1
	attach_pids[$name]=$helper
}

attach_server_lines() {
	local at=10.1.1.1
	[ "${ATTACH_FAMILY:-4}" = 4 ] || at=fd01::1
	printf '%s\n' 'device tun0' "listen ${ATTACH_LISTEN:-$at} 1194" "address $tun_server/24" "address $tun_server6/64"
	attach_credentials server
	printf '%s\n' "${server_lines[@]}"
}
attach_client_lines() {
	local to=10.1.1.1
	[ "${ATTACH_FAMILY:-4}" = 4 ] || to=fd01::1
	printf '%s\n' 'device tun0' "connect ${ATTACH_CONNECT:-$to} 1194" "address $tun_client/24" "address $tun_client6/64"
	attach_credentials client
	printf '%s\n' "${client_lines[@]}"
}

attach_server() {
	local lines
	mapfile -t lines < <(attach_server_lines)
	attach_config server "${lines[@]}"
	attach_start server "$ns_server"
	wait_for 20 listening "$ns_server" 1194 || fail "attach does not listen: $(attach_last server)"
}
attach_client() {
	local lines
	mapfile -t lines < <(attach_client_lines)
	attach_config client "${lines[@]}"
	attach_start client "$ns_client"
}

# attach_pair: both ends attached, and answering.
attach_pair() {
	attach_server
	attach_client
	attach_ready client
	attach_ready server
	wait_for 10 ping_works "$ns_client" "$tun_server" || fail "no ping through the tunnel"
	ok "tunnel is up"
}

attach_log() { printf '%s\n' "$LAB_DIR/$1.log"; }
attach_last() { tail -n 3 "$LAB_DIR/$1.log" | tr '\n' ';'; }
attach_logged() { grep -qE -- "$2" "$LAB_DIR/$1.log"; }
attach_count() { grep -cE -- "$2" "$LAB_DIR/$1.log" || test $? = 1; }
attach_counted() { [ "$(attach_count "$1" "$2")" -ge "$3" ]; }
attach_alive() { kill -0 "${attach_pids[$1]}" 2>/dev/null; }
attach_gone() { ! attach_alive "$1"; }
attach_counted_or_gone() { attach_counted "$@" || attach_gone "$1"; }

attach_done='(attached|attached again|the client is back): '
# attach_ready NAME [TIMES]: attached for the first (or that many) time.
attach_ready() {
	{ wait_for "${ATTACH_DEADLINE:-30}" attach_counted_or_gone "$1" "$attach_done" "${2:-1}" &&
		attach_counted "$1" "$attach_done" "${2:-1}"; } || fail "attach of the $1 is not ready: $(attach_last "$1")"
}

# attach_wait NAME STATUS: ends by itself, with that status.
attach_wait() {
	local status=0
	wait_for "${ATTACH_DEADLINE:-30}" attach_gone "$1" || fail "attach of the $1 does not end: $(attach_last "$1")"
	wait "${attach_pids[$1]}" || status=$?
	unset "attach_pids[$1]"
	[ "$status" = "$2" ] || fail "attach of the $1 ended with status $status, must be $2: $(attach_last "$1")"
	ok "attach of the $1 ended with status $status: $(tail -n 1 "$LAB_DIR/$1.log")"
}
# attach_stop NAME [SIGNAL]: ends on it, within 10 s, and with success unless it is KILL.
attach_stop() {
	kill -"${2:-TERM}" "${attach_pids[$1]}" || fail "attach of the $1 had ended by itself: $(attach_last "$1")"
	[ "${2:-TERM}" != KILL ] || { ATTACH_DEADLINE=10 attach_wait "$1" 137; return; }
	ATTACH_DEADLINE=10 attach_wait "$1" 0
}

# Both ends leave nothing: no device, socket or route.
attach_clean() {
	local ns
	for ns in "$ns_client" "$ns_server"; do
		need "no device is left in $ns" [ -z "$(tunnels_left "$ns")" ]
		need "no socket is left in $ns" wait_for 10 no_sockets_left "$ns"
		need "no route is left in $ns" refuses_route "$ns"
	done
}
refuses_route() { ! { ip -n "$1" route; ip -n "$1" -6 route; } | grep -E '10\.9\.|fd09|tun0|10\.77\.'; }

# Of show --json.
attach_peer='.devices[0].peers[0]'
attach_paths() { ctl "$1" --json && json "[$attach_peer.paths[] | select(.state == \"established\")] | length"; }
attach_has_paths() { [ "$(attach_paths "$1")" = "$2" ]; }
