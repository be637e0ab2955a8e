# topic: a server of OpenVPN 2.7 with clients of 2.7 and 2.6: networks behind them, statistics, one that is killed, one that is thrown out
# kernels: first
# timeout: 150
. /lab/lib/lab.sh
. /lab/lib/clients.sh

count=3
OVPN_VERSION=2.7
topology_open 2
clients_open $count
clients_server $count
for ((i = 1; i <= count; i++)); do
	[ $i != 2 ] || OVPN_CLIENT_VERSION=2.6
	clients_start $i
	OVPN_CLIENT_VERSION=''
done
mapfile -t all < <(seq $count)
clients_ready "${all[@]}"
need_offload "$ns_server"
for ((i = 1; i <= count; i++)); do
	need "the server reaches the network behind client $i" ping_works "$ns_server" "192.168.$i.1" 5
	next=$((i % count + 1))
	need "client $i reaches the network behind client $next" ping_works "$(clients_ns $i)" "192.168.$next.1" 5
done
transfer "$(clients_ns 1)" "$(clients_ns 2)" 192.168.2.1 1000000

# The server's status is what it reads from the kernel for all peers at once; a client asks for its one peer.
received() { openvpn_manage server 'status 2' | awk -F, -v name="$1" '$1 == "CLIENT_LIST" && $2 == name { print $6 }'; }
expect "bytes of client 1 that the server's status shows" "$(received c1)" '>' 1000000
# DCO counts what enters the tunnel as written to it.
expect "bytes of client 1 that its own status shows" "$(openvpn_manage c1 status | sed -n 's/^TUN\/TAP write bytes,//p')" '>' 1000000

openvpn_stop c3 KILL
need "the server noticed the end of client 3" wait_for 20 openvpn_logged server 'c3/.*(onnection reset|SIG(TERM|USR1))'
need "client 1 still reaches client 2" ping_works "$(clients_ns 1)" "$(clients_address 2)" 5
refuse "the network behind client 3 is gone" ping_works "$ns_server" 192.168.3.1 1
times=$(openvpn_count c1 "$openvpn_initialized")
openvpn_manage server 'kill c1' >/dev/null
openvpn_ready c1 $((times + 1))
need "client 1 is back" wait_for 20 ping_works "$(clients_ns 1)" 192.168.2.1
