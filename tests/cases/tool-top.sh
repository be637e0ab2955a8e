# topic: ovpn-mptcp-ctl top shows of a loaded tunnel on two paths the rates that iperf3 and the links have; q quits, the terminal is given back
# kernels: first
# vm: clock
# timeout: 200
. /lab/lib/lab.sh
. /lab/lib/tool.sh

topology_open 2
topology_endpoints
path_shape 1 10mbit 10ms
path_shape 2 5mbit 20ms
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
need "two paths" wait_for 20 has_subflows "$ns_client" 2

# At rest: two readings are two objects, and nearly nothing moves.
ctl client top --json count 2
equal "objects" "$(wc -l <"$LAB_DIR/ctl.out")" 2
equal "schema" "$(jq -s -r '[.[].schema] | unique | join(" ")' "$LAB_DIR/ctl.out")" 1
peer='.[-1].devices[0].peers[0]'
last() { jq -s -r "$1" "$LAB_DIR/ctl.out"; }
equal "device and transport" "$(last "\"\\(.[-1].devices[0].dev) \\($peer.transport)\"")" "tun0 mptcp"
equal "paths" "$(last "[$peer.paths[].dev] | sort | join(\" \")")" "p1c p2c"
expect "rate at rest (bit/s)" "$(last "$peer.tx_bits_per_s")" '<' 100000

# Under load. What the links carry is more than what iperf3 counts: headers of four layers.
iperf_serve "$ns_server"
helper ip netns exec "$ns_client" iperf3 -J -c "$tun_server" -t 16 >"$LAB_DIR/iperf.json"
iperf=$helper
before=$(path_bytes 1 up)
need "there is load" wait_for 30 path_carried 1 up "$before" 2500000
link_bytes() { echo "$(path_bytes 1 up) $(path_bytes 2 up) $(on_client cat /proc/uptime)"; }
first=$(link_bytes)
ctl client top tun0 --json interval 2 count 5
second=$(link_bytes)
equal "objects" "$(wc -l <"$LAB_DIR/ctl.out")" 5
# a reading that comes late makes the next interval shorter
expect "mean interval (ms)" "$(last '[.[].interval_ms] | add / length')" '>=' 1800
read -ra begin <<<"$first"
read -ra end <<<"$second"
for n in 1 2; do
	of_link=$(awk "BEGIN { print (${end[n - 1]} - ${begin[n - 1]}) * 8 / (${end[2]} - ${begin[2]}) / 1e6 }")
	of_top=$(last "[.[].devices[0].peers[0].paths[] | select(.dev == \"p${n}c\").tx_bits_per_s] | add / 5e6")
	note "path $n: the link carried $of_link Mbit/s, top says $of_top"
	expect "rate of path $n, share of what the link carried" "$(awk "BEGIN { print $of_top / $of_link }")" '>' 0.9
	expect "the same, from above" "$(awk "BEGIN { print $of_top / $of_link }")" '<' 1.1
done
expect "in flight on path 1 (bytes)" "$(last '[.[].devices[0].peers[0].paths[] | select(.dev == "p1c").inflight_bytes] | max')" '>' 10000
expect "rtt of path 1 (us)" "$(last '[.[].devices[0].peers[0].paths[] | select(.dev == "p1c").rtt_us] | min')" '>=' 20000
of_top=$(last '[.[].devices[0].peers[0].tx_bits_per_s] | add / 5e6')
wait "$iperf" || fail "iperf3: $(jq -r .error "$LAB_DIR/iperf.json")"
of_iperf=$(jq -r '.end.sum_received.bits_per_second / 1e6' "$LAB_DIR/iperf.json")
note "iperf3 sent $of_iperf Mbit/s, top says $of_top"
# Not from above: iperf3's figure has the slow start in it, and that of a busy host more of it.
expect "rate of the peer, share of iperf3's" "$(awk "BEGIN { print $of_top / $of_iperf }")" '>' 0.9

# On a terminal.
on_terminal() { on_client env LC_ALL=C.UTF-8 TERM=xterm python3 /lab/lib/terminal.py "$@" >"$LAB_DIR/screen" 2>&1; }
load_start "$ns_client" "$tun_server"
on_terminal 24x150 'expect:peer [0-9]+  mptcp, 2 of 2 paths  up [1-9][0-9]*\.[0-9] Mbit/s' 'expect:^    p1c  10\.1\.1\.2 . 10\.1\.1\.1:1194  up [1-9]' \
	'expect:[▁-█]{3}' size:10x70 'lacks:10\.1\.1\.2' 'expect:^    p2c  up ' send:q exit:0 -- "$tool" top || fail "top on a terminal: $(cat "$LAB_DIR/screen")"
sed 's/^/screen: /' "$LAB_DIR/screen"
ok "q quits, and the terminal is as before"
on_terminal 24x150 'expect:peer' signal:TERM exit:143 -- "$tool" top || fail "SIGTERM: $(cat "$LAB_DIR/screen")"
ok "so it is after SIGTERM"
load_stop

# The tunnel goes while top looks.
helper ip netns exec "$ns_client" "$tool" top --json >"$LAB_DIR/top.json"
need "top reads" wait_for 20 grep -q '"peers":\[{' "$LAB_DIR/top.json"
openvpn_stop client
gone() { tail -n1 "$LAB_DIR/top.json" | grep -q '"devices":\[\]'; }
need "without the tunnel it goes on" wait_for 20 gone
