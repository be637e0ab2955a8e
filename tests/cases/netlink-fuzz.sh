# topic: netlink requests of every kind at random, led by the places of the module that they reach; FUZZ_NET_SECONDS, FUZZ_SEED
# kernels: debug
# timeout: 150
. /lab/lib/lab.sh

topology_open 1
# A fuzzer that has failed has said why.
/lab/netlink-fuzz "$ns_client" "$ns_server" /lab/functions 9>&- || exit 1
