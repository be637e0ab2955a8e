# topic: netfilter outside and inside a tunnel: no mark and no state of a connection goes along, in or out
# kernels: first
# timeout: 60
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
modprobe -aq nf_tables nft_ct || ok "not all of it is a module"
engine_run
