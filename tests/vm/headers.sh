# shellcheck shell=bash
# Where modules are built: a chroot with the compiler of the kernel's suite, one for all kernels of the suite, and each
# kernel's headers, unpacked, put into it for the time of a build. Installed, most headers would bring their kernel along.

# What a build needs besides; W=1 checks kernel-doc comments with perl. The kernel's own programs need libelf1.
build_with=(make binutils perl libelf1 pahole)

build_compiler() { if [ "$1" = amd64 ]; then echo gcc; else echo "gcc-${kernel_triplets[$1]}"; fi; }

# build_entry SUITE, which says for which architecture.
build_entry() { printf 'build/%s-%s\n' "${1/:/-}" "$(printf '%s\n' "${build_with[@]}" "$(declare -f build_chroot)" | sha256sum | cut -c1-8)"; }

build_chroot() {
	local dir=$1 suite=$2 with
	with=$(IFS=,; echo "${build_with[*]},$(build_compiler "$(suite_arch "$suite")")")
	suite_sources "${suite%:*}" >"$dir/sources.list" || return 1
	as_root env INITRD=No mmdebstrap --variant=essential --include="$with" \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/*' \
		"${suite%:*}" "$dir/root" "$dir/sources.list"
}

# headers_packages VERSION SUITE: "SUITE PACKAGE" of the headers and what belongs to them. The programs that build are
# this machine's, whatever they build for.
headers_packages() {
	printf '%s linux-headers-%s\n' "$2" "$1"
	suite_apt "$2" apt-cache depends "linux-headers-$1" |
		sed -nE "s/^ *Depends: (linux-headers-.*-common.*)\$/$2 \\1/p; s/^ *Depends: (linux-kbuild-.*)\$/${2%:*} \\1/p"
}

headers_unpack() {
	local dir=$1 suite package deb
	headers_packages "$2" "$3" >"$dir/packages" || return 1
	while read -r suite package; do
		(cd "$dir" && suite_apt "$suite" apt-get download -qq "$package") || return 1
	done <"$dir/packages"
	for deb in "$dir"/*.deb; do dpkg-deb -x "$deb" "$dir/tree" && rm -f "$deb" || return 1; done
}

# headers_get VERSION SUITE
headers_get() {
	# What has been built here comes with its headers, and goes with the compiler of this machine.
	! kernel_is_built "$1" || { kernel_make "$1" "$2"; return; }
	host_needs mmdebstrap util-linux
	cache_make "$(build_entry "$2")" build_chroot "$2" && cache_make "headers/$1" headers_unpack "$1" "$2"
}

# headers_run VERSION SUITE SCRIPT: runs a shell script where /usr/src/linux-headers-VERSION is; its $1 is an empty
# directory that goes away. Standard input and output are the script's.
headers_run() {
	local root tree=$cache_root/headers/$1/tree
	root=$cache_root/$(build_entry "$2")/root
	! kernel_is_built "$1" || root=/ tree=$cache_root/kernels/$1/tree
	# The mounts are in a namespace of their own: nothing remains, however this ends. objtool needs /proc.
	as_root unshare --mount --pid --fork --kill-child -- sh -ec '
		mount --bind "$2/usr/src" "$1/usr/src"
		for kbuild in "$2"/usr/lib/linux-kbuild-*; do
			[ -e "$kbuild" ] || continue
			to=$1/usr/lib/${kbuild##*/}
			mkdir -p "$to"
			mount --bind "$kbuild" "$to"
		done
		mount -t proc proc "$1/proc"
		mount -t tmpfs -o mode=755 build "$1/mnt"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" sh -c "$3" sh /mnt' \
		sh "$root" "$tree" "$3"
}
