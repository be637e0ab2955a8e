# topic: 500 peers under load go one by one, with their device, or with their sockets: in time, and each is told once
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
# All connections are made and closed at once.
on_server sysctl -qw net.core.somaxconn=1024
engine_run
