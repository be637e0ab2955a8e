# shellcheck shell=bash
# Kernels that notice mistakes: Debian's source of a series with the configuration in config/, built here by this machine's
# compiler. "debug-6.12" has what notices mistakes with memory, locks and contexts, "kcsan-7.3" what notices races.

# Also for a version, and for a label of the matrix.
debug_is() { [[ $1 =~ (debug|kcsan) ]]; }
debug_kind() { if [[ $1 = *kcsan* ]]; then echo kcsan; else echo debug; fi; }
# With all of config/debug.config: it makes faults, and tells which places of the module a request has reached.
debug_whole() { [[ $1 = *debug* ]]; }
debug_config() { sed "s/^@${1#*-} //; /^@/d" "$tests/vm/config/machine.config" "$tests/vm/config/$(debug_kind "$1").config"; }

# How many times longer than on another kernel anything may take there.
debug_factor() { if debug_is "$1"; then echo 5; else echo 1; fi; }

# For the kernel's command line: one access of so many is watched, for so many microseconds. That leaves the module a tenth of
# its speed, and finds a race between two packets in seconds (see ../long/races-seen.t).
debug_append() { [ "$(debug_kind "$1")" != kcsan ] || echo kcsan.skip_watch=20 kcsan.udelay_task=200 kcsan.udelay_interrupt=200; }

# debug_source NAME SUITE: the version of the package with the source.
debug_source() {
	suite_apt "$2" apt-cache madison "linux-source-${1#*-}" | sort -t'|' -k2rV | awk 'NR == 1 { print $3 }'
}

# debug_version NAME SUITE: Linux's version, and what else decides how the kernel turns out.
debug_version() {
	local source key
	source=$(debug_source "$1" "$2")
	[ -n "$source" ] || return 0
	key=$({ echo "$source"; declare -f debug_build debug_keep; debug_config "$1"; } | sha256sum | cut -c1-8)
	printf '%s-%s-%s\n' "${source%%-*}" "$(debug_kind "$1")" "$key"
}

# debug_check CONFIG WANTED: kconfig drops without a word what depends on something that is off, or is not known any more.
debug_check() {
	grep -vxFf "$1" <(grep -E '^CONFIG_|^# CONFIG_.* is not set$' "$2") || return 0
	echo 'these lines of the configuration did not survive'
	return 1
}

# debug_keep TREE DIR: what modules are built with; that is a twentieth.
debug_keep() {
	(cd "$1" && cp -a --parents Makefile .config Module.symvers include scripts arch/x86/Makefile* arch/x86/include \
		tools/objtool/objtool "$2")
}

# debug_build DIR VERSION SUITE: like kernel_fetch, and beside it the headers.
debug_build() {
	local dir=$1 version=$2 name source watched='' tree=$1/source headers=$1/tree/usr/src/linux-headers-$2
	name=$(debug_kind "$version")-$(cut -d. -f1,2 <<<"$version")
	# Of all accesses a few are watched: those of the module, which is built later, and none of the kernel's.
	[[ $name != kcsan* ]] || watched=KCSAN_SANITIZE=n
	source=$(debug_source "$name" "$3")
	mkdir -p "$tree" "$headers" "$dir/package" "$dir/keep/usr" && cd "$dir" || return 1
	suite_apt "$3" apt-get download -qq "linux-source-${name#*-}=$source" && dpkg-deb -x linux-source-*.deb package &&
		tar -C "$tree" --strip-components=1 -xJf package/usr/src/linux-source-*.tar.xz || return 1
	debug_config "$name" >wanted
	make -s -C "$tree" KCONFIG_ALLCONFIG="$dir/wanted" allnoconfig && debug_check "$tree/.config" wanted || return 1
	# Others must not wait for this: it takes half an hour of processor time.
	nice -n 15 make -s -C "$tree" -j"$(nproc)" $watched bzImage modules &&
		make -s -C "$tree" INSTALL_MOD_PATH="$dir/keep/usr" modules_install || return 1
	rm -f keep/usr/lib/modules/*/build
	mv "$tree/arch/x86/boot/bzImage" vmlinuz && debug_keep "$tree" "$headers" && kernel_pack keep || return 1
	rm -rf source package keep wanted ./*.deb
}
