# topic: a path comes and goes 200 times under load, announced by either side: no byte is lost, and both paths carry
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 2
for ns in "$ns_client" "$ns_server"; do ip -n "$ns" mptcp limits set subflows 8 add_addr_accepted 8; done
path_route 2
# One is not enough, so there is work for the other as soon as it is there.
path_shape 1 8mbit 2ms
path_shape 2 40mbit 2ms
engine_run
