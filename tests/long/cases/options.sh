# topic: options of OpenVPN, one after the other: whether it offloads with them, and what they do then; docs/openvpn-options.md
# timeout: 1800
. /lab/lib/lab.sh

# With --userspace, or with --no-module for the kernel's own module, the same rows tell how it is there.
case $(uname -r) in 6.1.*) OVPN_VERSION=2.6 ;; *) OVPN_VERSION=2.7 ;; esac
stream=mptcp world=here
[ -e /sys/module/ovpn_dco_mptcp ] || { stream=tcp world=kernel; }
[ -z "$LAB_USERSPACE" ] || world=userspace

server=() client=() kernel='' userspace='' wrong=0 ping_to=10.8.0.1
server_device=tun0 client_device=tun0

# What the device in NS is: offload, userspace, or none.
kind() {
	case $(ip -n "$1" -d -j link show "$2" 2>/dev/null | jq -r '.[0].linkinfo.info_kind // empty') in
	ovpn-dco | ovpn) echo offload ;;
	tun) echo userspace ;;
	*) echo none ;;
	esac
}
stop() { [ -z "${openvpn_pids[$1]:-}" ] || openvpn_finish "$1"; }
# A device that was there before the daemon, as in the row mktun, stays; one of the module goes with the daemon, perhaps now.
tidy() {
	local ns name
	stop client
	stop server
	for ns in "$ns_client" "$ns_server"; do
		for name in $(devices "$ns"); do ip -n "$ns" link del "$name" 2>/dev/null || test $? -le 2; done
		wait_for 5 no_devices "$ns" || fail "a device stays: $(devices "$ns")"
	done
}
devices() { ip -n "$1" -o link show | grep -oE '\b(tun|tap)[0-9]+' || test $? = 1; }
no_devices() { [ -z "$(devices "$1")" ]; }

# begin TRANSPORT: both ends with the lines of $server and $client. Sets $got. $must is what the row must give.
begin() {
	local lines ping=silent limit=25
	# A busy host takes its time; with a proxy there is nothing to wait for.
	[[ $must != *' none '* ]] || limit=5
	mapfile -t lines < <(openvpn_identity server client c1)
	openvpn_start server "$ns_server" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" server)" 'lport 1194' 'dh none' \
		'topology subnet' 'server 10.8.0.0 255.255.255.0' 'keepalive 5 60' "${server[@]}"
	wait_for 10 listening_or_gone "$1"
	mapfile -t lines < <(openvpn_identity client server)
	openvpn_start client "$ns_client" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" client)" 'remote 10.1.1.1 1194' client \
		nobind 'connect-retry 1' "${client[@]}"
	wait_for $limit openvpn_counted_or_gone client "$openvpn_initialized" 1 || test $? = 1
	got="$(kind "$ns_server" "$server_device") $(kind "$ns_client" "$client_device")"
	[[ $got = *none* ]] || ! wait_for 5 ping_works "$ns_client" "$ping_to" || ping=passes
	got+=" $ping"
}
listening_or_gone() { listening "$ns_server" 1194 "$1" || openvpn_gone server; }

