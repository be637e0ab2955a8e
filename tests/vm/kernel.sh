# shellcheck shell=bash
# Kernels to test on: image and modules from the packages of a Debian suite. A kernel is named by its series ("7.3"), by
# the whole version ("7.3.4+deb13", "7.3.4+deb13-rt-amd64"), or as "newest"; "@SUITE" behind it asks one suite only,
# "/arm64" behind that means the other architecture. Without a flavour it is the one for emulated machines. "debug-6.12" and
# "uml-7.3" are made of that series' source (see debug.sh, uml.sh).

declare -A kernel_triplets=([amd64]=x86_64-linux-gnu [arm64]=aarch64-linux-gnu)

# The three parts of a name.
kernel_name() { printf '%s\n' "${1%%[@/]*}"; }
kernel_arch() { case $1 in */arm64 | *-arm64 | *-arm64@*) echo arm64 ;; *) echo amd64 ;; esac; }
# The suites that it may come from.
kernel_suites() {
	local suite arch
	arch=$(kernel_arch "$1")
	if [[ $1 = *@* ]]; then suite=${1#*@} suite=${suite%/*}; else suite=$(suite_list); fi
	if [ "$arch" = amd64 ]; then printf '%s\n' "$suite"; else printf '%s\n' "${suite//$'\n'/":$arch"$'\n'}:$arch"; fi
}

# kernel_flavour NAME [ARCH]
kernel_flavour() {
	if [[ $1 =~ -((cloud-|rt-)?(amd|arm)64)$ ]]; then
		printf '%s\n' "${BASH_REMATCH[1]}"
	else
		printf 'cloud-%s\n' "${2:-amd64}"
	fi
}

# kernel_packages SUITE FLAVOUR: "KIND VERSION" of all kernels in the archive.
kernel_packages() {
	suite_packages "$1" "^linux-(image|binary|modules|base|headers)-[0-9]+\\.[0-9]+\\.[0-9][^a-z]*(deb[^a-z]*)?-$2\$" |
		sed -E 's/^linux-([a-z]+)-/\1 /'
}

# kernel_versions NAME KIND...: of such a list, the versions that have a package of each kind; newest first.
kernel_versions() {
	local name=$1 kinds
	shift
	kinds=$(printf '%s|' "$@")
	awk -v name="$name" -v kinds="^(${kinds%|})\$" -v count=$# '
		name != "newest" && $2 != name && !(index($2, name) == 1 && substr($2, length(name) + 1, 1) ~ /[-.+]/) { next }
		$1 ~ kinds && ++n[$2] == count { print $2 }' | sort -rV
}

# kernel_in KERNEL SUITE KIND...: its versions there that have these packages; newest first.
kernel_in() {
	local name suite=$2
	name=$(kernel_name "$1")
	kernel_packages "$suite" "$(kernel_flavour "$name" "$(kernel_arch "$1")")" | kernel_versions "$name" "${@:3}"
}

# kernel_best KERNEL SUITE: the newest that can be booted and built for there, or nothing.
kernel_best() {
	if debug_is "$1"; then
		debug_version "$(kernel_name "$1")" "$2"
	elif uml_is "$1"; then
		uml_version "$(kernel_name "$1")" "$2"
	else
		kernel_in "$1" "$2" image headers | sed -n 1p
	fi
}
# It comes with what modules are built with.
kernel_is_built() { debug_is "$1" || uml_is "$1"; }

# kernel_find KERNEL: "VERSION SUITE", from the first suite that has it; the newest of all comes from any.
kernel_find() {
	local s v
	for s in $(kernel_suites "$1"); do
		v=$(kernel_best "$1" "$s")
		[ -n "$v" ] || continue
		printf '%s %s\n' "$v" "$s"
		[[ $1 = newest* ]] || return 0
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
		v=$(kernel_in "$1" "$s" image | sed -n 1p)
		[ -n "$v" ] || continue
		printf 'no kernel %s to build for any more: the archive has linux-image-%s in %s, but not its headers\n' "$1" "$v" "$s"
		return
	done
	printf 'the archive has no kernel %s in %s\n' "$1" "$(kernel_suites "$1" | paste -sd,)"
}

# kernel_pack DIR: usr/lib/modules in it becomes modules.cpio.
kernel_pack() { (set -o pipefail; cd "$1" && find usr -print0 | cpio --null --quiet -R 0:0 -o -H newc) >modules.cpio; }

kernel_fetch() {
	local dir=$1 version=$2 suite=$3 top=lib/modules/$2 m part packages image
	cd "$dir" || return 1
	# Since 6.19 linux-image depends on others that have what used to be in it.
	mapfile -t packages < <(kernel_packages "$suite" "$(kernel_flavour "$version")" |
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
	for part in net drivers/net crypto arch/{x86,arm64}/crypto lib; do
		[ -d "tree/usr/$top/kernel/$part" ] || continue
		mkdir -p "keep/usr/$top/kernel/${part%/*}"
		cp -r "tree/usr/$top/kernel/$part" "keep/usr/$top/kernel/${part%/*}/" || return 1
	done
	rm -rf keep/usr/"$top"/kernel/drivers/net/{ethernet,wireless,phy,hyperv,can,ieee802154,wwan}
	rm -rf keep/usr/"$top"/kernel/net/{bluetooth,mac80211,wireless,can,rds,tipc,sunrpc,batman-adv,ceph,9p}
	depmod -b keep "$version" && kernel_pack keep || return 1
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

# kernel_make VERSION SUITE: its entry in the cache.
kernel_make() {
	local maker=kernel_fetch
	host_needs cpio kmod xz-utils
	! kernel_is_built "$1" || host_needs make gcc bc flex bison libelf-dev patch
	if debug_is "$1"; then maker=debug_build; elif uml_is "$1"; then maker=uml_build; fi
	cache_make "kernels/$1" "$maker" "$1" "$2"
}

# kernel_use KERNEL: sets $kernel_version, $kernel_suite (whose kernel it is) and $kernel_dir (vmlinuz, modules.cpio);
# on failure $kernel_failure.
kernel_use() {
	local found=
	kernel_look "$1" || { say "$kernel_failure"; return 1; }
	read -r kernel_version kernel_suite <<<"$found"
	kernel_dir=$cache_root/kernels/$kernel_version
	kernel_make "$kernel_version" "$kernel_suite" || { kernel_failure="Linux $kernel_version cannot be had"; return 1; }
}
