# topic: attach with the wrong pre-shared key, or a wrong name of it, is refused at both ends with clear words; nothing is left
# kernels: first
# timeout: 120
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 1
attach_psk
attach_psk other
attach_server
attach_credentials() { printf 'psk-file %s\n' "$LAB_DIR/other"; }
attach_client
attach_wait client 2
need "the client says so" attach_logged client 'tun0: no agreement with 10\.1\.1\.1:1194: .*pre-shared key'
need "so does the server" wait_for 10 attach_logged server 'tun0: no agreement with 10\.1\.1\.2:[0-9]+: .*pre-shared key'
need "no device is left at the client" [ -z "$(tunnels_left "$ns_client")" ]
need "no socket is left at the client" wait_for 10 no_sockets_left "$ns_client"
need "no route is left at the client" refuses_route "$ns_client"
only_listener() { [ "$(sockets_left "$ns_server" | grep -c LISTEN)" = 1 ] && ! sockets_left "$ns_server" | grep -qv LISTEN; }
need "the server keeps nothing of it" wait_for 10 only_listener
ctl server --json
equal "peers of the server" "$(json '.devices[0].peers | length')" 0

attach_credentials() { printf '%s\n' "psk-file $LAB_DIR/psk" 'psk-identity somebody'; }
attach_client
attach_wait client 2
need "the server does not know the name" wait_for 10 attach_counted server 'no agreement with' 2

# The right key still works.
attach_credentials() { printf 'psk-file %s\n' "$LAB_DIR/psk"; }
attach_client
attach_ready client
attach_stop client
attach_stop server
attach_clean
no_secret_in_logs() { ! grep -qFf "$LAB_DIR/psk" "$LAB_DIR"/*.log && ! grep -qFf "$LAB_DIR/other" "$LAB_DIR"/*.log; }
need "no key in any log" no_secret_in_logs
