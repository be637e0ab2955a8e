# topic: ovpn-mptcp-ctl makes devices, peers and keys without OpenVPN, over MPTCP, TCP and UDP; refusals say what the kernel said, with the right status
# kernels: first
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh

topology_open 2
# The far ends: MPTCP, and plain TCP, on which an MPTCP client falls back.
helper ip netns exec "$ns_server" mptcpize run socat -u TCP4-LISTEN:7000,reuseaddr OPEN:/dev/null
helper ip netns exec "$ns_server" socat -u TCP4-LISTEN:7001,reuseaddr OPEN:/dev/null
helper ip netns exec "$ns_server" socat -u TCP4-LISTEN:7002,reuseaddr OPEN:/dev/null
for port in 7000 7001 7002; do
	wait_for 20 listening "$ns_server" $port || fail "nobody listens on port $port"
done

(
	umask 077
	key() { head -c 16 /dev/zero | tr '\0' "$1" | od -An -tx1 | tr -d ' \n'; }
	{
		printf '# made by a test\nencrypt %s %s\n' "$(key a)" 0011223344556677
		printf 'decrypt %s %s\n' "$(key b)" 8899aabbccddeeff
	} >"$LAB_DIR/keys"
	# what the other end needs
	sed 's/^encrypt/x/; s/^decrypt/encrypt/; s/^x/decrypt/' "$LAB_DIR/keys" >"$LAB_DIR/far-keys"
)

# Over UDP, both ends by verbs alone; the sockets stay open as long as the shells that did it.
cat >"$LAB_DIR/udp-end" <<'END'
set -e
"$TOOL" link add u0
"$TOOL" peer new u0 id 7 fd 3 remote "$FAR" keepalive 10 60
"$TOOL" key new u0 peer 7 slot primary id 0 cipher aes-gcm file "$KEYS"
exec sleep infinity
END
# udp_end NS REMOTE KEYS ADDRESS
udp_end() {
	helper ip netns exec "$1" env TOOL="$tool" FAR="$2" KEYS="$LAB_DIR/$3" socat "UDP4-SENDTO:$2,bind=:1194" \
		"EXEC:bash $LAB_DIR/udp-end,nofork,fdin=3,fdout=4" >"$LAB_DIR/udp-end.$1" 2>&1
	need "the end in $1 has its key" wait_for 20 ip netns exec "$1" "$tool" key get u0 peer 7 slot primary >"$LAB_DIR/ctl.out" 2>&1
	# no packets but those of the test: the other end follows where they come from
	ip netns exec "$1" sysctl -qw net.ipv6.conf.u0.disable_ipv6=1
	ip -n "$1" addr add "$4/24" dev u0
	ip -n "$1" link set u0 up
}
udp_end "$ns_server" 10.1.1.2:1194 keys 10.9.0.1
udp_end "$ns_client" 10.1.1.1:1194 far-keys 10.9.0.2
need "a ping through the tunnel over UDP" wait_for 10 ping_works "$ns_client" 10.9.0.1
ctl client show u0
sed 's/^/text: /' "$LAB_DIR/ctl.out"
need "a peer on UDP" grep -q '^  peer 7  udp  offloaded$' "$LAB_DIR/ctl.out"
need "its path, as the route has it" grep -q '^    p1c  10\.1\.1\.2 -> 10\.1\.1\.1:1194$' "$LAB_DIR/ctl.out"
udp_path() { json '.devices[0].peers[0].paths | map("\(.dev) \(.local):\(.local_port) \(.remote):\(.remote_port)") | join(",")'; }
ctl client top u0 --json count 2
equal "what top does not know of a path" "$(jq -s -r '[.[].devices[0].peers[0].paths[0] | has("rtt_us", "inflight_bytes", "state")] | unique | join(",")' "$LAB_DIR/ctl.out")" false

# The client goes on from another address: the server moves its peer there, and says so in both ways.
helper ip netns exec "$ns_server" "$tool" monitor --json >"$LAB_DIR/floats.json"
helper ip netns exec "$ns_server" "$tool" monitor u0 >"$LAB_DIR/floats.log"
for file in floats.json floats.log; do
	need "monitor listens ($file)" wait_for 10 grep -q listening "$LAB_DIR/$file"
