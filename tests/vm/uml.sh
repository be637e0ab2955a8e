# shellcheck shell=bash
# Kernels that are a process of this machine: User Mode Linux of a series ("uml-7.3"), from Debian's source with the
# configuration in config/, built here by this machine's compiler. It runs at the speed of this machine's processor, with
# its AES instructions. What UML has no use for in Debian's source, the ciphers of x86, comes in with config/uml.patch.

# Also for a version, and for a label of the matrix.
uml_is() { [[ $1 =~ (^|-)uml- ]]; }

# What other kernels that are built here have, less what there is no such machine for, and what this one has besides.
uml_config() {
	sed "s/^@${1#*-} //; /^@/d" "$tests/vm/config/machine.config" | grep -vxFf <(sed -n 's/^- //p' "$tests/vm/config/uml.config")
	grep -v '^- ' "$tests/vm/config/uml.config"
}

# uml_version NAME SUITE: Linux's version, and what else decides how the kernel turns out.
uml_version() {
	local source key
	source=$(debug_source "$1" "$2")
	[ -n "$source" ] || return 0
	key=$({ echo "$source"; declare -f uml_build uml_keep; uml_config "$1"; cat "$tests/vm/config/uml.patch"; } | sha256sum | cut -c1-8)
	printf '%s-uml-%s\n' "${source%%-*}" "$key"
}

# uml_keep TREE DIR: what modules are built with.
uml_keep() {
	(cd "$1" && cp -a --parents Makefile .config Module.symvers include scripts arch/um/Makefile* arch/um/include arch/um/scripts \
		arch/x86/Makefile* arch/x86/include arch/x86/um "$2")
}

# uml_build DIR VERSION SUITE: like debug_build; the program "linux" is in the place of the image.
uml_build() {
	local dir=$1 version=$2 name source tree=$1/source headers=$1/tree/usr/src/linux-headers-$2
	name=uml-$(cut -d. -f1,2 <<<"$version")
	source=$(debug_source "$name" "$3")
	mkdir -p "$tree" "$headers" "$dir/package" "$dir/keep/usr" && cd "$dir" || return 1
	suite_apt "$3" apt-get download -qq "linux-source-${name#*-}=$source" && dpkg-deb -x linux-source-*.deb package &&
		tar -C "$tree" --strip-components=1 -xJf package/usr/src/linux-source-*.tar.xz &&
		patch -s -d "$tree" -p1 <"$tests/vm/config/uml.patch" || return 1
	uml_config "$name" >wanted
	make -s -C "$tree" ARCH=um KCONFIG_ALLCONFIG="$dir/wanted" allnoconfig && debug_check "$tree/.config" wanted || return 1
	nice -n 15 make -s -C "$tree" ARCH=um -j"$(nproc)" linux modules &&
		make -s -C "$tree" ARCH=um INSTALL_MOD_PATH="$dir/keep/usr" modules_install || return 1
	rm -f keep/usr/lib/modules/*/build
	mv "$tree/linux" vmlinuz && uml_keep "$tree" "$headers" && kernel_pack keep || return 1
	rm -rf source package keep wanted ./*.deb
}

# uml_command CONSOLE KERNEL INITRD MODE MEM APPEND: see qemu.sh; in $command. Where time is counted elsewhere it has one
# processor here: the kernel and its processes wait for each other all the time, and on one processor of this machine that
# costs a third less. Where $UML_REALTIME is set, it goes before all other programs. Standard input and output are how host and
# guest talk.
uml_command() {
	local processors=2
	command=()
	[ "$4" != icount ] || { processors=1; command=(taskset -c "$(($(nproc) - 1))"); }
	[ -z "${UML_REALTIME:-}" ] || command+=(chrt -f 1)
	command+=("$2" "mem=$5" "ncpus=$processors" "initrd=$3" "uml_dir=$1.uml" con=null 'con0=null,fd:2' ssl=null 'ssl0=fd:0,fd:1'
		seccomp=on panic=-1 oops=panic quiet rdinit=/init lab.talk=ttyS0)
	# shellcheck disable=SC2206
	command+=($6)
}
