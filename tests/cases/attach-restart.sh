# topic: attach killed and started again, server or client: the other end goes on, and the device that was left is replaced
# kernels: first
# timeout: 240
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
topology_endpoints
attach_psk
# Or nobody would be there where MPTCP announces the second address.
ATTACH_LISTEN='*'
attach_pair

# The server loses its memory; the client comes back with a session that it does not know.
attach_stop server KILL
need "the device of the killed server is left" [ -n "$(tunnels_left "$ns_server")" ]
need "the client notices" wait_for 20 attach_logged client 'connection to 10\.1\.1\.1:1194 ended'
need "and tries again" wait_for 20 attach_logged client 'cannot connect to 10\.1\.1\.1:1194 \(ECONNREFUSED'
attach_server
attach_ready client 2
attach_ready server 2
need "ping" wait_for 10 ping_works "$ns_client" "$tun_server"
transfer "$ns_client" "$ns_server" "$tun_server" 500000

# The client loses its memory; it comes as a new one.
attach_stop client KILL
need "the device of the killed client is left" [ -n "$(tunnels_left "$ns_client")" ]
attach_client
attach_ready client 3
attach_ready server 3
need "the server takes the new one" attach_logged server 'a new client replaces the last one'
need "ping again" wait_for 10 ping_works "$ns_client" "$tun_server"
transfer "$ns_server" "$ns_client" "$tun_client" 500000

# Who removes the peer under attach ends it, and nothing is left of it.
ctl client peer del tun0 id 1
attach_wait client 2
need "it says why" attach_logged client 'somebody removed the peer or the device'
attach_client
attach_ready client 4
ip -n "$ns_client" link del tun0
attach_wait client 2
# ... and who removes the device of a server whose client is gone.
need "the server notices" wait_for 20 attach_logged server 'connection to 10\.1\.[12]\.2:[0-9]+ ended'
ip -n "$ns_server" link del tun0
attach_wait server 2
need "it says why, too" attach_logged server 'somebody removed the device'
attach_clean
