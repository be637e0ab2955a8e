# shellcheck shell=bash
# Debian systems to install packages on: one base for each suite, made once (see tests/vm/base.py), and copies of it that cost nothing
# because they are layers above it.

# chroot_base SUITE: sets $chroot_base, and $kernel_first and $kernel_second whose packages it can install.
chroot_base() {
	read -r chroot_base kernel_first kernel_second < <("$tests/host" base "$1")
}

# chroot_new NAME KERNEL: a system above $chroot_base, in $scratch/NAME, that takes itself to run KERNEL. What the test puts in
# $scratch/NAME/packages is /packages there.
chroot_new() {
	local top=$scratch/$1
	mkdir -p "$top"/{upper/usr/local/bin,upper/etc/apt/apt.conf.d,work,root,packages}
	printf '%s\n' '#!/bin/sh' "[ \"\$*\" != -r ] || exec echo $2" 'exec /usr/bin/uname "$@"' >"$top/upper/usr/local/bin/uname"
	chmod 755 "$top/upper/usr/local/bin/uname"
	printf '%s "%s";\n' APT::Get::Assume-Yes true quiet 2 \
		DPkg::Path /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin >"$top/upper/etc/apt/apt.conf.d/tests"
}

# chroot_run NAME SCRIPT [ARGUMENT...]: runs a shell script there, as root, with the machine's network.
chroot_run() {
	local top=$scratch/$1 ccache=$cache_root/ccache
	shift
	mkdir -p "$ccache"
	# The mounts are in a namespace of their own: nothing remains, however this ends.
	as_root unshare --mount --pid --fork --kill-child -- bash -c '
		set -e
		top=$1 base=$2 ccache=$3 script=$4
		shift 4
		mount -t overlay -o "lowerdir=$base,upperdir=$top/upper,workdir=$top/work" overlay "$top/root"
		mount -t proc proc "$top/root/proc"
		mount --bind /dev "$top/root/dev"
		for f in /etc/resolv.conf /etc/hosts; do
			touch "$top/root$f"
			mount --bind "$(readlink -f $f)" "$top/root$f"
		done
		mkdir -p "$top/root/packages"
		mount --bind "$top/packages" "$top/root/packages"
		mkdir -p "$top/root/var/cache/ccache"
		mount --bind "$ccache" "$top/root/var/cache/ccache"
		exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEBIAN_KERNEL_USE_CCACHE=1 CCACHE_DIR=/var/cache/ccache DEBIAN_FRONTEND=noninteractive INITRD=No \
			chroot "$top/root" bash -exo pipefail -c "$script" bash "$@"' bash "$top" "$chroot_base" "$ccache" "$@"
}
