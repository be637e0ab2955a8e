# topic: keep does not close the working path of another connection to bring back one of the tunnel; it says so, and acts when it may
# kernels: first
# vm: clock
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

keep_open
# Another program's connection, over the same two paths; with fork it goes on to listen.
helper ip netns exec "$ns_server" mptcpize run socat -u TCP4-LISTEN:5555,reuseaddr,fork "CREATE:$LAB_DIR/other"
need "the other program listens" wait_for 10 listening "$ns_server" 5555
chatter() { while pause; do printf '%01000d\n' 1; done; }
helper chatter > >(exec ip netns exec "$ns_client" mptcpize run socat -u STDIN TCP4:10.1.1.1:5555)
chatter_pid=$helper
other_path() { on_client ss -OHtni state established src 10.1.2.2 dport = :5555 | grep tcp-ulp-mptcp | awk '{ print $3, $4 }'; }
has_other_path() { [ -n "$(other_path)" ]; }
need "the other connection has a path there" wait_for 10 has_other_path
theirs=$(other_path)

keep_arguments=(tun0 manage 'p2c,10.9.9.9')
keep_start
tunnel_busy
path_reset 2 1194
need "the path is lost" wait_for 60 path_gone 2
path_reset_end
tunnel_quiet
need "keep says why it leaves it" wait_for 5 keep_said left
equal "why" "$(jq -r 'select(.event == "left").reason' "$keep_log")" "would close 1 path of other connections from it"
refuse "time passes" wait_for 20 false
equal "announcements all the same" "$(keep_count renewed)" 0
equal "the other connection's path" "$(other_path)" "$theirs"
refuse "the path is back" path_lives 2

kill "$chatter_pid"
no_other_path() { ! has_other_path; }
need "the other connection ends" wait_for 20 no_other_path
returns 2 10
keep_stop