# $OPTIONS_ROWS, a pattern, takes some rows alone.
wanted() { [[ $1 =~ ${OPTIONS_ROWS:-.} ]]; }
# What the row must give in the world of this run: $kernel and $userspace where they differ from what it gives here. In
# userspace all devices are of userspace, and no log says that the offload is off.
expected() {
	case $world in
	here) printf '%s\n' "$1" ;;
	kernel) printf '%s\n' "${kernel:-$1}" ;;
	userspace) printf '%s\n' "${userspace:-$(sed 's/offload/userspace/g; s/ says$//' <<<"$1")}" ;;
	esac
}
# row NAME TRANSPORT EXPECTED [CHECK...]: EXPECTED is the kind of device at server and client, and whether packets pass; further
# words are what CHECK says.
row() {
	local name=$1 transport=$2 must said=''
	must=$(expected "$3")
	shift 3
	if wanted "$name"; then
		begin "$transport"
		[ $# = 0 ] || said=$("$@")
		got+=${said:+ $said}
		note "$name, $transport, $world: $got"
		if ! grep -qxE -- "$must" <<<"$got"; then
			echo "FAIL: $name: $got, must be $must"
			tail -n 12 "$LAB_DIR/server.log" "$LAB_DIR/client.log"
			wrong=$((wrong + 1))
		fi
		tidy
	fi
	server=() client=() kernel='' userspace=''
}
# Whether a log has that line.
logged() { ! openvpn_logged "$1" "$2" || echo says; }
yes_if() { if "$@"; then echo yes; else echo no; fi; }

# Bytes to the server arrive within so many seconds.
within() {
	local seconds=$1 bytes=$2 sink
	ip netns exec "$ns_server" socat -u TCP-LISTEN:7777,reuseaddr CREATE:/dev/null &
	sink=$!
	wait_for 5 listening "$ns_server" 7777
	yes_if timeout "$seconds" sh -c "head -c $bytes /dev/zero | ip netns exec $ns_client socat -u - TCP:10.8.0.1:7777"
	kill $sink 2>/dev/null || test $? = 1
}
# sniff NS DEVICE FILTER: waits in the background for such a packet, which sniffed then tells of.
sniff() {
	ip netns exec "$1" timeout 8 tcpdump -n -v -i "$2" -c 1 "$3" >"$LAB_DIR/sniffed" 2>"$LAB_DIR/sniff.log" &
	sniff=$!
	wait_for 5 grep -q 'listening on' "$LAB_DIR/sniff.log"
}
sniffed() { wait "$sniff"; }
# A packet of the client with this type of service leaves with it.
outer_tos() {
	sniff "$ns_server" p1s 'udp dst port 1194 and ip[1] = 16'
	ip netns exec "$ns_client" ping -n -q -c 3 -i 0.2 -W 1 -Q 16 10.8.0.1 >/dev/null
	yes_if sniffed
}
# What the management interface of NAME tells while packets pass.
bytecount() {
	local talk ping socat
	rm -f "$LAB_DIR/talk" "$LAB_DIR/told"
	mkfifo "$LAB_DIR/talk"
	exec {talk}<>"$LAB_DIR/talk"
	ip netns exec "$ns_client" ping -n -q -i 0.2 10.8.0.1 >/dev/null &
	ping=$!
	socat - "UNIX-CONNECT:$LAB_DIR/$1.sock" <"$LAB_DIR/talk" >"$LAB_DIR/told" &
	socat=$!
	echo 'bytecount 1' >&"$talk"
	if wait_for 6 grep -q '^>BYTECOUNT' "$LAB_DIR/told"; then echo told; else echo none; fi
	kill $ping $socat
	exec {talk}>&-
}
renegotiated() {
	local before
	before=$(openvpn_count client "$openvpn_negotiated")
	within 20 3000000 >/dev/null
	yes_if wait_for 8 openvpn_counted client "$openvpn_negotiated" $((before + 1))
}
stays_and_goes() {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		ip netns exec "$ns_client" ping -n -c 1 -W 1 -s 1000 10.8.0.1 >/dev/null
		wait_for 1 false || test $? = 1
	done
	echo "busy=$(yes_if openvpn_alive client) idle-ends=$(yes_if wait_for 15 openvpn_gone client)"
}
mss() {
	sniff "$ns_server" tun0 'tcp[tcpflags] & tcp-syn != 0'
	ip netns exec "$ns_client" timeout 2 socat -u /dev/null TCP:10.8.0.1:9 2>/dev/null
	sniffed || echo nothing
	yes_if grep -q 'mss [1-9][0-9][0-9],' "$LAB_DIR/sniffed"
}
# What one end sends to a group, or to all of the subnet, is heard at the other.
hears() {
	local from=$1 at=$2 to=$3 join='' socat
	[[ $to != 2[23]* ]] || join=",ip-add-membership=$to:tun0"
	rm -f "$LAB_DIR/heard"
	ip netns exec "$at" socat -u "UDP4-RECV:5353,reuseaddr$join" "CREATE:$LAB_DIR/heard" 2>/dev/null &
	socat=$!
	wait_for 5 listening "$at" 5353 udp
	ip netns exec "$from" python3 -c '
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"tun0")
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
sock.sendto(b"all", (sys.argv[1], 5353))' "$to"
	yes_if wait_for 2 test -s "$LAB_DIR/heard"
	kill $socat 2>/dev/null || test $? = 1
}
groups() {
	echo "down=$(hears "$ns_server" "$ns_client" 224.0.0.251)" "up=$(hears "$ns_client" "$ns_server" 224.0.0.251)" \
		"broadcast=$(hears "$ns_server" "$ns_client" 10.8.0.255)"
}
# second_start [CERTIFICATE]: one more client, from the same place.
second_start() {
	local lines
	mapfile -t lines < <(openvpn_identity "${1:-client}" server)
	openvpn_start second "$ns_client" "$stream" "${lines[@]}" "proto $(openvpn_proto "$stream" client)" 'remote 10.1.1.1 1194' client nobind 'dev tun1'
	wait_for 25 openvpn_counted_or_gone second "$openvpn_initialized" 1 || test $? = 1
}
# Whether one more client gets its tunnel.
second() {
	second_start "$@"
	yes_if openvpn_logged second "$openvpn_initialized"
	openvpn_finish second
}
# What is no OpenVPN at the server's port goes to the other server.
shared_port() {
	local socat
	rm -f "$LAB_DIR/request"
	ip netns exec "$ns_server" socat -u TCP4-LISTEN:8080,reuseaddr "CREATE:$LAB_DIR/request" &
	socat=$!
	wait_for 5 listening "$ns_server" 8080
	printf 'GET / HTTP/1.0\r\n\r\n' | ip netns exec "$ns_client" timeout 10 socat -t 5 - TCP:10.1.1.1:1194 >/dev/null || test $? -gt 0
	yes_if wait_for 5 grep -q GET "$LAB_DIR/request"
	kill $socat 2>/dev/null || test $? = 1
}
# What one client sends to a group, on its way to another one.
between_clients() {
	second_start
	sniff "$ns_client" tun1 'dst 239.1.2.3'
	ip netns exec "$ns_client" python3 -c '
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"tun0")
sock.sendto(b"all", ("239.1.2.3", 5353))'
	yes_if sniffed
	openvpn_finish second
}
large_ping_works() { ip netns exec "$ns_client" ping -n -c 1 -W 1 -M "do" -s 8900 10.8.0.1 >/dev/null 2>&1; }
large_ping() { yes_if wait_for 3 large_ping_works; }
# The network behind the client is reached from the server.
behind() {
	ip -n "$ns_client" addr replace 192.168.77.1/32 dev lo
	yes_if wait_for 5 ping_works "$ns_server" 192.168.77.1
}
# noticed_end SECONDS NAME OTHER REASON: NAME hears within that time that OTHER has ended, and gives this reason.
noticed_end() {
	openvpn_stop "$3"
	yes_if wait_for "$1" openvpn_logged "$2" "SIG(USR1|TERM)\[soft,($4)\]"
}

