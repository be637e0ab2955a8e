# topic: a server with eight clients: every client reaches the server, the other clients, and the networks behind them
# kernels: first
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/clients.sh

count=8
topology_open 2
clients_open $count
clients_server $count
for ((i = 1; i <= count; i++)); do clients_start $i; done
mapfile -t all < <(seq $count)
clients_ready "${all[@]}"
need_offload "$ns_server"
for ((i = 1; i <= count; i++)); do
	next=$((i % count + 1))
	need "client $i reaches client $next" ping_works "$(clients_ns $i)" "$(clients_address $next)" 5
	need "client $i reaches the network behind client $next" ping_works "$(clients_ns $i)" 192.168.$next.1 5
	need "the server reaches the network behind client $i" ping_works "$ns_server" 192.168.$i.1 5
done
transfer "$(clients_ns 1)" "$(clients_ns 2)" 192.168.2.1 2000000
transfer "$(clients_ns $count)" "$ns_server" 10.8.0.1 2000000

# The end of one must not be the end of others.
openvpn_stop c3
need "client 4 still reaches client 5" ping_works "$(clients_ns 4)" "$(clients_address 5)" 5
refuse "the network behind client 3 is gone" ping_works "$ns_server" 192.168.3.1 1
clients_start 3
openvpn_ready c3
need "client 3 is back" wait_for 20 ping_works "$(clients_ns 3)" 192.168.8.1
