# topic: a line that loses packets gets a congestion control of the module, another path keeps its own; what an administrator says stays, and bbr is told when nothing waits
# kernels: first
# vm: clock
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/profiles.sh

[ -z "$LAB_USERSPACE" ] || { note "nothing to test without the module"; exit 0; }
parameter=/sys/module/ovpn_dco_mptcp/parameters/congestion

# used NS N: the congestion control of the tunnel's stream from NS on path N.
used() {
	ip netns exec "$1" ss -OHtni state established "src 10.1.$2.0/24" | grep tcp-ulp-mptcp | grep -owE 'cubic|reno|bbr|ovpn_mptcp' | head -n 1
}
both_use() { [ "$(used "$ns_client" 1) $(used "$ns_client" 2)" = "$1 $2" ]; }

# upload_with PARAMETER FIRST SECOND: after so long an upload that a bad line is noticed, the paths have these.
upload_with() {
	local before
	echo "$1" >$parameter
	openvpn_many_server mptcp
	openvpn_many_client mptcp
	need_offload "$ns_client" "$ns_server"
	wait_for 20 has_subflows "$ns_client" 2 || fail "only $(subflows "$ns_client") subflows"
	before=$(path_bytes 1 up)
	load_start "$ns_client" "$tun_server"
	wait_for 30 path_carried 1 up "$before" 4000000 || fail "the upload does not get going"
	need "with \"$1\" the first path gets $2, the second $3" wait_for 10 both_use "$2" "$3"
	load_stop
	iperf_ended "$ns_server"
	openvpn_stop client
	openvpn_stop server
}

profile_open starlink-lte
iperf_serve "$ns_server"
says() { [ "$(cat $parameter)" = "$1" ]; }
need "by default, the module decides" says auto
upload_with auto ovpn_mptcp cubic
upload_with none cubic cubic
upload_with bbr bbr bbr
refuse "a name that is too long" sh -c "echo a-name-of-more-than-fifteen >$parameter" 2>>"$LAB_DIR/parameter.log"
need "the parameter is as before" says bbr
for ns in "$ns_client" "$ns_server"; do ip netns exec "$ns" sysctl -qw net.ipv4.tcp_congestion_control=reno; done
upload_with auto reno reno

# bbr must not take the few packets of a tunnel that is idle for all that a path can carry.
knows_rest() { ip netns exec "$ns_client" ss -OHtni state established | grep tcp-ulp-mptcp | grep -w bbr | grep -qw app_limited; }
for ns in "$ns_client" "$ns_server"; do ip netns exec "$ns" sysctl -qw net.ipv4.tcp_congestion_control=bbr; done
openvpn_many_server mptcp
openvpn_many_client mptcp
need_offload "$ns_client" "$ns_server"
before=$(path_bytes 1 up)
load_start "$ns_client" "$tun_server"
need "an upload gets going" wait_for 30 path_carried 1 up "$before" 4000000
load_stop
iperf_ended "$ns_server"
need "pings pass" ip netns exec "$ns_client" ping -c 10 -i 0.1 -W 2 -q "$tun_server"
need "a stream with bbr knows that there was no more to send" knows_rest
openvpn_stop client
openvpn_stop server
module_unused() { [ "$(cat /sys/module/ovpn_dco_mptcp/refcnt)" = 0 ]; }
need "no socket that is still closing holds the module" wait_for 2 module_unused
