# shellcheck shell=bash
# The module under test, built for one kernel from a copy of the sources as they are now.

module_inputs() {
	(cd "$repo" && find Makefile src -type f \( -name '*.[ch]' -o -name Kbuild -o -name 'Makefile' \) ! -name '*.mod.c' | LC_ALL=C sort)
}

module_build() {
	local dir=$1 headers=$2
	mkdir "$dir/build"
	module_inputs | tar -C "$repo" -cf - -T - | tar -xf - -C "$dir/build"
	make -C "$dir/build" KDIR="$headers" -j"$(nproc)" modules
	cp "$dir/build/src/ovpn-dco-mptcp.ko" "$dir/"
	rm -rf "$dir/build"
}

# Prints the path of the module; the key covers sources and kernel, so a stale module cannot be picked up.
module_file() {
	local version=$1 headers=$2 key
	key=$({ echo "$version"; cd "$repo" && module_inputs | xargs sha256sum; } | sha256sum | cut -c1-16)
	cache_make "modules/$version/$key" module_build "$headers" || return 1
	printf '%s\n' "$cache_root/modules/$version/$key/ovpn-dco-mptcp.ko"
}
