# shellcheck shell=bash
# The fuzzer of the doors (tests/fuzz) for guests with a debug kernel, built here like the control tool, and the list of the
# module's functions that its report needs.

fuzz_inputs() { (cd "$repo" && find tests/fuzz src -type f \( -name '*.[ch]' -o -name Makefile \) ! -name '*.mod.c' | LC_ALL=C sort); }

fuzz_build() { make -C "$tests/fuzz" BUILD="$1"; }

# Prints the paths of its files.
fuzz_files() {
	local key
	host_needs make gcc libc6-dev pkg-config libnl-3-dev libnl-genl-3-dev
	key=$(cd "$repo" && fuzz_inputs | xargs sha256sum | sha256sum | cut -c1-16)
	cache_make "fuzz/$(host_suite)-$key" fuzz_build || return 1
	printf '%s\n' "$cache_root/fuzz/$(host_suite)-$key"/{netlink-fuzz,functions}
}
