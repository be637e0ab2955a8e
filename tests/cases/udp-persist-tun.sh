# topic: a client of OpenVPN 2.6 over UDP with persist-tun does not see a second end of its server: doctor does
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/tool.sh

OVPN_VERSION=2.6
server_lines=('keepalive 1 4') client_lines=(persist-tun 'keepalive 1 4')
client_peers() { ctl client --json && [ "$(json '[.devices[].peers[]] | length')" = "$1" ]; }
says_waiting() { ctl_status client doctor --json && json '.findings[] | select(.id == "device-no-peer") | .text + " " + .fix' | grep -q "tunnel tun0 has no peer.*persist-tun"; }

topology_open 1
openvpn_p2p udp udp
need_offload "$ns_client" "$ns_server"
refuse "doctor has nothing to say of a tunnel with a peer" says_waiting
openvpn_restart_server udp KILL
need "the client has a peer" client_peers 1
times=$(openvpn_count client 'SIGUSR1.*restarting')
openvpn_stop server KILL
need "the module has told of the end, and forgotten the peer" wait_for 40 client_peers 0
need "the client has not heard it" [ "$(openvpn_count client 'SIGUSR1.*restarting')" = "$times" ]
need "doctor says so, and what to do" says_waiting
openvpn_signal client USR1
need "a restart by hand helps" wait_for 10 openvpn_counted client 'SIGUSR1.*restarting' $((times + 1))
if tunnels_left "$ns_server" | grep -q tun0; then ip -n "$ns_server" link del tun0; fi
