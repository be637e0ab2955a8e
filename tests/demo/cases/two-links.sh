# topic: one tunnel on two links of 20 Mbit/s: a single TCP flow uses both, and either may fail under way; then on links that differ
# vm: icount
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/cut.sh
. /lab/lib/profiles.sh

# tests/demo/run shows lines that begin with "~ " while the case runs; any other runner passes over them:
#   ~ say TEXT                                   ~ rate LINK1 LINK2           Mbit/s since the last such line
#   ~ flow KEY UP_OR_DOWN MBIT CPU_PERCENT       ~ event SILENCE_KEY TEXT     at this point of the rates
#   ~ silence KEY SECONDS                        ~ fact TEXT                  for the end of the report
#   ~ story begin|end                            the rates between are drawn
#   ~ links RATE1 RATE2                          what they can carry from now on, Mbit/s
#   ~ beside KEY MBIT MEAN P99                   a flow, and the ping beside it in ms
# Seldom, because polling takes most of the time that this case lasts on the host.
pause() { ! read -r -t 0.25 -u "$never_ready"; }

live() { printf '~ %s\n' "$*" >/dev/ttyS1; }
say() { live say "$@"; }

# The rates of the links, every half second, until the end of the helper. Nothing but bash runs: the processor is measured.
rates_start() {
	helper ip netns exec "$ns_client" bash -c '
		read_all() {
			local n
			for n in 1 2; do
				read -r "tx$n" <"/sys/class/net/p${n}c/statistics/tx_bytes"
				read -r "rx$n" <"/sys/class/net/p${n}c/statistics/rx_bytes"
			done
			read -r up _ </proc/uptime
			up=${up/./} sum1=$((tx1 + rx1)) sum2=$((tx2 + rx2))
		}
		rate() { printf "%d.%d" $(($1 * 8 / $2 / 10000)) $(($1 * 8 / $2 / 1000 % 10)); }
		exec {never}<> <(:)
		read_all
		while :; do
			old1=$sum1 old2=$sum2 then=$up
			read -r -t 0.5 -u $never
			read_all
			printf "~ rate %s %s\n" "$(rate $((sum1 - old1)) $((up - then)))" "$(rate $((sum2 - old2)) $((up - then)))" >/dev/ttyS1
		done'
	rates_pid=$helper
}
rates_stop() { helper_stop "$rates_pid"; }

# flow KEY up|down FROM TO [WRAPPER]: one TCP flow for three seconds, after two to get up to speed; sets $mbit.
flow() {
	local key=$1 direction=$2 from=$3 to=$4 before after options=(-O 2)
	[ "$direction" = up ] || options+=(-R)
	rates_start
	read -ra before </proc/uptime
	IPERF_WRAPPER=${5:-} iperf_run "$key-$direction" "$from" "$to" 3 "${options[@]}"
	read -ra after </proc/uptime
	rates_stop
	live flow "$key" "$direction" "$mbit" "$(awk "BEGIN { print 100 - 100 * (${after[1]} - ${before[1]}) / (${after[0]} - ${before[0]}) }")"
}

# Multi-client server: it keeps listening, so that links can join later.
tunnel_up() {
	local lines
	mapfile -t lines < <(openvpn_identity server client)
	openvpn_start server "$ns_server" mptcp "${lines[@]}" 'proto tcp4-server' 'lport 1194' 'dh none' 'topology subnet' \
		'server 10.8.0.0 255.255.255.0' 'keepalive 5 60' "$@"
	wait_for 20 listening "$ns_server" 1194 || fail "OpenVPN server does not listen: $(openvpn_last server)"
	mapfile -t lines < <(openvpn_identity client server)
	openvpn_start client "$ns_client" mptcp "${lines[@]}" 'proto tcp4-client' 'remote 10.1.1.1 1194' nobind client "$@"
	openvpn_ready client
	wait_for 10 ping_works "$ns_client" "$tun_server" || fail "no ping through the tunnel"
}
tunnel_down() {
	openvpn_stop client
	openvpn_stop server
}

