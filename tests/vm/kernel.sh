# shellcheck shell=bash
# Kernels to test on: image and modules from the packages of a Debian suite. A kernel is named by its series ("7.3"), by
# the whole version ("7.3.4+deb13-cloud-amd64"), or as "newest"; "@SUITE" behind it asks one suite only.

# kernel_packages SUITE: "KIND VERSION" of all kernels in the archive.
kernel_packages() {
	suite_packages "$1" '^linux-(image|binary|modules|base|headers)-[0-9]+\.[0-9]+\.[0-9].*-cloud-amd64$' |
		sed -E 's/^linux-([a-z]+)-/\1 /'
}

# kernel_versions SERIES KIND...: of such a list, the versions that have a package of each kind; newest first.
kernel_versions() {
	local series=$1 kinds
	shift
	kinds=$(printf '%s|' "$@")
	awk -v series="$series" -v kinds="^(${kinds%|})\$" -v count=$# '
		series != "newest" && $2 != series && index($2, series ".") != 1 { next }
		$1 ~ kinds && ++n[$2] == count { print $2 }' | sort -rV
}

# The suites that a kernel may come from.
kernel_suites() { if [[ $1 = *@* ]]; then printf '%s\n' "${1#*@}"; else suite_list; fi; }

# kernel_find SERIES[@SUITE]: "VERSION SUITE", from the first suite where it can be booted and built for; the newest of
# all comes from any.
kernel_find() {
	local s v
	for s in $(kernel_suites "$1"); do
		v=$(kernel_packages "$s" | kernel_versions "${1%@*}" image headers | sed -n 1p)
		[ -n "$v" ] || continue
		printf '%s %s\n' "$v" "$s"
		[ "${1%@*}" = newest ] || return 0
	done | sort -rV | sed -n 1p
}

# kernel_settled KERNEL FOUND: no newer package lists are needed.
kernel_settled() {
	local s
	[ -n "$2" ] && [ -e "$cache_root/kernels/${2% *}" ] || return 1
	[[ $1 != newest* ]] || for s in $(kernel_suites "$1"); do suite_known "$s" || return 1; done
}

# Why there is no such kernel, as far as the package lists tell.
kernel_missing() {
	local s v
	for s in $(kernel_suites "$1"); do
		v=$(kernel_packages "$s" | kernel_versions "${1%@*}" image | sed -n 1p)
		[ -n "$v" ] || continue
		printf 'no kernel %s to build for any more: the archive has linux-image-%s in %s, but not its headers\n' "$1" "$v" "$s"
		return
	done
	printf 'the archive has no kernel %s in %s\n' "$1" "$(kernel_suites "$1" | paste -sd,)"
}

kernel_fetch() {
	local dir=$1 version=$2 suite=$3 top=lib/modules/$2 m part packages image
	cd "$dir" || return 1
	# Since 6.19 linux-image depends on others that have what used to be in it.
	mapfile -t packages < <(kernel_packages "$suite" |
		awk -v v="$version" '$2 == v && $1 != "headers" { print "linux-" $1 "-" v }')
	suite_apt "$suite" apt-get download -qq "${packages[@]}" || return 1
	for m in ./*.deb; do dpkg-deb -x "$m" tree || return 1; done
	[ -d tree/usr/lib/modules ] || { mkdir -p tree/usr/lib && mv tree/lib/modules tree/usr/lib/; } || return 1
	image=tree/boot/vmlinuz-$version
	[ -e "$image" ] || image=tree/usr/$top/vmlinuz
	mv "$image" vmlinuz || return 1
	# Network, crypto and what they depend on; no drivers of real hardware.
	mkdir -p "keep/usr/$top/kernel"
	ln -s usr/lib keep/lib
	cp tree/usr/"$top"/modules.{builtin,order}* "keep/usr/$top/" || return 1
	for part in net drivers/net crypto arch/x86/crypto lib; do
		mkdir -p "keep/usr/$top/kernel/${part%/*}"
		cp -r "tree/usr/$top/kernel/$part" "keep/usr/$top/kernel/${part%/*}/" || return 1
	done
	rm -rf keep/usr/"$top"/kernel/drivers/net/{ethernet,wireless,phy,hyperv,can,ieee802154,wwan}
	rm -rf keep/usr/"$top"/kernel/net/{bluetooth,mac80211,wireless,can,rds,tipc,sunrpc,batman-adv,ceph,9p}
	depmod -b keep "$version" || return 1
	(set -o pipefail; cd keep && find usr -print0 | cpio --null --quiet -R 0:0 -o -H newc) >modules.cpio || return 1
	rm -rf tree keep ./*.deb
}

# kernel_look KERNEL: sets $found, with newer package lists if need be.
kernel_look() {
	local s
	found=$(kernel_find "$1")
	! kernel_settled "$1" "$found" || return 0
	for s in $(kernel_suites "$1"); do
		suite_update "$s" || { kernel_failure="the package lists of $s cannot be had"; return 1; }
		found=$(kernel_find "$1")
		[ -z "$found" ] || [[ $1 = newest* ]] || return 0
	done
	[ -n "$found" ] || { kernel_failure=$(kernel_missing "$1"); return 1; }
}

# kernel_use KERNEL: sets $kernel_version, $kernel_suite (whose kernel it is) and $kernel_dir (vmlinuz, modules.cpio);
# on failure $kernel_failure.
kernel_use() {
	local found=
	kernel_look "$1" || { say "$kernel_failure"; return 1; }
	read -r kernel_version kernel_suite <<<"$found"
	host_needs cpio kmod xz-utils
	kernel_dir=$cache_root/kernels/$kernel_version
	cache_make "kernels/$kernel_version" kernel_fetch "$kernel_version" "$kernel_suite" ||
		{ kernel_failure="the packages of Linux $kernel_version cannot be had"; return 1; }
}
