# shellcheck shell=bash
# The packages, made of the sources as they are now.

debs_needs=(make dpkg-dev debhelper dh-dkms gcc libc6-dev pkgconf libnl-3-dev libnl-genl-3-dev libjson-c-dev libc-ares-dev libkmod-dev libmicrohttpd-dev libssl-dev scdoc xz-utils systemd)

# debs_next DIR: the sources in it, as the version that comes next.
debs_next() {
	local version
	version=$(sed -n 's/^#define OVPN_VERSION "\(.*\)"$/\1/p' "$1/src/version.h")
	sed -i "s/\b${version//./\\.}\b/&.1/" "$1"/src/version.h "$1"/dkms.conf "$1"/debian/changelog "$1"/rpm/*.spec
}

# debs_build ARCHIVE: in the current directory.
debs_build() {
	make -C "$repo" dist deb DEB_OPTIONS=-F OUT="$PWD/now"
	mkdir sources
	tar -C sources --strip-components=1 -xf "$1"
	debs_next sources
	make -C sources dist deb DEB_OPTIONS=--build=all OUT="$PWD/next"
	rm -rf sources
}

# debs_get: sets $debs: a directory that has the packages in now/, and the module's of the next version in next/.
debs_get() {
	local suite archive
	host_needs "${debs_needs[@]}"
	make -s -C "$repo" dist OUT="$scratch/dist" >/dev/null || return 1
	archive=$(echo "$scratch"/dist/*.tar.xz)
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	debs=$("$tests/host" cache "package/debs-$suite-$(sha256sum <"$archive" | cut -c1-16)" \
		bash -ec "$(declare -p repo); $(declare -f debs_build debs_next); debs_build \"\$1\"" bash "$archive")
}
