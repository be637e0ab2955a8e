# topic: keep opens a path again that was reset, the first path of the connection as well, and stops when somebody removes the endpoint
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

keep_open
reset_one() { path_reset 2 1194; }
keep_case reset_one path_reset_end
path_reset_end
returns 2 "$keep_told"

# The first path has the id 0 in MPTCP, whatever the id of its endpoint.
tunnel_busy
path_reset 1 1194
need "the first path is lost" wait_for 60 path_gone 1
path_reset_end
returns 1 "$keep_told"
tunnel_quiet

# Another program removes the endpoint, and its path with it: that is not for keep to change.
renewed=$(keep_count renewed)
path_reset 2 1194
tunnel_busy
need "the second path is lost" wait_for 60 path_gone 2
ip -n "$ns_client" mptcp endpoint del id 7
path_reset_end
refuse "time passes" wait_for 20 false
refuse "keep brings back what somebody removed" path_lives 2
equal "endpoints" "$(ip -n "$ns_client" mptcp endpoint show | wc -l)" 1
ip -n "$ns_client" mptcp endpoint add 10.1.2.2 id 7 dev p2c subflow
returns 2 "$keep_told"
tunnel_quiet
keep_stop
