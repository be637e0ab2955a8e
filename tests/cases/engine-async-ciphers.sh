# topic: ciphers that answer later, on other processors: order, data and keys are as with any other, and nothing of them is kept
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/engine.sh

# A part of the kernel on some, and not there on others.
modprobe -q pcrypt || ok "pcrypt is no module"
topology_open 1
engine_run
