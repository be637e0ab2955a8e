#!/bin/bash
# The README's way to install, word for word, in a fresh system, which is then booted with systemd: OpenVPN's services and the
# tool's, over MPTCP, with what the packages installed; then the README's ways to a bonded tunnel, word for word, and what becomes of
# it when lines change and the machine starts again.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
. "$(dirname "${BASH_SOURCE[0]}")/boot.sh"

# What a user has to type: a file that is written is one command, however many lines it has.
count_commands() { awk 'body { body = $0 != "END"; next } /<<END$/ { body = 1 } /^[^#]/ { count++ } END { print count + 0 }' "$1"; }

# few_commands FILE...: they are there, and so few that one wants to type them.
few_commands() {
	local file count
	for file; do
		count=$(count_commands "$file")
		echo "${file##*/}: $count"
		[ "$count" -ge 3 ] && [ "$count" -le 8 ] || return 1
	done
}

host_needs qemu-system-x86 cpio e2fsprogs make
chroot_base "${1:-bookworm}"
boot_install boot "$kernel_second"
check 'few commands' few_commands "$scratch"/boot/packages/tests/readme-*
boot_tests boot units idle openvpn-services tunnel-services keep-service uplinks-service metrics-service bond-openvpn bond neighbours dead-line
boot_tests boot started-again
done_testing
