# topic: what attach cannot do it says in one line, and leaves nothing: names, addresses, ports, routes into itself; dead addresses are passed by
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 2
attach_psk
# Names of the client come from a file alone: there is nobody to ask.
mkdir -p "/etc/netns/$ns_client"
touch /etc/hosts /etc/nsswitch.conf
echo 'hosts: files' >"/etc/netns/$ns_client/nsswitch.conf"
printf '%s\n' '10.1.2.1 vpn.test' '10.1.1.1 vpn.test' >"/etc/netns/$ns_client/hosts"
psk=(psk-file "$LAB_DIR/psk")
one=(device tun0 connect 10.1.1.1 1194 "${psk[@]}")

# The device: in use by others, or by another attach.
ctl_fails 1 'p1c is one of kind veth' client attach device p1c connect 10.1.1.1 1194 "${psk[@]}"
ctl_fails 1 'lo is one of kind none' client attach device lo connect 10.1.1.1 1194 "${psk[@]}"
attach_pair
ctl_fails 2 'has tun0 (EBUSY' client attach "${one[@]}"
ctl_fails 2 'cannot listen at 10.1.1.1:1194 (EADDRINUSE' server attach device tun1 listen 10.1.1.1 1194 "${psk[@]}"
need "the tunnel does not mind" ping_works "$ns_client" "$tun_server"
attach_stop client

# Addresses.
ctl_fails 2 'cannot listen at 10.1.9.9:1194 (EADDRNOTAVAIL' server attach device tun1 listen 10.1.9.9 1194 "${psk[@]}"
ctl_fails 2 'expected an address of this host, not local 10.1.9.9' client attach "${one[@]}" local 10.1.9.9
ctl_fails 1 "not '10.1.1.1'" client attach "${one[@]}" local fd01::2
ctl_fails 2 'route 10.77.0.0/24: the kernel refuses' server attach device tun1 listen 10.1.1.1 1195 "${psk[@]}" \
	route 10.77.0.0/24 route 10.77.0.0/24
need "no other device is left" [ "$(tunnels_left "$ns_server" | wc -l)" = 1 ]
need "no device is left at the client" [ -z "$(tunnels_left "$ns_client")" ]

# A route that leads the server into the tunnel. A narrower one beside it makes it right.
ip -n "$ns_client" route add default via 10.1.1.1
ctl_fails 1 'a route leads 10.1.1.1:1194, which is the server, into the tunnel itself' client attach "${one[@]}" route 10.1.1.0/25
need "nothing is left of it" [ -z "$(tunnels_left "$ns_client")" ]
# That is known before anything of it is set, so that nobody else loses the way out in between.
ip -n "$ns_client" route del default
ip -n "$ns_client" route add default via 10.1.1.1 metric 100
helper ip -n "$ns_client" monitor route >"$LAB_DIR/routes.log"
# The kernel tells of a route that is new, not of one that is made once more.
marks=0
marked() { ip -n "$ns_client" route add 10.98.0.0/16 dev p1c metric $((++marks)) && grep -q '^10\.98' "$LAB_DIR/routes.log"; }
need "changes of routes are seen" wait_for 10 marked
ip -n "$ns_client" route add 10.99.0.0/16 dev p1c
ctl_fails 1 'a route leads 10.2.0.1:1194, which is the server, into the tunnel itself' client attach device tun0 connect 10.2.0.1 1194 "${psk[@]}" \
	route 0.0.0.0/0
ip -n "$ns_client" route add default via fd01::1 metric 2000
ctl_fails 1 'a route leads [fd99::1]:1194, which is the server, into the tunnel itself' client attach device tun0 connect fd99::1 1194 "${psk[@]}" \
	route ::/0
ip -n "$ns_client" -6 route del default
ip -n "$ns_client" route del 10.99.0.0/16
need "later changes are seen, too" wait_for 10 grep -q '^Deleted 10\.99' "$LAB_DIR/routes.log"
need "no route was set meanwhile" [ "$(grep -c tun0 "$LAB_DIR/routes.log")" = 0 ]
client_lines=('route 0.0.0.0/1' 'route 128.0.0.0/1')
attach_client
attach_ready client 2
need "a default route in two halves is fine beside the link's" wait_for 10 ping_works "$ns_client" "$tun_server"
attach_stop client
ip -n "$ns_client" route del default

# A name with two addresses, of which the first is dead: the other one is tried before that is known.
client_lines=()
path_blackhole 2
ATTACH_CONNECT=vpn.test
attach_client
attach_ready client 3
rm -r "/etc/netns/$ns_client"
need "it was not waited for" attach_logged client 'attached: 10\.1\.1\.1:1194 over mptcp'
need "ping" wait_for 10 ping_works "$ns_client" "$tun_server"
attach_stop client
attach_stop server
attach_clean
