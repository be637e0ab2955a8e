# shellcheck shell=bash
# The debug kernel: Debian's source of a series with the configuration of debug.config, built here by this machine's
# compiler. It is named "debug-6.12".

# Also for a version, and for a label of the matrix.
debug_is() { [[ $1 = *debug* ]]; }

# How many times longer than on another kernel anything may take there.
debug_factor() { if debug_is "$1"; then echo 5; else echo 1; fi; }

# debug_source NAME SUITE: the version of the package with the source.
debug_source() {
	suite_apt "$2" apt-cache madison "linux-source-${1#debug-}" | sort -t'|' -k2rV | awk 'NR == 1 { print $3 }'
}

# debug_version NAME SUITE: Linux's version, and what else decides how the kernel turns out.
debug_version() {
	local source key
	source=$(debug_source "$1" "$2")
	[ -n "$source" ] || return 0
	key=$({ echo "$source"; declare -f debug_build debug_keep; cat "$tests/vm/debug.config"; } | sha256sum | cut -c1-8)
	printf '%s-debug-%s\n' "${source%%-*}" "$key"
}

# debug_check CONFIG: kconfig drops without a word what depends on something that is off, or is not known any more.
debug_check() {
	grep -vxFf "$1" <(grep -E '^CONFIG_|^# CONFIG_.* is not set$' "$tests/vm/debug.config") || return 0
	echo 'these lines of debug.config did not survive'
	return 1
}

# debug_keep TREE DIR: what modules are built with; that is a twentieth.
debug_keep() {
	(cd "$1" && cp -a --parents Makefile .config Module.symvers include scripts arch/x86/Makefile* arch/x86/include \
		tools/objtool/objtool "$2")
}

# debug_build DIR VERSION SUITE: like kernel_fetch, and beside it the headers.
debug_build() {
	local dir=$1 version=$2 name source tree=$1/source headers=$1/tree/usr/src/linux-headers-$2
	name=debug-$(cut -d. -f1,2 <<<"$version")
	source=$(debug_source "$name" "$3")
	mkdir -p "$tree" "$headers" "$dir/package" "$dir/keep/usr" && cd "$dir" || return 1
	suite_apt "$3" apt-get download -qq "linux-source-${name#debug-}=$source" && dpkg-deb -x linux-source-*.deb package &&
		tar -C "$tree" --strip-components=1 -xJf package/usr/src/linux-source-*.tar.xz || return 1
	make -s -C "$tree" KCONFIG_ALLCONFIG="$tests/vm/debug.config" allnoconfig && debug_check "$tree/.config" || return 1
	# Others must not wait for this: it takes half an hour of processor time.
	nice -n 15 make -s -C "$tree" -j"$(nproc)" bzImage modules &&
		make -s -C "$tree" INSTALL_MOD_PATH="$dir/keep/usr" modules_install || return 1
	rm -f keep/usr/lib/modules/*/build
	mv "$tree/arch/x86/boot/bzImage" vmlinuz && debug_keep "$tree" "$headers" && kernel_pack keep || return 1
	rm -rf source package keep ./*.deb
}
