# shellcheck shell=bash
# ovpn-dco-v2, the offload module that OpenVPN 2.6 was made for, from Debian's package and built as ours is. It is only
# compared with, so it stays in the cache.

peer_suite=bookworm

peer_fetch() {
	cd "$1" && suite_apt "$peer_suite" apt-get download -qq openvpn-dco-dkms && dpkg-deb -x ./*.deb . && rm -f ./*.deb
}

# peer_script VERSION: as in tests/vm/module.sh.
peer_script() {
	cat <<-END
		set -e
		cd "\$1"
		tar -xf -
		make KERNEL_SRC=/usr/src/linux-headers-$1 REVISION=debian -j$(nproc) >&2
		cat drivers/net/ovpn-dco/ovpn-dco-v2.ko
	END
}

peer_build() {
	tar -C "$cache_root"/peer/source/usr/src/ovpn-dco-* -cf - . | headers_run "$2" "$3" "$(peer_script "$2")" >"$1/ovpn-dco-v2.ko"
}

# peer_file VERSION SUITE: prints the path of the module.
peer_file() {
	headers_get "$1" "$2" || return 1
	suite_known "$peer_suite" || suite_update "$peer_suite" || return 1
	cache_make peer/source peer_fetch && cache_make "peer/$1" peer_build "$1" "$2" || return 1
	printf '%s\n' "$cache_root/peer/$1/ovpn-dco-v2.ko"
}