topology_open 1
on_server sysctl -qw net.ipv4.ip_forward=1
openvpn_programs_run() { "$(openvpn_program server)" "$@"; }
openvpn_programs_run --genkey secret "$LAB_DIR/ta.key"
openvpn_programs_run --genkey tls-crypt-v2-server "$LAB_DIR/v2s.key"
openvpn_programs_run --tls-crypt-v2 "$LAB_DIR/v2s.key" --genkey tls-crypt-v2-client "$LAB_DIR/v2c.key"
printf '#!/bin/sh\necho "$@" >>%s/learned\n' "$LAB_DIR" >"$LAB_DIR/script"
chmod 755 "$LAB_DIR/script"
chmod 755 "$LAB_DIR"
mkdir -p "$LAB_DIR/ccd" "$LAB_DIR/ccd6" "$LAB_DIR/jail/tmp"
printf 'ifconfig-push 10.8.0.77 255.255.255.0\niroute 192.168.77.0 255.255.255.0\n' >"$LAB_DIR/ccd/client"
printf 'ifconfig-push 10.8.0.77 255.255.255.0\n' >"$LAB_DIR/ccd6/client"
printf 'ifconfig-push 10.8.0.78 255.255.255.0\n' >"$LAB_DIR/ccd6/c1"

ok='offload offload passes' user='userspace userspace passes'
row plain $stream "$ok"
row plain udp "$ok"
kernel="$ok down=no up=yes broadcast=no"
userspace="$user down=yes up=yes broadcast=no"
row 'multicast, plain' $stream "$ok down=yes up=yes broadcast=yes" groups
# Options with which OpenVPN does not offload.
server=('fragment 1300') client=('fragment 1300'); row fragment udp 'userspace userspace passes says' logged server 'fragment disables data channel offload'
client=('http-proxy 10.1.1.1 1194'); row http-proxy $stream 'offload none silent says' logged client 'http-proxy disables data channel offload'
client=('socks-proxy 10.1.1.1 1194'); row socks-proxy $stream 'offload none silent says' logged client 'socks-proxy disables data channel offload'
server=('dev tap0' 'dev-type tap') client=('dev tap0' 'dev-type tap') server_device=tap0 client_device=tap0
row 'dev tap' $stream 'userspace userspace passes says' logged server 'dev-type not tun, disabling data channel offload'
server_device=tun0 client_device=tun0
server=('topology net30'); row 'topology net30' $stream 'userspace offload passes says' logged server "NOT using '--topology subnet' disables"
server=('compress lz4' 'allow-compression yes') client=('compress lz4' 'allow-compression yes')
row compress $stream 'userspace userspace passes says' logged server "allow-compression' is not set to 'no'"
server=('comp-lzo') client=('comp-lzo'); row comp-lzo $stream 'userspace userspace passes says' logged server "allow-compression' is not set to 'no'"
server=('compress migrate') ; row 'compress migrate' $stream "$ok"
server=('compress stub-v2') client=('compress stub-v2'); row 'compress stub-v2' $stream 'userspace userspace passes says' logged server "allow-compression' is not set to 'no'"
server=('allow-compression no'); row 'allow-compression no' $stream "$ok"
server=('data-ciphers AES-128-GCM:AES-256-CBC'); row 'data-ciphers with CBC' $stream 'userspace offload passes says' logged server 'is not supported by ovpn-dco'
client=('data-ciphers AES-128-GCM' 'data-ciphers-fallback AES-256-CBC'); row data-ciphers-fallback $stream 'offload userspace passes says' logged client 'data-ciphers-fallback with cipher'
client=('management-query-proxy'); row management-query-proxy $stream 'offload none silent says' logged client 'management-query-proxy disables data channel offload'
! wanted mktun || ip -n "$ns_client" tuntap add dev tun0 mode tun
row mktun $stream 'offload userspace passes says' logged client 'Disabling data channel offload'
client=('dev-node /dev/net/tun'); row dev-node $stream "$ok says" logged client 'ignoring --dev-node'
# Options that mean nothing to the kernel.
server=('client-to-client'); row client-to-client $stream "$ok says" logged server 'client-to-client has no effect'
userspace="$user yes"; server=(client-to-client duplicate-cn)
row 'multicast between clients' $stream "$ok no" between_clients
userspace="$user no"; client=('shaper 10000'); row shaper $stream "$ok yes" within 10 300000
userspace="$user yes"; client=('passtos'); row passtos udp "$ok no" outer_tos
userspace="$user yes"; server=('mssfix 600') client=('mssfix 600'); row mssfix udp "$ok no" mss
userspace="$user yes"; client=('reneg-bytes 1000000'); row reneg-bytes $stream "$ok no" renegotiated
userspace="$user yes"; client=('reneg-pkts 1000'); row reneg-pkts $stream "$ok no" renegotiated
ping_to=10.99.0.1 client=('route 10.99.0.1 255.255.255.255' 'client-nat dnat 10.99.0.1 255.255.255.255 10.8.0.1')
userspace=$user
row client-nat $stream 'offload offload silent'
ping_to=10.8.0.1
server=('replay-window 512 30') client=('replay-window 512 30'); row replay-window udp "$ok"
# What the management interface and the status tell.
userspace="$user told"; row 'bytecount at a server' $stream "$ok $([ $OVPN_VERSION = 2.6 ] && echo none || echo told)" bytecount server
userspace="$user told"; row 'bytecount at a client' $stream "$ok $([ $OVPN_VERSION = 2.6 ] && echo none || echo told)" bytecount client
# Options that work.
client=('inactive 6 2000'); row inactive $stream "$ok busy=yes idle-ends=yes" stays_and_goes
client=('explicit-exit-notify 1'); row explicit-exit-notify udp "$ok yes" noticed_end 10 server client 'remote-exit|delayed-exit'
server=('explicit-exit-notify 1'); row 'explicit-exit-notify of a server' udp "$ok yes" noticed_end 10 client server 'remote-exit|server-pushed-connection-reset'
client=('ping 1' 'ping-exit 12' 'pull-filter ignore ping'); row ping-exit udp "$ok yes" noticed_end 20 client server ping-exit
client=('session-timeout 10'); row session-timeout $stream "$ok yes" eval 'yes_if wait_for 20 openvpn_gone client'
server=("tls-crypt $LAB_DIR/ta.key") client=("tls-crypt $LAB_DIR/ta.key"); row tls-crypt $stream "$ok"
server=("tls-auth $LAB_DIR/ta.key 0") client=("tls-auth $LAB_DIR/ta.key 1"); row tls-auth udp "$ok"
server=("tls-crypt-v2 $LAB_DIR/v2s.key") client=("tls-crypt-v2 $LAB_DIR/v2c.key"); row tls-crypt-v2 $stream "$ok"
server=('user nobody' 'group nogroup' persist-tun persist-key) client=('user nobody' 'group nogroup' persist-tun persist-key); row user $stream "$ok"
server=("chroot $LAB_DIR/jail"); row chroot $stream "$ok"
server=('port-share 127.0.0.1 8080'); row port-share $stream "$ok yes" shared_port
server=('mark 7') client=('mark 7'); row mark $stream "$ok"
client=('bind-dev p1c'); row bind-dev $stream "$ok"
server=('sndbuf 65536' 'rcvbuf 65536' 'socket-flags TCP_NODELAY' tcp-nodelay); row 'sndbuf, rcvbuf, tcp-nodelay' $stream "$ok"
userspace="$user yes"; server=('txqueuelen 77'); row txqueuelen $stream "$ok no" eval 'yes_if test "$(ip -n $ns_server -j link show tun0 | jq ".[0].txqlen")" = 77'
server=('tun-mtu 9000') client=('tun-mtu 9000'); row tun-mtu $stream "$ok yes" large_ping
server=(multihome); row multihome udp "$ok"
client=(float); row float udp "$ok"
server=(fast-io) client=(fast-io); row fast-io udp "$ok"
client=('mtu-disc yes'); row mtu-disc udp "$ok"
server=(duplicate-cn); row duplicate-cn $stream "$ok yes" second
rm -f "$LAB_DIR/learned"
server=('script-security 2' "learn-address $LAB_DIR/script"); row learn-address $stream "$ok yes" eval 'yes_if grep -q 10.8.0.2 "$LAB_DIR/learned"'
rm -f "$LAB_DIR/learned"
client=('script-security 2' "up $LAB_DIR/script"); row up $stream "$ok yes" eval 'yes_if grep -q tun0 "$LAB_DIR/learned"'
server=("client-config-dir $LAB_DIR/ccd" 'route 192.168.77.0 255.255.255.0')
row 'ifconfig-push, iroute' $stream "$ok yes" behind
server=(duplicate-cn "client-config-dir $LAB_DIR/ccd"); userspace="$user yes"
row 'one address for two clients' $stream "$ok no" second
userspace="$user yes"; server=('server-ipv6 fd08::/64' duplicate-cn "client-config-dir $LAB_DIR/ccd6")
row 'one IPv6 address for two clients' $stream "$ok no" second c1
server=('server-ipv6 fd08::/64'); row server-ipv6 $stream "$ok yes" eval 'yes_if wait_for 5 ping_works "$ns_client" fd08::1'
server=('server-ipv6 fd08::/64') client=('block-ipv6'); userspace="$user no"
row block-ipv6 $stream "$ok yes" eval 'yes_if wait_for 3 ping_works "$ns_client" fd08::1'
client=('redirect-gateway def1'); row redirect-gateway $stream "$ok yes" eval 'yes_if ping_works "$ns_client" 10.8.0.1'
client=('keepalive 5 60' 'ping-timer-rem' 'nice 5' 'mlock' 'mute 5'); row 'nice, mlock, mute' $stream "$ok"

[ $wrong = 0 ]
