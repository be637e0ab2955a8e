# topic: strangers, forgers and a client that does not read leave another client its throughput, beside one, a hundred and ten thousand peers
# vm: icount
# timeout: 900
. /lab/lib/lab.sh
. /lab/lib/engine.sh

# The other client has a path of its own.
topology_open 2
path_shape 1 20mbit 5ms 100
engine_run
