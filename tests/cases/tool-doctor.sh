# topic: ovpn-mptcp-ctl doctor calls a good host good, and names each thing that is made wrong on it, with what to do
# kernels: first
# timeout: 400
. /lab/lib/lab.sh
. /lab/lib/tool.sh

# A server for many clients goes on to listen, which paths that come later need.
server_start() {
	local lines
	mapfile -t lines < <(openvpn_identity server client)
	openvpn_start server "$ns_server" mptcp "${lines[@]}" 'proto tcp4-server' 'lport 1194' 'dh none' 'topology subnet' \
		'server 10.8.0.0 255.255.255.0' 'keepalive 5 60'
	wait_for 20 listening "$ns_server" 1194 || fail "OpenVPN server does not listen: $(openvpn_last server)"
}
# client_start mptcp|tcp [LINE]
client_start() {
	local lines
	mapfile -t lines < <(openvpn_identity client server)
	openvpn_start client "$ns_client" "$1" "${lines[@]}" 'proto tcp4-client' 'remote 10.1.1.1 1194' client nobind 'connect-retry 1' "${@:2}"
	openvpn_ready client
}

topology_open 2
ip -n "$ns_server" mptcp limits set subflows 8
ip -n "$ns_client" mptcp limits set subflows 8
# The second link has a way to the server, too; who has no route asks for the address itself, and is not answered.
second_way() { ip -n "$ns_client" route "$1" 10.1.1.0/24 via 10.1.2.1 dev p2c metric 1000; }
second_way add
on_server sysctl -qw net.ipv4.conf.p2s.arp_ignore=1
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 dev p2c subflow
server_start
client_start mptcp
need "the tunnel is up" wait_for 10 ping_works "$ns_client" "$tun_server"
need_offload "$ns_client" "$ns_server"
need "two paths" wait_for 20 has_subflows "$ns_client" 2

# diagnose STATUS LEVEL:ID[,...] ARGUMENT...: what doctor says of the client apart from what is good or a note.
findings() { json "[.findings[] | select(.level != \"good\" and .level != \"note\") | \"\(.level):\(.id)\"] | unique | join(\",\")"; }
diagnose() {
	local status=$1 expected=$2
	shift 2
	ctl_status client doctor --json "$@"
	[ "$(findings)" = "$expected" ] || fail "doctor $* finds '$(findings)', must find '$expected': $(cat "$LAB_DIR/ctl.out" "$LAB_DIR/ctl.err")"
	[ "$ctl_status" = "$status" ] || fail "doctor $*: status $ctl_status, must be $status"
	equal "problems" "$(json .problems)" "$(json '[.findings[] | select(.level == "problem")] | length')"
	ok "doctor finds '$expected', status $status"
}
# says ID TEXT FIX: words that must be there.
says() {
	local text fix
	text=$(json "[.findings[] | select(.id == \"$1\").text] | join(\" \")")
	fix=$(json "[.findings[] | select(.id == \"$1\").fix] | join(\" \")")
	[[ $text == *"$2"* ]] || fail "$1 says '$text', must say '$2'"
	[[ $fix == *"$3"* ]] || fail "$1 is to be fixed by '$fix', must say '$3'"
	ok "$1: $text; fix: $fix"
}
healthy() { ctl_status client doctor --json && [ -z "$(findings)" ]; }
good() { json "[.findings[] | select(.level == \"good\").id] | join(\" \")"; }

# A host on which all is well, to root and to others.
diagnose 0 ''
for id in module-loaded door-open openvpn mptcp limits endpoints peer; do
	need "$id is good" grep -qw -- "$id" <<<"$(good)"
done
says openvpn "OpenVPN $(openvpn --version | sed -n '1s/OpenVPN \([^ ]*\) .*/\1/p'), " ''
says peer ' of tun0: mptcp, 2 paths' ''
with_27() { PATH=/opt/openvpn-2.7/usr/sbin:$PATH "$@"; }
with_27 diagnose 0 ''
says openvpn 'OpenVPN 2.7.' ''
says openvpn 'uses the module: it asks for ovpn' ''
ctl client doctor
sed 's/^/text: /' "$LAB_DIR/ctl.out"
need "text says so, too" grep -qx 'No problem was found.' "$LAB_DIR/ctl.out"
on_client setpriv --bounding-set=-all --inh-caps=-all "$tool" doctor --json >"$LAB_DIR/ctl.out" || fail "doctor without root: $(cat "$LAB_DIR/ctl.out")"
equal "what cannot be seen without root" "$(findings)" unseen:tunnels

