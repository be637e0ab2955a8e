# topic: what the host sees of a tunnel and does to it: packet sockets, nonsense from them, bridges, redirected packets, checksums, ICMP redirects
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
engine_run
