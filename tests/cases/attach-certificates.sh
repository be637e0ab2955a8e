# topic: attach with certificates and pinned fingerprints; a certificate that is not pinned is refused, at either end
# kernels: first
# timeout: 180
. /lab/lib/lab.sh
. /lab/lib/attach.sh

topology_open 1
for name in server client other; do
	(umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$name" \
		-keyout "$LAB_DIR/$name.key" -out "$LAB_DIR/$name.crt") 2>/dev/null
	openssl x509 -in "$LAB_DIR/$name.crt" -noout -fingerprint -sha256 | sed 's/.*=//' >"$LAB_DIR/$name.fingerprint"
done
# who each end is, and whom it expects
declare -A is=([server]=server [client]=client) expects=([server]=client [client]=server)
attach_credentials() {
	printf '%s\n' "cert $LAB_DIR/${is[$1]}.crt" "key $LAB_DIR/${is[$1]}.key" "peer-fingerprint $(cat "$LAB_DIR/${expects[$1]}.fingerprint")"
}
attach_pair
transfer "$ns_client" "$ns_server" "$tun_server" 500000
attach_stop client

# A client that the server does not expect.
is[client]=other
attach_client
attach_wait client 2
need "the server says whom it expected" wait_for 10 attach_logged server 'no agreement with 10\.1\.1\.2:[0-9]+: .*fingerprint'
need "the client says who refused" attach_logged client 'no agreement with 10\.1\.1\.1:1194: '

# A server that the client does not expect.
is[client]=client expects[client]=other
attach_client
attach_wait client 2
need "the client says whom it expected" attach_logged client 'no agreement with 10\.1\.1\.1:1194: .*fingerprint'

# While a certificate is being replaced, the other end knows both.
expects[client]=server
client_lines=("peer-fingerprint $(cat "$LAB_DIR/other.fingerprint")")
attach_client
attach_ready client 2
need "ping" wait_for 10 ping_works "$ns_client" "$tun_server"
attach_stop client
attach_stop server
attach_clean
