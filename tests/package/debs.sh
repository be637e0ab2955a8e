# shellcheck shell=bash
# The packages, made of the sources as they are now.

debs_needs=(make dpkg-dev debhelper dh-dkms gcc libc6-dev pkgconf libnl-3-dev libnl-genl-3-dev libjson-c-dev libc-ares-dev libkmod-dev libmicrohttpd-dev libssl-dev scdoc xz-utils systemd)

# debs_next DIR: the sources in it, as the version that comes next.
debs_next() {
	local version
	version=$(sed -n 's/^#define OVPN_VERSION "\(.*\)"$/\1/p' "$1/src/version.h")
	sed -i "s/\b${version//./\\.}\b/&.1/" "$1"/src/version.h "$1"/dkms.conf "$1"/debian/changelog "$1"/rpm/*.spec
}

debs_build() {
	local dir=$1 archive=$2
	make -C "$repo" dist deb DEB_OPTIONS=-F OUT="$dir/now" || return 1
	mkdir "$dir/sources" && tar -C "$dir/sources" --strip-components=1 -xf "$archive" || return 1
	debs_next "$dir/sources"
	make -C "$dir/sources" dist deb DEB_OPTIONS=--build=all OUT="$dir/next" && rm -rf "$dir/sources"
}

# debs_get: sets $debs: a directory that has the packages in now/, and the module's of the next version in next/.
debs_get() {
	local key archive
	host_needs "${debs_needs[@]}"
	make -s -C "$repo" dist OUT="$scratch/dist" >/dev/null || return 1
	archive=$(echo "$scratch"/dist/*.tar.xz)
	key=$(sha256sum <"$archive" | cut -c1-16)
	cache_make "package/debs-$(host_suite)-$key" debs_build "$archive" || return 1
	debs=$cache_root/package/debs-$(host_suite)-$key
}