done
ctl client peer set u0 id 7 remote 10.1.1.1:1194 local 10.1.2.2
need "a ping from the other address" wait_for 10 ping_works "$ns_client" 10.9.0.1
need "monitor sees the peer move" wait_for 10 grep -qx 'peer-float  u0  peer 7  now at 10\.1\.2\.2:1194' "$LAB_DIR/floats.log"
need "in JSON, too" wait_for 10 grep -q '"event":"peer-float","dev":"u0","ifindex":[0-9]*,"peer":7,"remote":"10.1.2.2","remote_port":1194}' "$LAB_DIR/floats.json"
ctl client show u0 --json
equal "the path of the client" "$(udp_path)" 'p1c 10.1.2.2:1194 10.1.1.1:1194'
ctl server show u0 --json
equal "the path of the server" "$(udp_path)" 'p2s 10.1.1.1:1194 10.1.2.2:1194'

# The client sends elsewhere, from where the route says.
ctl client peer set u0 id 7 remote 10.1.2.1:1194
need "a ping to the other address" wait_for 10 ping_works "$ns_client" 10.9.0.1
ctl client show u0 --json
equal "the path that was set" "$(udp_path)" 'p2c 10.1.2.2:1194 10.1.2.1:1194'
ctl_fails 2 'the IP version of the remote address (EAFNOSUPPORT' client peer set u0 id 7 remote '[fd01::1]:1194'
ctl client link del u0
ctl server link del u0

# The shell whose sockets are MPTCP sockets of the client; the functions of the laboratory are there, too.
on_client mptcpize run bash -euo pipefail -s 9>&- <<'END' || exit 1
. /lab/lib/assert.sh
. /lab/lib/tool.sh
on_client() { "$@"; }

ctl client link add t0 mode mp
ctl client --json
equal "device" "$(json '.devices[] | "\(.dev) \(.kind) \(.mode)"')" "t0 ovpn-dco-mptcp mp"
ctl_fails 2 '(EEXIST' client link add t0
ctl_fails 1 'mode wants p2p|mp' client link add t1 mode tap

