# topic: the module cannot be removed under a live tunnel, and can be when the daemons are gone though a device remains
# kernels: all
# timeout: 90
. /lab/lib/lab.sh

[ -z "$LAB_USERSPACE" ] || { note "nothing to test without the module"; exit 0; }
topology_open 2
topology_endpoints
openvpn_p2p mptcp mptcp
need_offload "$ns_client" "$ns_server"
ping_start "$LAB_DIR/ping.log" "$ns_client" "$tun_server" 0.05
wait_for 10 ping_has_replies "$LAB_DIR/ping.log" 20 || fail "no ping"
for _ in 1 2 3; do refuse "rmmod under a live tunnel is refused" rmmod ovpn_dco_mptcp 2>>"$LAB_DIR/rmmod.log"; done
replies=$(ping_replies "$LAB_DIR/ping.log")
need "traffic goes on" wait_for 10 ping_has_replies "$LAB_DIR/ping.log" $((replies + 40))
need "no ping is lost" [ "$(ping_lost "$LAB_DIR/ping.log")" = 0 ]
ip -n "$ns_client" link add by-hand type ovpn-dco
# Stopped, the server cannot notice the end of the client and tidy up before it is killed itself.
openvpn_signal server STOP
openvpn_stop client KILL
openvpn_stop server KILL
need "a device made by hand remains" openvpn_offloaded "$ns_client" by-hand
module_unused() { [ "$(cat /sys/module/ovpn_dco_mptcp/refcnt)" = 0 ]; }
need "nobody uses the module" wait_for 10 module_unused
need "rmmod works" rmmod ovpn_dco_mptcp
refuse "the device is gone" ip -n "$ns_client" link show by-hand 2>>"$LAB_DIR/rmmod.log"
