# topic: options of OpenVPN, one after the other: whether it offloads with them, and what they do then; docs/openvpn-options.md
# timeout: 1800
. /lab/lib/lab.sh

# With --userspace, or with --no-module for the kernel's own module, the same rows tell how it is there.
case $(uname -r) in 6.1.*) OVPN_VERSION=2.6 ;; *) OVPN_VERSION=2.7 ;; esac
stream=mptcp world=here
[ -e /sys/module/ovpn_dco_mptcp ] || { stream=tcp world=kernel; }
[ -z "$LAB_USERSPACE" ] || world=userspace

server=() client=() wrong=() ping_to=10.8.0.1
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
# The device outlives a daemon that ended by itself.
tidy() {
	local ns name
	stop client
	stop server
	for ns in "$ns_client" "$ns_server"; do
		for name in $(tunnels_left "$ns" | awk -F': ' '{ print $2 }'); do ip -n "$ns" link del "$name"; done
	done
}

# begin TRANSPORT: both ends with the lines of $server and $client. Sets $got.
begin() {
	local lines ping=silent
	mapfile -t lines < <(openvpn_identity server client)
	openvpn_start server "$ns_server" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" server)" 'lport 1194' 'dh none' \
		'topology subnet' 'server 10.8.0.0 255.255.255.0' 'keepalive 5 60' "${server[@]}"
	wait_for 10 listening_or_gone "$1"
	mapfile -t lines < <(openvpn_identity client server)
	openvpn_start client "$ns_client" "$1" "${lines[@]}" "proto $(openvpn_proto "$1" client)" 'remote 10.1.1.1 1194' client \
		nobind 'connect-retry 1' "${client[@]}"
	wait_for 8 openvpn_counted_or_gone client "$openvpn_initialized" 1 || test $? = 1
	! wait_for 3 ping_works "$ns_client" "$ping_to" || ping=passes
	got="$(kind "$ns_server" "$server_device") $(kind "$ns_client" "$client_device") $ping"
}
listening_or_gone() { listening "$ns_server" 1194 "$1" || openvpn_gone server; }

