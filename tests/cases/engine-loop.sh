# topic: the tunnel's own address as MPTCP endpoint: no packet of a connection goes through the tunnel that it carries
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
ip -n "$ns_client" mptcp limits set subflows 8 add_addr_accepted 8
ip -n "$ns_server" mptcp limits set subflows 8 add_addr_accepted 8
engine_run
