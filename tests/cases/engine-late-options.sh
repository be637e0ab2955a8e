# topic: options that were on their way when the module got a TCP socket, and that would change whose it is, are refused
# timeout: 60
. /lab/lib/lab.sh
. /lab/lib/engine.sh

# A part of the kernel on some.
modprobe -q tls || ok "tls is no module"
topology_open 1
engine_run
