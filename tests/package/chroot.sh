# shellcheck shell=bash
# Debian systems to install packages on: one base for each suite, made once, and copies of it that cost nothing because
# they are layers above it. A base has dkms and a compiler, its archive's package lists, and the packages of two kernels,
# downloaded but not installed.

chroot_packages=(
	apt ca-certificates dkms gcc make kmod openssl procps openvpn mptcpize iproute2 iputils-ping
	systemd systemd-sysv udev dbus linux-base
)
# Translations only cost time.
chroot_dpkg=(path-exclude='/usr/share/locale/*')

# chroot_kernels SUITE: the two newest kernels of the suite's own series, older one first.
chroot_kernels() {
	local series
	case $1 in
	bookworm) series=6.1 ;;
	trixie) series=6.12 ;;
	esac
	kernel_in "$series" "$1" image headers | sed -n '1,2p' | tac
}

chroot_build() {
	local dir=$1 suite=$2 opts=() p
	shift 2
	suite_sources "$suite" >"$dir/sources.list" || return 1
	for p in "${chroot_dpkg[@]}"; do opts+=("--dpkgopt=$p"); done
	as_root env INITRD=No mmdebstrap --variant=essential --include="$(IFS=,; echo "${chroot_packages[*]}")" "${opts[@]}" \
		--skip=cleanup/apt \
		--customize-hook="chroot \"\$1\" apt-get clean" \
		--customize-hook="chroot \"\$1\" apt-get install -qqy --no-install-recommends --download-only $*" \
		"$suite" "$dir/root" "$dir/sources.list" || return 1
	printf '%s\n' "$@" >"$dir/packages"
}

# Sets $kernels, $packages and $entry as the package lists are.
chroot_look() {
	local k
	mapfile -t kernels < <(chroot_kernels "$1")
	packages=()
	for k in "${kernels[@]}"; do packages+=("linux-image-$k" "linux-headers-$k"); done
	entry=package/base-$1-$(printf '%s\n' "${chroot_packages[@]}" "${chroot_dpkg[@]}" "${packages[@]}" "$(declare -f chroot_build)" |
		sha256sum | cut -c1-12)
}

# chroot_base SUITE: sets $chroot_base, and $kernel_first and $kernel_second whose packages it can install.
chroot_base() {
	local kernels packages entry
	host_needs mmdebstrap util-linux
	! suite_known "$1" || chroot_look "$1"
	if [ ! -e "$cache_root/${entry:-none}" ]; then
		suite_update "$1" || return 1
		chroot_look "$1"
		[ ${#kernels[@]} = 2 ] || { say "the archive has not got two kernels of $1"; return 1; }
		cache_make "$entry" chroot_build "$1" "${packages[@]}" || return 1
	fi
	chroot_base=$cache_root/$entry/root
	kernel_first=${kernels[0]} kernel_second=${kernels[1]}
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
	local top=$scratch/$1
	shift
	# The mounts are in a namespace of their own: nothing remains, however this ends.
	as_root unshare --mount --pid --fork --kill-child -- bash -c '
		set -e
		top=$1 base=$2 script=$3
		shift 3
		mount -t overlay -o "lowerdir=$base,upperdir=$top/upper,workdir=$top/work" overlay "$top/root"
		mount -t proc proc "$top/root/proc"
		mount --bind /dev "$top/root/dev"
		for f in /etc/resolv.conf /etc/hosts; do
			touch "$top/root$f"
			mount --bind "$(readlink -f $f)" "$top/root$f"
		done
		mkdir -p "$top/root/packages"
		mount --bind "$top/packages" "$top/root/packages"
		exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive INITRD=No \
			chroot "$top/root" bash -exo pipefail -c "$script" bash "$@"' bash "$top" "$chroot_base" "$@"
}
