# shellcheck shell=bash
# Debian systems to install packages on: one base for each suite, made once, and copies of it that cost nothing because
# they are layers above it. A base has dkms and a compiler, its archive's package lists, and the packages of two kernels,
# downloaded but not installed.

chroot_packages=(
	apt ca-certificates dkms gcc make kmod openssl procps openvpn mptcpize iproute2 iputils-ping
	systemd systemd-sysv udev dbus linux-base
)
# Documentation and locales only cost time.
chroot_dpkg=(path-exclude='/usr/share/man/*' path-exclude='/usr/share/doc/*' path-exclude='/usr/share/locale/*'
	path-exclude='/usr/share/info/*' path-include='/usr/share/man/man8/ovpn*' path-include='/usr/share/doc/ovpn*')

# chroot_kernels SUITE: the two newest kernels of the suite's own series, older one first.
chroot_kernels() {
	local series
	case $1 in
	bookworm) series=6.1 ;;
	trixie) series=6.12 ;;
	esac
	kernel_packages "$1" | kernel_versions "$series" image headers | head -n 2 | tac
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

# chroot_base SUITE: sets $chroot_base, and $kernel_first and $kernel_second whose packages it can install.
chroot_base() {
	local suite=$1 kernels packages key k
	host_needs mmdebstrap util-linux
	suite_known "$suite" && mapfile -t kernels < <(chroot_kernels "$suite")
	if [ "${#kernels[@]}" != 2 ]; then
		suite_update "$suite" || return 1
		mapfile -t kernels < <(chroot_kernels "$suite")
		[ ${#kernels[@]} = 2 ] || { say "the archive has not got two kernels of $suite"; return 1; }
	fi
	packages=()
	for k in "${kernels[@]}"; do packages+=("linux-image-$k" "linux-headers-$k"); done
	key=$(printf '%s\n' "${chroot_packages[@]}" "${chroot_dpkg[@]}" "${packages[@]}" "$(declare -f chroot_build)" | sha256sum | cut -c1-12)
	cache_make "package/base-$suite-$key" chroot_build "$suite" "${packages[@]}" || return 1
	chroot_base=$cache_root/package/base-$suite-$key/root
	kernel_first=${kernels[0]} kernel_second=${kernels[1]}
}

# chroot_new NAME: a system above $chroot_base, in $scratch/NAME. It takes itself to run the kernel $kernel_first.
chroot_new() {
	local top=$scratch/$1
	mkdir -p "$top"/{upper/usr/local/bin,work,root}
	printf '%s\n' '#!/bin/sh' "[ \"\$*\" != -r ] || exec echo $kernel_first" 'exec /usr/bin/uname "$@"' >"$top/upper/usr/local/bin/uname"
	chmod 755 "$top/upper/usr/local/bin/uname"
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
		mkdir -p "$top/packages" "$top/root/packages"
		mount --bind "$top/packages" "$top/root/packages"
		exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive INITRD=No \
			chroot "$top/root" bash -c "$script" bash "$@"' bash "$top" "$chroot_base" "$@"
}
