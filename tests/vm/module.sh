# shellcheck shell=bash
# The module under test, built for one kernel from a copy of the sources ($module_sources) as they are now.
module_sources=$repo

module_inputs() {
	(cd "$module_sources" && find Makefile src -type f \( -name '*.[ch]' -o -name Kbuild -o -name 'Makefile' \) ! -name '*.mod.c' | LC_ALL=C sort)
}

# module_script VERSION: reads the sources as a tar archive, writes the module.
module_script() {
	local arch cross='' traced=''
	arch=$(kernel_arch "$1")
	[ "$arch" = amd64 ] || cross="ARCH=$arch CROSS_COMPILE=${kernel_triplets[$arch]}-"
	! uml_is "$1" || cross=ARCH=um
	# The module alone is built for KCOV: what is reached is what of the module is reached.
	! debug_whole "$1" || traced=KCOV_INSTRUMENT=y
	cat <<-END
		set -e
		cd "\$1"
		tar -xf -
		make KDIR=/usr/src/linux-headers-$1 $cross $traced W=1 -j$(nproc) modules >&2
		cat src/ovpn-dco-mptcp.ko
	END
}

# What gcc and modpost warn of is kept beside the module, in the file "warnings".
module_build() {
	local dir=$1 version=$2 suite=$3 status=0
	module_inputs | tar -C "$module_sources" -cf - -T - |
		headers_run "$version" "$suite" "$(module_script "$version")" \
			>"$dir/ovpn-dco-mptcp.ko" 2>"$dir/build.log" || status=1
	cat "$dir/build.log"
	grep -iE '(warning|error): ' "$dir/build.log" >"$dir/warnings" || test $? = 1 || return 1
	return $status
}

# module_file VERSION SUITE: prints the path of the module; the key covers sources and kernel, so a stale module cannot
# be picked up.
module_file() {
	local version=$1 suite=$2 key
	headers_get "$version" "$suite" || return 1
	key=$({ module_script "$version"; cd "$module_sources" && module_inputs | xargs sha256sum; } | sha256sum | cut -c1-16)
	cache_make "modules/$version/$key" module_build "$version" "$suite" || return 1
	printf '%s\n' "$cache_root/modules/$version/$key/ovpn-dco-mptcp.ko"
}
