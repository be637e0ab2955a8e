# shellcheck shell=bash
# The guest's root file system: a Debian suite with the tools the tests use, packed once as one cpio archive.

rootfs_packages=(
	bash coreutils grep sed mawk util-linux mount procps kmod iproute2 iputils-ping ethtool nftables tcpdump strace
	openvpn openssl mptcpize iperf3 wireguard-tools socat jq python3 linux-perf libnl-genl-3-200 libjson-c5 libc-ares2
)
# Documentation and locales only cost boot time.
rootfs_dpkg=(
	path-exclude='/usr/share/man/*' path-exclude='/usr/share/doc/*' path-exclude='/usr/share/locale/*'
	path-exclude='/usr/share/info/*' path-exclude='/usr/share/zoneinfo/*' path-exclude='/usr/lib/*/gconv/*'
	# What perf would need for scripts of its own.
	path-exclude='/usr/share/perl/*' path-exclude='/usr/lib/*/perl/*' path-exclude='/usr/lib/python3/dist-packages/perf.*'
)

# The guest is the same for every kernel, so that a difference is the kernel's. The control tool is built on this machine,
# which may be older than the guest, not newer: the C library and the others keep their interfaces that way only.
# rootfs_suite ARCH
rootfs_suite() { if [ "$1" = amd64 ]; then echo trixie; else echo "trixie:$1"; fi; }

# OpenVPN 2.7, which the suite has in its backports; its libraries are those of the suite's own OpenVPN 2.6.
rootfs_openvpn27() {
	suite_known "$2" || suite_update "$2" || return 1
	(cd "$1" && suite_apt "$2" apt-get download -qq "openvpn/${2%:*}-backports" && mv openvpn_2.7*.deb openvpn-2.7.deb)
}

# What the scripts of the packages would do, as far as the tests need it: for an architecture whose programs cannot run here.
rootfs_unpacked() {
	local root=$1
	mkdir -p "$root/root" "$root/opt" "$root/var/run"
	ln -s mawk "$root/usr/bin/awk"
	cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
	cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
}

rootfs_build() {
	local dir=$1 suite=$2 opts=() with p hook=customize-hook
	host_needs mmdebstrap cpio
	suite_sources "${suite%:*}" >"$dir/sources.list" || return 1
	rootfs_openvpn27 "$dir" "$suite" || return 1
	with=$(IFS=,; echo "${rootfs_packages[*]}")
	if [ "$(suite_arch "$suite")" = amd64 ]; then
		opts=(--variant=essential)
		for p in "${rootfs_dpkg[@]}"; do opts+=("--dpkgopt=$p"); done
	else
		# Unpacked without a script being run; dpkg's options do not apply.
		{ declare -f rootfs_unpacked; echo 'rootfs_unpacked "$1"'; } >"$dir/unpacked"
		hook=extract-hook with+=',?essential'
		opts=(--variant=extract "--arch=$(suite_arch "$suite")" "--$hook=sh '$dir/unpacked' \"\$1\"")
		for p in "${rootfs_dpkg[@]}"; do opts+=("--$hook=rm -rf \"\$1\"${p#path-exclude=}"); done
	fi
	as_root mmdebstrap --format=null --include="$with" "${opts[@]}" \
		"--$hook=dpkg-deb -x '$dir/openvpn-2.7.deb' \"\$1\"/opt/openvpn-2.7" \
		"--$hook=rm -rf \"\$1\"/var/lib/apt/lists/* \"\$1\"/var/cache/* \"\$1\"/usr/share/perl5 \"\$1\"/init" \
		"--$hook=cd \"\$1\" && find . -xdev ! -path './dev/*' ! -path './proc/*' ! -path './sys/*' -print0 | cpio --null --quiet -o -H newc >'$dir/root.cpio'" \
		"${suite%:*}" - "$dir/sources.list" && [ -s "$dir/root.cpio" ]
}

# rootfs_archive SUITE: prints the path of the archive.
rootfs_archive() {
	local suite=$1 key
	key=$(printf '%s\n' "${rootfs_packages[@]}" "${rootfs_dpkg[@]}" "$(declare -f rootfs_build rootfs_openvpn27 rootfs_unpacked)" |
		sha256sum | cut -c1-12)
	cache_make "rootfs/${suite/:/-}-$key" rootfs_build "$suite" || return 1
	printf '%s\n' "$cache_root/rootfs/${suite/:/-}-$key/root.cpio"
}
