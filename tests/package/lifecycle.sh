# shellcheck shell=bash
# What apt, dkms and kernels do to the packages in the course of time, in one system of a suite.

# A kernel that is built without MPTCP, as packages that call the hooks of kernel packages. It is the newest of all.
lifecycle_kernel_without=6.99.0-0-cloud-amd64
lifecycle_without() {
	local kind dir version=$lifecycle_kernel_without
	for kind in image headers; do
		dir=$scratch/linux-$kind
		mkdir -p "$dir/DEBIAN"
		printf '%s\n' "Package: linux-$kind-$version" 'Version: 1' 'Architecture: all' 'Maintainer: nobody <nobody@localhost>' \
			'Description: kernel without MPTCP' >"$dir/DEBIAN/control"
		printf '%s\n' '#!/bin/sh -e' 'case $1 in' \
			"configure) run-parts --exit-on-error --arg=$version --arg=/boot/vmlinuz-$version /etc/kernel/$([ $kind = image ] || echo header_)postinst.d ;;" \
			'esac' >"$dir/DEBIAN/postinst"
		chmod 755 "$dir/DEBIAN/postinst"
	done
	mkdir -p "$scratch/linux-headers/usr/src/linux-headers-$version/include" "$scratch/linux-headers/lib/modules/$version" \
		"$scratch/linux-image/boot"
	printf '%s\n' CONFIG_GRO_CELLS=y CONFIG_INET=y >"$scratch/linux-headers/usr/src/linux-headers-$version/.config"
	ln -s "/usr/src/linux-headers-$version" "$scratch/linux-headers/lib/modules/$version/build"
	touch "$scratch/linux-image/boot/config-$version"
	for kind in image headers; do
		dpkg-deb --root-owner-group -b "$scratch/linux-$kind" "$scratch/apt/packages/linux-$kind-$version.deb" >/dev/null || return 1
	done
}

# Begins each script that runs there.
lifecycle_script='
	built() { [ "$(modinfo -k "$1" -F version ovpn-dco-mptcp)" = "$2" ] && dkms status -m ovpn-dco-mptcp -v "$2" -k "$1" | grep -q installed; }
	signed() { [ -n "$(modinfo -k "$1" -F signer ovpn-dco-mptcp)" ]; }
	apt_is_content() { [ -z "$(dpkg --audit)" ] && apt-get check; }
	present() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /packages -o -path /var/cache -o -path /var/log \
		-o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o -print | LC_ALL=C sort; }
'
lifecycle_run() { chroot_run apt "$lifecycle_script $1" "$kernel_first" "$kernel_second" "$lifecycle_kernel_without" "$version"; }

# lifecycle SUITE
lifecycle() {
	local version
	debs_get
	version=$(dpkg-deb -f "$(echo "$debs"/now/ovpn-dco-mptcp-dkms_*.deb)" Version)
	chroot_base "$1"
	chroot_new apt "$kernel_first"
	cp -r "$debs/now" "$debs/next" "$scratch/apt/packages/"
	lifecycle_without || die 'no packages of a kernel without MPTCP'

	check 'a kernel' lifecycle_run 'apt-get install --no-install-recommends linux-image-$1'
	check 'installed without headers: said, and no failure' lifecycle_run '
		present >/packages/before
		dpkg-query -W -f "\${binary:Package}\n" | sort >/packages/packages-before
		apt-get install /packages/now/ovpn-dco-mptcp-dkms_*.deb /packages/now/ovpn-mptcp-ctl_*.deb 2>&1 | tee /packages/said
		grep -i "kernel headers" /packages/said
		dkms status -m ovpn-dco-mptcp | grep -q added
		ovpn-mptcp-ctl --version | grep -Fw "$4"
		apt_is_content'
	check 'the headers come: built and signed' lifecycle_run '
		apt-get install --no-install-recommends linux-headers-$1
		built $1 $4
		signed $1
		apt_is_content'
	check 'a second kernel comes: built' lifecycle_run '
		apt-get install --no-install-recommends linux-image-$2 linux-headers-$2
		built $2 $4
		built $1 $4'
	check 'the second kernel goes, and its module' lifecycle_run '
		apt-get purge linux-image-$2 linux-headers-$2
		[ ! -e /lib/modules/$2 ]
		! dkms status | grep $2
		built $1 $4'
	check 'a kernel that cannot have it comes: left out, and no failure' lifecycle_run '
		apt-get install /packages/linux-*-$3.deb 2>&1 | tee /packages/said
		grep "^ovpn-dco-mptcp is left out for Linux $3: that has no CONFIG_MPTCP$" /packages/said
		! dkms status | grep $3
		apt_is_content'
	check 'upgrade: the new version for the kernel that runs' lifecycle_run '
		apt-get install /packages/next/*.deb
		built $1 $4.1
		[ "$(echo /usr/src/ovpn-dco-mptcp-*)" = /usr/src/ovpn-dco-mptcp-$4.1 ]
		! dkms status | grep ovpn-dco-mptcp/$4,
		apt_is_content'
	check 'downgrade: the old one again' lifecycle_run '
		apt-get install --allow-downgrades /packages/now/ovpn-dco-mptcp-dkms_*.deb
		built $1 $4
		[ "$(echo /usr/src/ovpn-dco-mptcp-*)" = /usr/src/ovpn-dco-mptcp-$4 ]
		apt_is_content'
	check 'the module that answers to the same names goes when this one comes, and the other way round' lifecycle_run '
		apt-get install --simulate openvpn-dco-dkms >/packages/said
		grep "^Remv ovpn-dco-mptcp-dkms" /packages/said
		modprobe --showconfig | grep "^blacklist ovpn$"'
	check 'purge leaves nothing' lifecycle_run '
		systemctl enable ovpn-mptcp-keep
		apt-get purge ovpn-dco-mptcp-dkms ovpn-mptcp-ctl
		[ -z "$(present | grep -E "ovpn.(dco.)?mptcp")" ]
		# headers and what came with them
		dpkg-query -W -f "\${binary:Package}\n" | sort | comm -13 /packages/packages-before - | xargs apt-get purge
		present >/packages/after
		# dkms keeps its keys
		diff /packages/before /packages/after | grep "^[<>]" | grep -v " /var/lib/dkms/mok\." >/packages/changed || :
		cat /packages/changed
		[ ! -s /packages/changed ]'
	done_testing
}
