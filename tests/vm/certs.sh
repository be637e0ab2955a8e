# shellcheck shell=bash
# Self-signed EC certificates; the two ends know each other by fingerprint, so no CA is needed.

certs_names=(server client c1 c2 c3 c4 c5 c6 c7 c8)

certs_build() {
	local dir=$1 n
	for n in "${certs_names[@]}"; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7300 -subj "/CN=$n" \
			-keyout "$dir/$n.key" -out "$dir/$n.crt"
		openssl x509 -in "$dir/$n.crt" -noout -fingerprint -sha256 | sed 's/.*=//' >"$dir/$n.fingerprint"
		chmod 600 "$dir/$n.key"
	done
}

# Prints the directory.
certs_dir() {
	host_needs openssl
	cache_make "certs-${#certs_names[@]}" certs_build || return 1
	printf '%s\n' "$cache_root/certs-${#certs_names[@]}"
}
