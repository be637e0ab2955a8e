# topic: each kind of wrong socket is refused with its own errno and text, and works on as an ordinary socket
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
modprobe -a tls sctp
engine_run
