# topic: attach over IPv6 outside, on two paths: listen at every address, a name with several addresses, IPv4 and IPv6 inside
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
topology_endpoints 6
attach_psk
ATTACH_FAMILY=6
# One socket serves IPv4 and IPv6.
ATTACH_LISTEN='*'
client_lines=('local fd01::2' 'mtu 9000')
server_lines=('mtu 9000')
attach_pair
need "two paths" wait_for 20 attach_has_paths client 2
ctl client --json
equal "paths are of IPv6" "$(json "[$attach_peer.paths[].remote] | sort | join(\" \")")" "fd01::1 fd02::1"
equal "the first begins where it should" "$(json "$attach_peer.paths[] | select(.remote == \"fd01::1\").local")" "fd01::2"
need "the log has the address" attach_logged client 'attached: \[fd01::1\]:1194 over mptcp, AES-256-GCM, key 0'
TRANSFER_LIMIT=120 transfer "$ns_client" "$ns_server" "$tun_server6" 1000000
TRANSFER_LIMIT=120 transfer "$ns_server" "$ns_client" "$tun_client" 1000000
need "large packets pass" on_client ping -n -c 2 -W 5 -M 'do' -s 8972 "$tun_server"
attach_stop client

# The same server, over IPv4: an address that listens at every address has both.
ATTACH_FAMILY=4
client_lines=('mtu 9000' 'cipher chacha20-poly1305')
attach_client
attach_ready client 2
attach_ready server 2
need "a new client replaces the last one" attach_logged server 'a new client replaces the last one'
need "with the cipher it offers" attach_logged client 'attached: 10\.1\.1\.1:1194 over mptcp, CHACHA20-POLY1305'
need "ping" wait_for 10 ping_works "$ns_client" "$tun_server"
attach_stop client
attach_stop server
attach_clean