# What a server answers, and what becomes of it on the way.
helper ip netns exec "$ns_server" mptcpize run socat -u TCP4-LISTEN:7000,reuseaddr,fork OPEN:/dev/null
helper ip netns exec "$ns_server" socat -u TCP4-LISTEN:7001,reuseaddr,fork OPEN:/dev/null
for port in 7000 7001; do
	need "somebody listens on port $port" wait_for 20 listening "$ns_server" $port
done
diagnose 0 '' --probe 10.1.1.1:7000
equal "the usual way and the endpoint" "$(json '[.findings[] | select(.id == "probe-mptcp").text] | join(", ")')" \
	"10.1.1.1 port 7000 speaks MPTCP, 10.1.1.1 port 7000 through p2c speaks MPTCP"
diagnose 5 problem:probe-fallback probe 10.1.1.1:7001
says probe-fallback '10.1.1.1 port 7001 answers with TCP only' 'on the server, ovpn-mptcp-ctl doctor --probe'
diagnose 2 problem:probe-refused --probe 10.1.1.1:7002
says probe-refused ECONNREFUSED 'start the server'
strip() { on_server nft "add table inet strip; add chain inet strip in { type filter hook prerouting priority -300; }; add rule inet strip in $1"; }
strip 'iifname "p2s" tcp dport 7000 reset tcp option 30'
diagnose 5 problem:probe-stripped --probe 10.1.1.1:7000
says probe-stripped 'through p2c: MPTCP is stripped on the way' 'ask who runs this link'
on_server nft flush ruleset
strip 'iifname "p1s" tcp dport 7000 tcp flags & syn == syn tcp option 30 exists drop'
diagnose 5 problem:probe-dropped --probe 10.1.1.1:7000
says probe-dropped 'packets with MPTCP are dropped on the way' 'another port'
on_server nft flush ruleset
strip 'tcp dport 7000 drop'
diagnose 2 problem:probe-timeout --probe 10.1.1.1:7000
on_server nft flush ruleset

# The sysctl, the limits.
on_client sysctl -qw net.mptcp.enabled=0
diagnose 4 problem:mptcp-off
says mptcp-off 'switched off' 'sysctl -w net.mptcp.enabled=1'
on_client sysctl -qw net.mptcp.enabled=1
ip -n "$ns_client" mptcp limits set subflows 0
diagnose 2 problem:limits
says limits 'limit subflows is 0' 'ip mptcp limits set subflows 8'
ip -n "$ns_client" mptcp limits set subflows 8

