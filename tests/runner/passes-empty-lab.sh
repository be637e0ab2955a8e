# topic: an empty laboratory passes
. /lab/lib/lab.sh
topology_open 2
need "the server answers" wait_for 5 ping_works "$ns_client" 10.1.1.1
