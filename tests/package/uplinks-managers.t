#!/bin/bash
# uplinks beside NetworkManager (1.42 and 1.52) and mptcpd of the archive, on this machine's kernel: endpoints that they make are
# left to them and shown as theirs, what they do not make is made, undo takes nothing of theirs, doctor knows the combinations. And
# the name servers of a tunnel beside systemd-resolved, resolvconf and openresolv, of which a system has one.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

if ! as_root unshare --net sh -c 'ip link add p1 type veth peer name far1 && ip mptcp endpoint' >/dev/null 2>&1; then
	echo '1..0 # SKIP this kernel has no network namespace, veth or MPTCP'
	tap_done=yes
	exit 0
fi
program=$("$tests/host" tool)
for suite in bookworm trixie; do
	chroot_base "$suite"
	chroot_new "$suite" "$kernel_second"
	cp "$program" "$tests"/package/{alone,managers,name-servers}.sh "$scratch/$suite/packages/"
	check "$suite: their packages" chroot_run "$suite" '
		apt-get update
		apt-get install --no-install-recommends network-manager mptcpd mptcpd-plugins jq libc-ares2 libjson-c5 libnl-genl-3-200 libkmod2
		NetworkManager --version'
	check "$suite: beside them" chroot_run "$suite" 'timeout 240 unshare --net --mount bash -x /packages/managers.sh /packages/ovpn-mptcp-ctl'
	other=resolvconf
	[ "$suite" = bookworm ] || other=openresolv
	for keeper in systemd-resolved "$other"; do
		check "$suite: name servers by $keeper" chroot_run "$suite" '
			apt-get install --no-install-recommends --download-only "$1"
			umount /etc/resolv.conf
			apt-get install --no-install-recommends "$1"
			timeout 120 unshare --net --mount bash -x /packages/name-servers.sh /packages/ovpn-mptcp-ctl "$1"
			rm /etc/resolv.conf' "$keeper"
	done
done
done_testing
