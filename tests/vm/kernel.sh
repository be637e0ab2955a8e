# shellcheck shell=bash
# Kernels to test on: image, modules and headers from the packages of the suite that has the series.

# kernel_suite SERIES: the suite whose guest and compiler go with this kernel.
kernel_suite() { host_suite; }

# The newest version of the series (or the exact version) that can be both booted and built for.
kernel_version() {
	local want=$1 v
	while read -r v; do
		[ -n "$(apt-cache madison "linux-image-$v" | head -n1)" ] || continue
		[ -n "$(apt-cache madison "linux-headers-$v" | head -n1)" ] || continue
		printf '%s\n' "$v"
		return 0
	done < <(apt-cache pkgnames "linux-image-$want" | sed -n 's/^linux-image-//p' |
		grep -E '^[0-9]+\.[0-9]+\.[0-9].*-cloud-amd64$' | grep -E "^${want//./\\.}(\$|\\.)" | sort -rV)
	return 1
}

kernel_fetch() {
	local dir=$1 version=$2 top=lib/modules/$2 m part
	cd "$dir" || return 1
	apt-get download -qq "linux-image-$version"
	dpkg-deb -x linux-image-*.deb tree
	mv "tree/boot/vmlinuz-$version" vmlinuz
	mv "tree/boot/config-$version" config
	[ -d tree/usr/lib ] || { mkdir -p tree/usr && mv tree/lib tree/usr/lib && ln -s usr/lib tree/lib; }
	# Network, crypto and what they depend on; no drivers of real hardware.
	mkdir -p "keep/usr/$top/kernel"
	ln -s usr/lib keep/lib
	cp tree/usr/"$top"/modules.{builtin,order}* "keep/usr/$top/"
	for part in net drivers/net crypto arch/x86/crypto lib; do
		mkdir -p "keep/usr/$top/kernel/${part%/*}"
		cp -r "tree/usr/$top/kernel/$part" "keep/usr/$top/kernel/${part%/*}/"
	done
	rm -rf keep/usr/"$top"/kernel/drivers/net/{ethernet,wireless,phy,hyperv,can,ieee802154,wwan}
	rm -rf keep/usr/"$top"/kernel/net/{bluetooth,mac80211,wireless,can,rds,tipc,sunrpc,batman-adv,ceph,9p}
	depmod -b keep "$version"
	(cd keep && find usr -print0 | cpio --null --quiet -R 0:0 -o -H newc) >modules.cpio
	rm -rf tree keep linux-image-*.deb
}

# Sets version, image archive and header directory of a series: kernel_use SERIES; then $kernel_{version,dir,headers,suite}.
kernel_use() {
	kernel_suite=$(kernel_suite "$1")
	local v
	v=$(kernel_version "$1") || v=
	if [ -z "$v" ] || [ ! -e "$cache_root/kernels/$v" ]; then
		# The package lists may be missing or older than the mirror.
		as_root apt-get update -qq >&2
		v=$(kernel_version "$1") || { say "no kernel package for $1"; return 1; }
	fi
	host_needs cpio kmod
	cache_make "kernels/$v" kernel_fetch "$v" || return 1
	host_needs "linux-headers-$v"
	kernel_version=$v kernel_dir=$cache_root/kernels/$v kernel_headers=/usr/src/linux-headers-$v
}
