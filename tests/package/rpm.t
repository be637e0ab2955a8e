#!/bin/bash
# The RPM packages: built here, in order, and installed where dkms is. No distribution of theirs is needed for that.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

host_needs "${debs_needs[@]}" rpm rpmlint
check 'packages are built' make -C "$repo" rpm OUT="$scratch/dist"
next() {
	mkdir "$scratch/sources" && tar -C "$scratch/sources" --strip-components=1 -xf "$scratch"/dist/*.tar.xz &&
		debs_next "$scratch/sources" && make -C "$scratch/sources" rpm OUT="$scratch/next"
}
check 'packages of the next version, from the source archive' next
lint() {
	local said
	said=$(rpmlint -c "$repo/rpm/rpmlint.toml" "$scratch"/dist/*.rpm "$repo"/rpm/*.spec) || :
	printf '%s\n' "$said"
	grep -q '3 packages and 1 specfiles checked' <<<"$said" && ! grep -E ': [EW]: ' <<<"$said"
}
check 'rpmlint has nothing to say' lint || :

version=$(sed -n 's/^Version: *//p' "$repo/rpm/ovpn-dco-mptcp.spec")
chroot_base trixie
kernel=$kernel_second
chroot_new rpm "$kernel"
cp -r "$scratch/dist" "$scratch/next" "$scratch/rpm/packages/"
# Debian's packages cannot satisfy what RPM packages require.
rpm_script='
	rpm="rpm --nodeps"
	built() { [ "$(modinfo -k "$1" -F version ovpn-dco-mptcp)" = "$2" ] && dkms status -m ovpn-dco-mptcp -v "$2" -k "$1" | grep -q installed; }
'
rpm_run() { chroot_run rpm "$rpm_script $1" "$kernel" "$version"; }
check 'a system with dkms and rpm' rpm_run 'apt-get install --no-install-recommends linux-image-$1 linux-headers-$1 rpm'
check 'installed: built' rpm_run '
	$rpm -i /packages/dist/ovpn-dco-mptcp-dkms-*.noarch.rpm /packages/dist/ovpn-mptcp-ctl-*.rpm
	built $1 $2
	$rpm -V ovpn-dco-mptcp-dkms ovpn-mptcp-ctl'
check 'the same version once more: still there' rpm_run '
	$rpm -U --replacepkgs /packages/dist/ovpn-dco-mptcp-dkms-*.noarch.rpm
	built $1 $2'
check 'upgrade: the new version; a build that fails is said, and where to look' rpm_run '
	broken=6.98.0-broken
	cp -r /usr/src/linux-headers-$1 /usr/src/linux-headers-$broken
	mkdir /lib/modules/$broken
	ln -s /usr/src/linux-headers-$broken /lib/modules/$broken/build
	echo "\$(error broken on purpose)" >/usr/src/linux-headers-$broken/Makefile
	$rpm -U /packages/next/ovpn-dco-mptcp-dkms-*.noarch.rpm 2>&1 | tee /packages/said
	grep "^ovpn-dco-mptcp was not built for Linux $broken: see " /packages/said
	grep "scriptlet failed" /packages/said
	grep "broken on purpose" "$(sed -n "s/^ovpn-dco-mptcp was not built.*: see //p" /packages/said)"
	built $1 $2.1
	[ "$(echo /usr/src/ovpn-dco-mptcp-*)" = /usr/src/ovpn-dco-mptcp-$2.1 ]'
check 'removed: gone' rpm_run '
	$rpm -e ovpn-dco-mptcp-dkms ovpn-mptcp-ctl
	! modinfo -k $1 ovpn-dco-mptcp
	[ -z "$(dkms status -m ovpn-dco-mptcp)" ]
	[ -z "$(find /usr /etc /var/lib/dkms -path "*ovpn*mptcp*")" ]'
done_testing
