# topic: a client of OpenVPN 2.6 over UDP with persist-tun does not see a second end of its server: doctor and keep do, and a restart helps
# kernels: first
# timeout: 150
. /lab/lib/lab.sh
. /lab/lib/tool.sh
. /lab/lib/keep.sh

OVPN_VERSION=2.6
server_lines=('keepalive 1 4') client_lines=(persist-tun 'keepalive 1 4')
client_peers() { ctl client --json && [ "$(json '[.devices[].peers[]] | length')" = "$1" ]; }
says_waiting() { ctl_status client doctor --json && json '.findings[] | select(.id == "device-no-peer") | .text + " " + .fix' | grep -q "tunnel tun0 has no peer.*persist-tun"; }
# What ovpn-mptcp-restart@tun0.path waits for.
export RUNTIME_DIRECTORY=$LAB_DIR/keep
mkdir "$RUNTIME_DIRECTORY"
told() { [ -e "$RUNTIME_DIRECTORY/tun0.no-peer" ]; }
not_told() { ! told; }

topology_open 1
openvpn_p2p udp udp
need_offload "$ns_client" "$ns_server"
keep_start
refuse "doctor has nothing to say of a tunnel with a peer" says_waiting
openvpn_restart_server udp KILL
need "the client has a peer" client_peers 1
need "keep had no time to tell of that" not_told
equal "what keep has told" "$(keep_count no-peer)" 0

times=$(openvpn_count client 'SIGUSR1.*restarting') ready=$(openvpn_count client "$openvpn_initialized")
index=$(ip -n "$ns_client" -j link show tun0 | jq '.[0].ifindex')
openvpn_stop server KILL
need "the module has told of the end, and forgotten the peer" wait_for 40 client_peers 0
openvpn_server udp
need "doctor says so, and what to do" says_waiting
need "keep does" wait_for 25 told
need "the client has not heard it" [ "$(openvpn_count client 'SIGUSR1.*restarting')" = "$times" ]

# What ovpn-mptcp-restart@.service does.
openvpn_signal client USR1
openvpn_ready client $((ready + 1))
need "data pass again" wait_for 20 ping_works "$ns_client" "$tun_server"
need_offload "$ns_client" "$ns_server"
equal "the device is the one that it was" "$(ip -n "$ns_client" -j link show tun0 | jq '.[0].ifindex')" "$index"
need "keep sees that the peer is there" wait_for 10 not_told
equal "what keep has told" "$(jq -r '.event + " " + (.dev // "")' "$keep_log" | xargs)" "keeping no-peer tun0 peer tun0"

kill "$keep_pid"
need "keep has ended well" wait "$keep_pid"
equal "errors of keep" "$(cat "$LAB_DIR/keep.err")" ""