both_links() { wait_for 10 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflow"; }

baselines() {
	topology_endpoints
	iperf_serve "$ns_server" mptcpize run
	say "one TCP flow, no tunnel, link 1 alone"
	flow tcp up "$ns_client" 10.1.1.1
	say "one MPTCP flow, no tunnel, both links"
	flow mptcp up "$ns_client" 10.1.1.1 'mptcpize run'
	say "OpenVPN over MPTCP, both links, data channel in userspace (disable-dco)"
	tunnel_up disable-dco
	both_links
	flow userspace up "$ns_client" "$tun_server"
	tunnel_down
}

offloaded_one_link() {
	ip -n "$ns_server" mptcp endpoint flush
	say "the same OpenVPN, data channel in the kernel; so far it has link 1 alone"
	tunnel_up
	need_offload "$ns_client" "$ns_server"
	started=$(daemons)
	flow one up "$ns_client" "$tun_server"
	expect "Mbit/s over one link" "$mbit" '>' 16
}

offloaded_both_links() {
	say "one TCP flow through the same tunnel, over both links"
	flow both up "$ns_client" "$tun_server"
	expect "Mbit/s over both links, upload" "$mbit" '>' 32
	flow both down "$ns_client" "$tun_server"
	expect "Mbit/s over both links, download" "$mbit" '>' 32
}

# carried LINK BYTES: waits until the client has sent that much more over the link. Polls with nothing but bash.
carried() {
	on_client timeout 60 bash -c '
		exec {never}<> <(:)
		file=/sys/class/net/p${1}c/statistics/tx_bytes
		read -r begin <"$file"
		until read -r now <"$file" && [ "$now" -ge $((begin + $2)) ]; do read -r -t 0.1 -u $never; done
		exit 0' carried "$@" ||
		fail "link $1 does not carry data"
}

# lose KEY EVENT UNDO TEXT_EVENT TEXT_UNDO: link 1 fails under load and comes back.
lose() {
	local key=$1 file=$LAB_DIR/ping-$1.log replies gap
	ping_start "$file" "$ns_client" "$tun_server" 0.05
	wait_for 30 ping_has_replies "$file" 40 || fail "no answers to ping before the cut"
	carried 1 1000000
	"$2" 1
	live event "load-$key" "$4"
	carried 2 4000000
	replies=$(ping_replies "$file")
	wait_for 30 ping_has_replies "$file" $((replies + 20)) || fail "no answers to ping after the cut"
	"$3" 1
	live event - "$5"
	carried 1 4000000
	ping_stop
	gap=$(ping_gap "$file")
	live silence "load-$key" "$gap"
	# As cut_load has it, for the same reason.
	expect "longest silence under load, $4 (s)" "$gap" '<' 6
}

# The same without other traffic; the path that carries the pings is the one to fail.
lose_idle() {
	say "a ping every 50 ms and no other traffic; the link that carries it $4"
	cut_pings "$2" "$3"
	live silence "idle-$1" "$gap"
	both_links
}

join_and_lose() {
	say "one TCP flow without end; link 2 joins while it runs, then link 1 fails in two ways, with a ping every 50 ms"
	load_start "$ns_client" "$tun_server"
	carried 1 3000000
	rates_start
	live story begin
	carried 1 3000000
	ip -n "$ns_server" mptcp endpoint add 10.1.2.1 dev p2s signal
	live event - 'link 2: ip mptcp endpoint add 10.1.2.1 dev p2s signal'
	both_links
	carried 2 8000000
	lose down path_down path_up 'link 1: carrier lost' 'link 1: carrier back'
	lose blackhole path_blackhole path_heal 'link 1: swallows everything' 'link 1: passes again'
	rates_stop
	live story end
	load_stop
	iperf_ended "$ns_server" 30
}

lose_idle_both() {
	lose_idle down path_down path_up 'loses its carrier'
	lose_idle blackhole path_blackhole path_heal 'swallows everything'
}

# "NAME PID STARTED PROGRAM" of both daemons; a restarted or replaced one would differ.
daemons() {
	local name stat
	for name in client server; do
		read -r stat <"/proc/${openvpn_pids[$name]}/stat"
		read -ra stat <<<"${stat##*) }"
		printf '%s %s %s %s\n' "$name" "${openvpn_pids[$name]}" "${stat[19]}" "$(readlink "/proc/${openvpn_pids[$name]}/exe")"
	done
}

account() {
	local name
	say "looking at the OpenVPN processes"
	[ "$(daemons)" = "$started" ] || fail "the OpenVPN processes are not those of the beginning: $started, now $(daemons)"
	for name in client server; do
		[ "$(openvpn_count "$name" "$openvpn_initialized")" = 1 ] || fail "OpenVPN $name connected more than once"
		! openvpn_logged "$name" 'SIGUSR1|Connection reset|Inactivity timeout' || fail "OpenVPN $name restarted: $(openvpn_last "$name")"
	done
	(cd / && grep ' usr/sbin/openvpn$' /var/lib/dpkg/info/openvpn.md5sums | md5sum --check --quiet) ||
		fail "/usr/sbin/openvpn is not the file of the package"
	live fact "The tunnel carried $(($(path_bytes 1) / 1000000 - mb_1)) MB over link 1 and $(($(path_bytes 2) / 1000000 - mb_2)) MB over link 2."
	live fact "OpenVPN is Debian's package $(dpkg-query -W -f '${Version}' openvpn); the program has the package's checksum."
	live fact "Client and server are the same processes from first to last: one connection, no restart."
}

# beside KEY TO [WRAPPER]: an upload, and pings beside it through the same tunnel.
beside() {
	local key=$1 to=$2 IPERF_WRAPPER=${3:-} options=(-C cubic) file=$LAB_DIR/ping-$1.log
	[ -z "$IPERF_WRAPPER" ] || options=()
	rates_start
	flow_beside "$key" up "$to" 5 "${options[@]}"
	rates_stop
	live beside "$key" "$mbit" "$(ping_mean "$file")" "$(ping_p99 "$file")"
}

links_that_differ() {
	profile_apply starlink-lte
	live links 80 30
	say "other links: 80 Mbit/s, 25 ms, of 200 packets one is lost; and 30 Mbit/s, 40 ms"
	say "one MPTCP flow, no tunnel"
	beside mptcp 10.1.1.1 'mptcpize run'
	say "OpenVPN in userspace, and a ping through it"
	tunnel_up disable-dco
	both_links
	beside userspace "$tun_server"
	tunnel_down
	say "the same OpenVPN, data channel in the kernel"
	tunnel_up
	need_offload "$ns_client" "$ns_server"
	both_links
	beside offloaded "$tun_server"
	expect "Mbit/s over links that differ" "$mbit" '>' 60
	expect "ping beside it, mean (ms)" "$(ping_mean "$LAB_DIR/ping-offloaded.log")" '<' 200
}

topology_open 2
path_shape 1 20mbit 10ms 100
path_shape 2 20mbit 10ms 100
say "Linux $(uname -r); two links between a client and a server: 20 Mbit/s, 10 ms one way, 100 packets of buffer each"
baselines
mb_1=$(($(path_bytes 1) / 1000000)) mb_2=$(($(path_bytes 2) / 1000000))
offloaded_one_link
join_and_lose
offloaded_both_links
lose_idle_both
account
tunnel_down
links_that_differ
