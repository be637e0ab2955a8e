# topic: a real OSPF daemon and a real mDNS responder, at a server and two clients
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/clients.sh

case $(uname -r) in 6.1.*) OVPN_VERSION=2.6 ;; *) OVPN_VERSION=2.7 ;; esac
for deb in /lab/*.deb; do dpkg-deb -x "$deb" /; done
ldconfig
# As the script of its package would.
echo 'avahi:x:999:999::/run/avahi-daemon:/usr/sbin/nologin' >>/etc/passwd
echo 'avahi:x:999:' >>/etc/group

# ospf NAME NS PRIORITY NETWORK: BIRD on the tunnel, which also tells of the network.
ospf() {
	cat >"$LAB_DIR/$1-bird.conf" <<-END
		log stderr all;
		router id $4;
		protocol device { scan time 1; }
		protocol kernel { ipv4 { export all; import none; }; }
		protocol ospf v2 {
			ipv4 { import all; export none; };
			area 0 {
				interface "tun0" { type broadcast; priority $3; hello 1; dead 5; };
				stubnet ${4%.*}.0/24;
			};
		}
	END
	helper ip netns exec "$2" bird -f -c "$LAB_DIR/$1-bird.conf" -s "$LAB_DIR/$1-bird" -P "$LAB_DIR/$1-bird.pid" 2>"$LAB_DIR/$1-bird.log"
}
knows() { ip -n "$1" route show "$2" | grep -q 'proto bird'; }

# mdns NAME NS: Avahi on the tunnel, as NAME.local. Its pid file is in a directory of its own.
mdns() {
	printf '%s\n' '[server]' "host-name=$1" allow-interfaces=tun0 allow-point-to-point=yes enable-dbus=no use-ipv6=no \
		'[wide-area]' enable-wide-area=no '[publish]' publish-workstation=no >"$LAB_DIR/$1-avahi.conf"
	mkdir -p /run/avahi-daemon
	# ip netns exec gives it a mount namespace.
	helper ip netns exec "$2" sh -c "mount -t tmpfs none /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f '$LAB_DIR/$1-avahi.conf'" \
		>"$LAB_DIR/$1-avahi.log" 2>&1
}
# resolves NS NAME: somebody on the tunnel answers for NAME.local.
resolves() { ip netns exec "$1" python3 -c '
import socket, struct, sys
name = sys.argv[1].encode()
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"tun0")
sock.settimeout(1)
sock.sendto(struct.pack("!6H", 7, 0, 1, 0, 0, 0) + bytes([len(name)]) + name + b"\5local\0" + struct.pack("!2H", 1, 1), ("224.0.0.251", 5353))
answer = sock.recv(4096)
sys.exit(not (answer[:2] == b"\0\7" and struct.unpack_from("!H", answer, 6)[0]))' "$2" 2>/dev/null; }

topology_open 1
clients_open 2
clients_server 2
# The networks behind the clients are OSPF's to tell.
for i in 1 2; do
	printf '%s\n' "ifconfig-push $(clients_address $i) 255.255.255.0" >"$LAB_DIR/ccd/c$i"
	client_lines=(route-nopull)
	clients_start $i
done
clients_ready 1 2
need_offload "$ns_server"

mdns server "$ns_server"
for i in 1 2; do mdns "c$i" "$(clients_ns $i)"; done
for i in 1 2; do
	need "the server hears c$i.local" wait_for 10 resolves "$ns_server" "c$i"
	need "client $i hears server.local" wait_for 10 resolves "$(clients_ns $i)" server
done

ip -n "$ns_server" addr add 192.168.100.1/24 dev lo
ospf server "$ns_server" 10 192.168.100.1
for i in 1 2; do ospf "c$i" "$(clients_ns $i)" 0 "192.168.$i.1"; done
for i in 1 2; do
	need "the server has the network behind client $i by OSPF" wait_for 30 knows "$ns_server" "192.168.$i.0/24"
	need "client $i has that of the server" wait_for 30 knows "$(clients_ns $i)" 192.168.100.0/24
	need "client $i has that of client $((3 - i))" wait_for 30 knows "$(clients_ns $i)" "192.168.$((3 - i)).0/24"
done
need "packets go that way, and come from there" wait_for 10 ping_works "$ns_server" 192.168.1.1
need "also from a client to another" wait_for 10 eval 'ip netns exec "$(clients_ns 1)" ping -n -c 1 -W 1 -I 192.168.1.1 192.168.2.1'