# $OPTIONS_ROWS, a pattern, takes some rows alone.
wanted() { [[ $1 =~ ${OPTIONS_ROWS:-.} ]]; }
# row NAME TRANSPORT EXPECTED [CHECK...]: EXPECTED is the kind of device at server and client, and whether packets pass; further
# words are what CHECK says. In userspace all devices are of userspace, and CHECK may say something else.
row() {
	local name=$1 transport=$2 expected=$3 said=''
	shift 3
	wanted "$name" || { server=() client=(); return 0; }
	begin "$transport"
	[ $# = 0 ] || said=$("$@")
	got+=${said:+ $said}
	note "$name, $transport, $world: $got"
	[ "$world" != here ] || grep -qxE -- "$expected" <<<"$got" || wrong+=("$name: $got, must be $expected")
	tidy
	server=() client=()
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
# A packet of the client with this type of service leaves with it.
outer_tos() {
	local seen
	ip netns exec "$ns_server" timeout 5 tcpdump -n -i p1s -c 1 "udp dst port 1194 and ip[1] = 16" >"$LAB_DIR/tos" 2>/dev/null &
	seen=$!
	pause
	for _ in 1 2 3 4; do ip netns exec "$ns_client" ping -n -c 1 -W 1 -Q 16 10.8.0.1 >/dev/null; done
	yes_if wait $seen
}
bytecount() {
	{ printf 'bytecount 1\n'; sleep 4; } | socat -t 1 - "UNIX-CONNECT:$LAB_DIR/$1.sock" | { grep -c '^>BYTECOUNT' || test $? = 1; } | sed 's/^0$/none/; s/^[0-9].*/told/'
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
	local seen
	ip netns exec "$ns_server" timeout 5 tcpdump -n -v -i tun0 -c 1 'tcp[tcpflags] & tcp-syn != 0' >"$LAB_DIR/mss" 2>/dev/null &
	seen=$!
	wait_for 1 false || test $? = 1
	ip netns exec "$ns_client" timeout 2 socat -u /dev/null TCP:10.8.0.1:9 2>/dev/null || test $? -gt 0
	wait $seen || test $? -gt 0
	yes_if grep -q 'mss [1-9][0-9][0-9],' "$LAB_DIR/mss"
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
# A second client that gets the same addresses.
second() {
	local lines
	mapfile -t lines < <(openvpn_identity client server)
	openvpn_start second "$ns_client" "$stream" "${lines[@]}" "proto $(openvpn_proto "$stream" client)" 'remote 10.1.1.1 1194' client nobind 'dev tun1'
	wait_for 8 openvpn_counted_or_gone second "$openvpn_initialized" 1 || test $? = 1
	yes_if openvpn_logged second "$openvpn_initialized"
	openvpn_finish second
}
noticed_end() { openvpn_stop server; yes_if wait_for "$1" openvpn_logged client 'SIGUSR1|SIGTERM|EXIT message|exit'; }

topology_open 1
on_server sysctl -qw net.ipv4.ip_forward=1
openvpn_programs_run() { "$(openvpn_program server)" "$@"; }
openvpn_programs_run --genkey secret "$LAB_DIR/ta.key"
openvpn_programs_run --genkey tls-crypt-v2-server "$LAB_DIR/v2s.key"
openvpn_programs_run --tls-crypt-v2 "$LAB_DIR/v2s.key" --genkey tls-crypt-v2-client "$LAB_DIR/v2c.key"
printf '#!/bin/sh\necho "$@" >>%s/learned\n' "$LAB_DIR" >"$LAB_DIR/script"
chmod 755 "$LAB_DIR/script"
chmod 755 "$LAB_DIR"
mkdir -p "$LAB_DIR/ccd" "$LAB_DIR/jail/tmp"
printf 'ifconfig-push 10.8.0.77 255.255.255.0\niroute 192.168.77.0 255.255.255.0\n' >"$LAB_DIR/ccd/client"

ok='offload offload passes'
row plain $stream "$ok"
row plain udp "$ok"
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
server=('compress stub-v2') client=('compress stub-v2'); row 'compress stub-v2' $stream 'userspace userspace passes'
server=('allow-compression no'); row 'allow-compression no' $stream "$ok"
server=('data-ciphers AES-128-GCM:AES-256-CBC'); row 'data-ciphers with CBC' $stream 'userspace offload passes says' logged server 'is not supported by ovpn-dco'
client=('data-ciphers AES-128-GCM' 'data-ciphers-fallback AES-256-CBC'); row data-ciphers-fallback $stream 'offload userspace passes says' logged client 'data-ciphers-fallback with cipher'
client=('management-query-proxy'); row management-query-proxy $stream 'offload [a-z]+ [a-z]+ says' logged client 'management-query-proxy disables data channel offload'
! wanted mktun || ip -n "$ns_client" tuntap add dev tun0 mode tun
row mktun $stream 'offload userspace passes says' logged client 'Disabling data channel offload'
client=('dev-node /dev/net/tun'); row dev-node $stream "$ok says" logged client 'ignoring --dev-node'
# Options that mean nothing to the kernel.
server=('client-to-client'); row client-to-client $stream "$ok says" logged server 'client-to-client has no effect'
client=('shaper 10000'); row shaper $stream "$ok yes" within 10 300000
client=('passtos'); row passtos udp "$ok no" outer_tos
server=('mssfix 600') client=('mssfix 600'); row mssfix udp "$ok no" mss
client=('reneg-bytes 1000000'); row reneg-bytes $stream "$ok no" renegotiated
client=('reneg-pkts 1000'); row reneg-pkts $stream "$ok no" renegotiated
ping_to=10.99.0.1 client=('route 10.99.0.1 255.255.255.255' 'client-nat dnat 10.99.0.1 255.255.255.255 10.8.0.1')
row client-nat $stream 'offload offload silent'
ping_to=10.8.0.1
server=('replay-window 512 30') client=('replay-window 512 30'); row replay-window udp "$ok"
# What the management interface and the status tell.
row 'bytecount at a server' $stream "$ok $([ $OVPN_VERSION = 2.6 ] && echo none || echo told)" bytecount server
row 'bytecount at a client' $stream "$ok $([ $OVPN_VERSION = 2.6 ] && echo none || echo told)" bytecount client
# Options that work.
client=('inactive 6 2000'); row inactive $stream "$ok busy=yes idle-ends=yes" stays_and_goes
client=('explicit-exit-notify 1'); row explicit-exit-notify udp "$ok"
server=('explicit-exit-notify 1'); row 'explicit-exit-notify of a server' udp "$ok yes" noticed_end 10
client=('ping 1' 'ping-exit 4' 'pull-filter ignore ping'); row ping-exit udp "$ok yes" noticed_end 20
client=('session-timeout 10'); row session-timeout $stream "$ok yes" eval 'yes_if wait_for 20 openvpn_gone client'
server=("tls-crypt $LAB_DIR/ta.key") client=("tls-crypt $LAB_DIR/ta.key"); row tls-crypt $stream "$ok"
server=("tls-auth $LAB_DIR/ta.key 0") client=("tls-auth $LAB_DIR/ta.key 1"); row tls-auth udp "$ok"
server=("tls-crypt-v2 $LAB_DIR/v2s.key") client=("tls-crypt-v2 $LAB_DIR/v2c.key"); row tls-crypt-v2 $stream "$ok"
server=('user nobody' 'group nogroup' persist-tun persist-key) client=('user nobody' 'group nogroup' persist-tun persist-key); row user $stream "$ok"
server=("chroot $LAB_DIR/jail"); row chroot $stream "$ok"
server=('mark 7') client=('mark 7'); row mark $stream "$ok"
client=('bind-dev p1c'); row bind-dev $stream "$ok"
server=('sndbuf 65536' 'rcvbuf 65536' 'socket-flags TCP_NODELAY' tcp-nodelay); row 'sndbuf, rcvbuf, tcp-nodelay' $stream "$ok"
server=('txqueuelen 77'); row txqueuelen $stream "$ok no" eval 'yes_if test "$(ip -n $ns_server -j link show tun0 | jq ".[0].txqlen")" = 77'
server=('tun-mtu 9000') client=('tun-mtu 9000'); row tun-mtu $stream "$ok yes" eval 'yes_if ip netns exec $ns_client ping -n -c 1 -M do -s 8900 10.8.0.1 >/dev/null'
server=(multihome); row multihome udp "$ok"
client=(float); row float udp "$ok"
server=(fast-io) client=(fast-io); row fast-io udp "$ok"
client=('mtu-disc yes'); row mtu-disc udp "$ok"
server=(duplicate-cn); row duplicate-cn $stream "$ok"
rm -f "$LAB_DIR/learned"
server=('script-security 2' "learn-address $LAB_DIR/script"); row learn-address $stream "$ok yes" eval 'yes_if grep -q 10.8.0.2 "$LAB_DIR/learned"'
rm -f "$LAB_DIR/learned"
client=('script-security 2' "up $LAB_DIR/script"); row up $stream "$ok yes" eval 'yes_if grep -q tun0 "$LAB_DIR/learned"'
server=("client-config-dir $LAB_DIR/ccd" 'route 192.168.77.0 255.255.255.0')
row 'ifconfig-push, iroute' $stream "$ok yes" eval 'yes_if eval "ip -n $ns_server route show 192.168.77.0/24 | grep -q 10.8.0.77"'
server=(duplicate-cn "client-config-dir $LAB_DIR/ccd"); row 'one address for two clients' $stream "$ok no" second
server=('server-ipv6 fd08::/64'); row server-ipv6 $stream "$ok yes" eval 'yes_if wait_for 5 ping_works "$ns_client" fd08::1'
server=('server-ipv6 fd08::/64') client=('block-ipv6'); row block-ipv6 $stream "$ok [a-z]+" eval 'yes_if ping_works "$ns_client" fd08::1'
client=('redirect-gateway def1'); row redirect-gateway $stream "$ok yes" eval 'yes_if ping_works "$ns_client" 10.8.0.1'
client=('keepalive 5 60' 'ping-timer-rem' 'nice 5' 'mlock' 'mute 5'); row 'nice, mlock, mute' $stream "$ok"

for line in "${wrong[@]}"; do echo "FAIL: $line"; done
[ ${#wrong[@]} = 0 ]
