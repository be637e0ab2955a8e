#!/bin/bash
# One version everywhere; what make says about kernels that cannot have the module; which kernels dkms takes.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

version=$(sed -n 's/^#define OVPN_VERSION "\(.*\)"$/\1/p' "$repo/src/version.h")
# setting NAME [KERNEL]: of dkms.conf, read as "dkms autoinstall" does: the kernel is in a variable behind a local one.
setting() (set +u; kernelver=${2:-}; setting_hidden "$1")
setting_hidden() { local kernelver=; setting_read "$1"; }
setting_read() { . "$repo/dkms.conf" 2>/dev/null && printf '%s\n' "${!1}"; }
# same WHERE VERSION
same() { [ "$2" = "$version" ] || { echo "$1 has version $2, and src/version.h $version"; return 1; }; }
check 'dkms.conf has the version' same dkms.conf "$(setting PACKAGE_VERSION)" || :
check 'Debian packages have it' same debian/changelog "$(sed -n '1s/^.*(\(.*\)).*/\1/p' "$repo/debian/changelog")" || :
check 'the changelog has it' same CHANGELOG.md "$(sed -n 's/^## \[\([0-9.]*\)\].*/\1/p' "$repo/CHANGELOG.md" | head -n 1)" || :
check 'RPM packages have it' same rpm/ovpn-dco-mptcp.spec "$(sed -n 's/^Version: *//p' "$repo/rpm/ovpn-dco-mptcp.spec")" || :

# refused KDIR TEXT: make says this in one line, and that is all besides its own.
refused() {
	local said
	! said=$(make -s -C "$repo" modules KDIR="$1" kernelver=6.1.0-1-amd64 2>&1) || return 1
	printf '%s\n' "$said"
	[ "$(grep -v '^make' <<<"$said")" = "$2" ]
}
kdir=$scratch/headers
check 'no headers' refused "$kdir" \
	"No kernel headers in $kdir: install linux-headers-6.1.0-1-amd64, or name others: make KDIR=/usr/src/linux-headers-VERSION modules" || :
mkdir -p "$kdir/include/config"
touch "$kdir/Makefile"
check 'headers that are not ready' refused "$kdir" \
	"$kdir is not configured for building modules: make -C $kdir modules_prepare" || :
setting BUILD_EXCLUSIVE_CONFIG | tr ' ' '\n' | sed 's/$/=y/' | grep -v MPTCP >"$kdir/include/config/auto.conf"
echo 6.1.0-1-amd64 >"$kdir/include/config/kernel.release"
check 'a kernel without MPTCP' refused "$kdir" \
	'Linux 6.1.0-1-amd64 was built without CONFIG_MPTCP, which the module needs: choose another kernel.' || :
echo 5.10.0-1-amd64 >"$kdir/include/config/kernel.release"
check 'a kernel that is too old' refused "$kdir" 'Linux 5.10.0-1-amd64 is too old: the module needs Linux 6.1 or later.' || :

# What dkms looks at before it builds, and what keeps dkms 3.0 from looking, must agree.
matches() { [[ $1 =~ $(setting BUILD_EXCLUSIVE_KERNEL) ]]; }
offered() { [ "$(setting AUTOINSTALL "$1")" = yes ]; }
all_taken() { local k; for k; do { matches "$k" && offered "$k"; } || { echo "$k is left out"; return 1; }; done; }
none_taken() { local k; for k; do ! { matches "$k" || offered "$k"; } || { echo "$k is taken"; return 1; }; done; }
check 'kernels that dkms takes' all_taken 6.1.0-55-cloud-amd64 6.10.3 6.12.118+deb13-amd64 6.1-rc1 7.3.4+deb13-amd64 10.0.1 || :
check 'kernels that dkms leaves out' none_taken 4.19.0-27-amd64 5.10.0-9-amd64 5.19.17 6.0.12 || :
done_testing