exec 5<>/dev/tcp/10.1.1.1/7000 6<>/dev/tcp/10.1.1.1/7001
ctl_fails 2 'needs a VPN address' client peer new t0 id 7 fd 5
ctl client peer new t0 keepalive 10 60 vpn4 10.8.0.2 fd 5 id 7 tx-id 8
ctl_fails 2 '(E' client peer new t0 id 7 fd 5 vpn4 10.8.0.9
ctl client peer new t0 id 9 fd 6 vpn6 fd08::9
ctl client show t0 --json
equal "peers" "$(json '[.devices[0].peers[] | "\(.id) \(.tx_id) \(.transport) \(.vpn4 // .vpn6) \(.keepalive.interval) \(.keepalive.timeout) \(.offloaded // false)"] | join(",")')" \
	"7 8 mptcp 10.8.0.2 10 60 false,9 9 mptcp-fallback fd08::9 0 0 false"
equal "path of the MPTCP peer" "$(json '.devices[0].peers[0].paths[] | "\(.dev) \(.remote) \(.remote_port)"')" "p1c 10.1.1.1 7000"
equal "path of the fallback peer" "$(json '.devices[0].peers[1].paths[] | "\(.dev) \(.remote) \(.remote_port)"')" "p1c 10.1.1.1 7001"
ctl client peer set t0 id 7 vpn4 10.8.0.3 keepalive 0 0
ctl client peer show t0 id 7 --json
equal "the change" "$(json '.devices[0].peers[] | "\(.id) \(.tx_id) \(.vpn4) \(.keepalive.interval)"')" "7 8 10.8.0.3 0"
ctl_fails 2 'no peer of this device has this id (ENOENT' client peer set t0 id 3 vpn4 10.8.0.4
ctl_fails 2 'has its own addresses: leave the remote address out (E' client peer set t0 id 7 remote 10.1.1.1:7000
ctl_fails 1 'the stream socket 5 has its own addresses' client peer new t0 id 8 fd 5 vpn4 10.8.0.8 remote 10.1.1.1:7000

# A UDP socket that is connected knows the other end; it does not carry a peer of a stream.
exec 8<>/dev/udp/10.1.1.1/1194
ctl client peer new t0 id 11 fd 8 vpn4 10.8.0.11
ctl client peer show t0 id 11 --json
equal "where the connected socket goes" "$(json '.devices[0].peers[0] | "\(.transport) \(.paths[0].dev) \(.paths[0].local) \(.paths[0].remote):\(.paths[0].remote_port)"')" \
	'udp p1c 10.1.1.2 10.1.1.1:1194'
ctl_fails 2 'the peer has a stream, and gets another one' client peer set-sock t0 id 7 fd 8
ctl client peer del t0 id 11
exec 8>&-

ctl_fails 2 'carries a peer already' client peer set-sock t0 id 7 fd 5
ctl_fails 2 'no peer of this device has this id (ENOENT' client peer set-sock t0 id 3 fd 5
exec 7<>/dev/tcp/10.1.1.1/7002
ctl client peer set-sock t0 id 7 fd 7
ctl client peer show t0 id 7 --json
equal "after another socket" "$(json '.devices[0].peers[] | "\(.id) \(.transport) \(.vpn4)"')" "7 mptcp-fallback 10.8.0.3"
ctl client peer set-sock t0 id 7 fd 5
exec 7>&-
ctl client peer show t0 id 7 --json
equal "the first one again, the other closed" "$(json '.devices[0].peers[] | "\(.id) \(.transport)"')" "7 mptcp"

ctl client key new t0 peer 7 slot primary id 1 cipher aes-gcm file "$LAB_DIR/keys"
ctl client key new t0 file - cipher AES-GCM id 2 slot secondary peer 7 <"$LAB_DIR/keys"
ctl client key get t0 peer 7 slot secondary --json
equal "key in the second slot" "$(json '.key | "\(.slot) \(.id) \(.cipher)"')" "secondary 2 AES-GCM"
ctl client key swap t0 peer 7
ctl client key get t0 peer 7 slot primary
equal "key in the first slot after the swap" "$(cat "$LAB_DIR/ctl.out")" "t0  peer 7  primary 2 AES-128-GCM"
ctl client key del t0 peer 7 slot secondary
ctl_fails 2 'no key is in this slot (ENOENT' client key get t0 peer 7 slot secondary
ctl_fails 2 '(E' client key new t0 peer 7 slot primary id 3 cipher chacha20-poly1305 file "$LAB_DIR/keys"
ctl client peer show t0 id 7
need "a peer with a key is offloaded" grep -q 'mptcp, 1 of 1 path  offloaded' "$LAB_DIR/ctl.out"
need "the keys in text" grep -q '^    keys: primary 2 AES-128-GCM, secondary -$' "$LAB_DIR/ctl.out"

# Without rights nothing is shown, and it is said why.
ctl_status client --json
setpriv --bounding-set=-all --inh-caps=-all "$tool" show >"$LAB_DIR/ctl.out" 2>"$LAB_DIR/ctl.err" && fail "everybody may look"
need "no rights: the kernel's own errno" grep -q '(EPERM: Operation not permitted)' "$LAB_DIR/ctl.err"

"$tool" monitor --json >"$LAB_DIR/events.json" &
need "monitor listens" wait_for 10 grep -q listening "$LAB_DIR/events.json"
ctl client peer del t0 id 9
need "monitor sees the first deletion" wait_for 10 grep -q '"peer":9,"reason":"userspace"' "$LAB_DIR/events.json"
ctl_fails 1 'p1c is one of kind veth' client link del p1c
ctl client link del t0
need "monitor sees the second" wait_for 10 grep -q '"peer":7,"reason":"teardown"' "$LAB_DIR/events.json"
kill $!
wait $! || test $? = 143
ctl client --json
equal "devices in the end" "$(json '.devices | length')" 0
END
