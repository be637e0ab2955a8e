# topic: a server with clients over UDP: renegotiation, the end of one client, of a silent one, and of the server itself
# kernels: first
# timeout: 200
. /lab/lib/lab.sh
. /lab/lib/clients.sh
. /lab/lib/tool.sh

OVPN_VERSION=2.7
clients_transport=udp
topology_open 1
clients_open 3
server_lines=('keepalive 1 6')
client_lines=('reneg-sec 5 5')
clients_server 3
for i in 1 2 3; do clients_start $i; done
clients_ready 1 2 3
for i in 1 2 3; do
	need "the server reaches the network behind client $i" ping_works "$ns_server" 192.168.$i.1 5
done
need_offload "$ns_server"
transfer "$(clients_ns 1)" "$(clients_ns 2)" 192.168.2.1 1000000
need "three renegotiations of client 1" wait_for 60 openvpn_counted c1 "$openvpn_negotiated" 4
need "data still pass" ping_works "$(clients_ns 1)" 192.168.2.1 5

peers() { on_server "$tool" show --json | jq '[.devices[].peers[]] | length'; }
peers_are() { [ "$(peers)" = "$1" ]; }
need "the server has three peers" peers_are 3
openvpn_signal c3 KILL
need "a silent client expires" wait_for 30 openvpn_logged server 'c3/.*(ovpn-dco: ping expired|Inactivity timeout)'
need "the server has two peers" wait_for 30 peers_are 2
clients_start 3
openvpn_ready c3
need "client 3 is back" wait_for 20 ping_works "$(clients_ns 3)" 192.168.1.1
openvpn_stop c2
need "client 1 still reaches client 3" ping_works "$(clients_ns 1)" 192.168.3.1 5

openvpn_signal server KILL
wait_for 10 openvpn_gone server || fail "the server does not go"
need "the device went with its daemon, and the peers with it" peers_are 0
unset 'openvpn_pids[server]'
clients_server 3
for i in 1 3; do
	openvpn_ready "c$i" 2
	need "client $i is back" wait_for 20 ping_works "$(clients_ns $i)" 10.8.0.1
done
