# shellcheck shell=bash
# The headers of a kernel, and a shell beside them. Those of another suite need that suite's C library and compiler, and
# those of some kernels would install the kernel itself: such headers are in a chroot.

# What a build needs besides; W=1 checks kernel-doc comments with perl.
headers_with=make,binutils,perl
headers_entry() { printf 'headers/%s-%s\n' "$1" "${headers_with//,/-}"; }

# headers_here VERSION SUITE: can be installed on this machine, and do no harm there.
headers_here() {
	[ "$2" = "$(host_suite)" ] && [ ! -e "$cache_root/$(headers_entry "$1")" ] &&
		[ -z "$(apt-cache depends "linux-headers-$1" | sed -n '/Depends: linux-image/p')" ]
}

headers_chroot() {
	local dir=$1 version=$2 suite=$3
	suite_sources "$suite" >"$dir/sources.list" || return 1
	as_root env INITRD=No mmdebstrap --variant=essential --include="$headers_with,linux-headers-$version" \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/*' \
		"$suite" "$dir/root" "$dir/sources.list"
}

# headers_get VERSION SUITE
headers_get() {
	if headers_here "$1" "$2"; then
		host_needs make gcc "linux-headers-$1"
	else
		host_needs mmdebstrap util-linux
		cache_make "$(headers_entry "$1")" headers_chroot "$1" "$2"
	fi
}

# headers_run VERSION SUITE SCRATCH SCRIPT: runs a shell script where /usr/src/linux-headers-VERSION is; its $1 is an
# empty directory that goes away (on this machine that is SCRATCH). Standard input and output are the script's.
headers_run() {
	local root
	root=$cache_root/$(headers_entry "$1")/root
	if headers_here "$1" "$2"; then
		mkdir "$3" && sh -c "$4" sh "$3" && rm -rf "$3"
		return
	fi
	# The mounts are in a namespace of their own: nothing remains, however this ends. objtool needs /proc.
	as_root unshare --mount --pid --fork --kill-child -- sh -c '
		mount -t proc proc "$1/proc" && mount -t tmpfs -o mode=755 build "$1/mnt" &&
			exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" sh -c "$2" sh /mnt' sh "$root" "$4"
}
