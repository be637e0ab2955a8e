# topic: OpenVPN's clients get what the server sends to multicast groups, over MPTCP and UDP, and it gets theirs
# timeout: 150
. /lab/lib/lab.sh
. /lab/lib/clients.sh

# The OpenVPN that a distribution has with this kernel.
case $(uname -r) in 6.1.*) OVPN_VERSION=2.6 ;; *) OVPN_VERSION=2.7 ;; esac
groups=(224.0.0.251 239.1.2.3 ff02::fb) listeners=()

# listen NS FILE GROUP: writes what arrives there by the tunnel.
listen() {
	local family=4 join="ip-add-membership=$3:tun0"
	[[ $3 != *:* ]] || { family=6; join="ipv6-join-group=[$3]:tun0"; }
	helper ip netns exec "$1" socat -u "UDP$family-RECV:5353,reuseaddr,$join" "CREATE:$2"
	listeners+=("$helper")
	wait_for 10 joined "$1" "$3" || fail "nobody listens to $3 in $1"
}
stop_listening() {
	local pid
	for pid in "${listeners[@]}"; do helper_stop "$pid"; done
	listeners=()
}
joined() { ip -n "$1" -o maddr show dev tun0 | grep -qwF "$2" && listening "$1" 5353 udp; }
# say NS GROUP TEXT: by the tunnel.
say() { ip netns exec "$1" python3 -c '
import socket, sys
to, text = sys.argv[1:]
sock = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"tun0")
sock.sendto(text.encode() + b"\n", (to, 5353))' "$2" "$3"; }
has() { grep -qsxF "$2" "$1"; }

topology_open 1
clients_open 2
for clients_transport in mptcp udp; do
	clients_server 2
	for i in 1 2; do clients_start $i; done
	clients_ready 1 2
	need_offload "$ns_server"
	for group in "${groups[@]}"; do
		for i in 1 2; do listen "$(clients_ns $i)" "$LAB_DIR/c$i-heard" "$group"; done
		say "$ns_server" "$group" "for all of $group"
		for i in 1 2; do
			need "$clients_transport: client $i hears $group" wait_for 5 has "$LAB_DIR/c$i-heard" "for all of $group"
		done
		stop_listening
		[[ $group != *:* ]] || continue
		listen "$ns_server" "$LAB_DIR/heard" "$group"
		say "$(clients_ns 1)" "$group" "of client 1 to $group"
		need "$clients_transport: the server hears client 1 at $group" wait_for 5 has "$LAB_DIR/heard" "of client 1 to $group"
		stop_listening
	done
	for i in 1 2; do openvpn_stop "c$i"; done
	openvpn_stop server
done
