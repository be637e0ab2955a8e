# topic: who may do what: users without CAP_NET_ADMIN nothing, the root of a user namespace all in its own network and nothing in another's
# kernels: first
# timeout: 90
. /lab/lib/lab.sh
. /lab/lib/engine.sh

topology_open 1
# Where a machine starts from an initramfs, nobody but root can look up a path.
chmod go+x /
engine_run