# Endpoints: the fixes are taken by their word.
ip -n "$ns_client" mptcp endpoint delete id 2
diagnose 0 advice:endpoints-none
says endpoints-none 'no MPTCP endpoint with the flag subflow' 'ovpn-mptcp-ctl uplinks setup'
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 subflow
# whether that path comes up, on the wrong link, is another matter
ctl_status client doctor --json
need "the endpoint without dev is found" grep -qE '^problem:endpoint-no-dev(,problem:path-missing)?$' <<<"$(findings)"
equal "status" "$ctl_status" 2
says endpoint-no-dev 'leave through p1c, and the address is one of p2c' 'ip mptcp endpoint add 10.1.2.2 dev p2c id 2 subflow'
json '.findings[] | select(.id == "endpoint-no-dev").fix' >"$LAB_DIR/fix"
on_client bash -euc "$(cat "$LAB_DIR/fix")"
wait_for 30 healthy || fail "the fix does not help: $(cat "$LAB_DIR/ctl.out"); $(on_client ss -OHtni | tr '\n' ';')"
need "with the fix all is well again" grep -qw endpoints <<<"$(good)"
ip -n "$ns_client" mptcp endpoint delete id 2
second_way del
ip -n "$ns_client" neigh flush dev p2c
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 dev p2c subflow
diagnose 2 problem:endpoint-no-route,problem:path-missing
says endpoint-no-route 'dev p2c, has no route to 10.1.1.1' 'ip route add default via GATEWAY dev p2c'
says path-missing 'has no path from 10.1.2.2 dev p2c, endpoint ' 'ovpn-mptcp-ctl keep'
second_way add
ip -n "$ns_client" mptcp endpoint delete id 2
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 dev p2c subflow
wait_for 30 healthy || fail "the route does not help: $(cat "$LAB_DIR/ctl.out"); $(on_client ss -OHtni | tr '\n' ';')"
# Under a strict reverse path filter that route is not enough.
on_client sysctl -qw net.ipv4.conf.all.rp_filter=1
ip -n "$ns_client" mptcp endpoint delete id 2
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 dev p2c subflow
diagnose 2 problem:endpoint-rp-filter,problem:path-missing
says endpoint-rp-filter 'answers from 10.1.1.1 are dropped there, for the usual way to it is p1c, and rp_filter of all interfaces is 1' 'to keep it: echo net/ipv4/conf/p2c/rp_filter=2 '
json '.findings[] | select(.id == "endpoint-rp-filter").fix | split(";")[0]' >"$LAB_DIR/fix"
on_client bash -euc "$(cat "$LAB_DIR/fix")"
ip -n "$ns_client" mptcp endpoint delete id 2
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 2 dev p2c subflow
wait_for 30 healthy || fail "the fix does not help: $(cat "$LAB_DIR/ctl.out"); $(on_client ss -OHtni | tr '\n' ';')"
on_client sysctl -qw net.ipv4.conf.all.rp_filter=0
# what the endpoint of the tunnel sends into the tunnel is dropped, and that may be seen, too
ip -n "$ns_client" mptcp endpoint add "$tun_client" id 7 dev tun0 subflow
ctl_status client doctor --json
need "the tunnel's own address is found" grep -qE '^(problem:drops,)?problem:endpoint-tunnel$' <<<"$(findings)"
equal "status" "$ctl_status" 2
says endpoint-tunnel "$tun_client, is the address of the tunnel tun0" 'ip mptcp endpoint delete id 7'
ip -n "$ns_client" mptcp endpoint delete id 7
ip -n "$ns_client" mptcp endpoint add 10.9.9.9 id 8 subflow
ctl_status client doctor --json
need "an address that nobody has" grep -qw problem:endpoint-no-address <<<"$(findings)"
ip -n "$ns_client" mptcp endpoint delete id 8

# A tunnel that fell back, and one that never was MPTCP.
openvpn_stop client
paths_strip_mptcp
client_start mptcp
diagnose 5 problem:peer-fallback
says peer-fallback 'fell back from MPTCP to TCP' 'doctor --probe'
openvpn_stop client
on_server nft flush ruleset
client_start tcp
diagnose 0 advice:peer-tcp
says peer-tcp 'plain TCP' mptcpize

# Without the offload; then without the door, and without the module.
openvpn_stop client
client_start mptcp disable-dco
diagnose 2 problem:openvpn-userspace
says openvpn-userspace 'its data goes through userspace' disable-dco
openvpn_stop client
openvpn_stop server
module_unused() { [ "$(cat /sys/module/ovpn_dco_mptcp/refcnt)" = 0 ]; }
need "nobody uses the module" wait_for 10 module_unused
need "the module goes" rmmod ovpn_dco_mptcp
need "it comes back with a closed door" insmod /lab/ovpn-dco-mptcp.ko door_ovpn_dco_v2=0
diagnose 2 advice:door-off,problem:openvpn-door
says door-off 'ovpn-dco-v2, is switched off by the module parameter door_ovpn_dco_v2' 'remove door_ovpn_dco_v2=N'
with_27 diagnose 0 advice:door-off
need "the module goes again" rmmod ovpn_dco_mptcp

loaded() { [ -e /sys/module/ovpn_dco_mptcp ]; }
diagnose 3 problem:module-missing
says module-missing "neither built for this kernel, $(uname -r)" 'install the package ovpn-dco-mptcp-dkms'
top=/lib/modules/$(uname -r)
mkdir -p "$top/updates/dkms"
cp /lab/ovpn-dco-mptcp.ko "$top/updates/dkms/"
diagnose 3 problem:module-not-indexed
says module-not-indexed 'modprobe does not know of it' depmod
cp "$top/modules.dep" "$LAB_DIR/"
echo "updates/dkms/ovpn-dco-mptcp.ko:" >>"$top/modules.dep"
diagnose 3 problem:module-not-loaded
says module-not-loaded 'is not loaded' 'modprobe ovpn-dco-mptcp'
refuse "looking does not load it" loaded
cp "$LAB_DIR/modules.dep" "$top/"
rm "$top/updates/dkms/ovpn-dco-mptcp.ko"
