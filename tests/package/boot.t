#!/bin/bash
# The README's way to install, word for word, in a fresh system, which is then booted with systemd: OpenVPN's services and the
# tool's, over MPTCP, with what the packages installed.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
. "$(dirname "${BASH_SOURCE[0]}")/boot.sh"

# The first block of commands in a section of the README.
readme_commands() { sed -n "/^## $1\$/,/^## /{/^\`\`\`\$/,/^\`\`\`\$/p}" "$repo/README.md" | awk '/^```/ { if (n++) exit; next } { print }'; }

host_needs qemu-system-x86 cpio make
chroot_base "${1:-bookworm}"
kernel=$kernel_second
chroot_new boot "$kernel"
make -s -C "$repo" dist OUT="$scratch/dist" >/dev/null
mkdir "$scratch/boot/packages/copy"
tar -C "$scratch/boot/packages/copy" --strip-components=1 -xf "$scratch"/dist/*.tar.xz
readme_commands Install >"$scratch/boot/packages/commands"

check "Linux $kernel" chroot_run boot 'apt-get install --no-install-recommends linux-image-$1' "$kernel"
check 'installed as the README says' chroot_run boot '
	cd /packages/copy
	[ $(wc -l <../commands) -ge 3 ]
	. ../commands
	modinfo -k $1 ovpn-dco-mptcp' "$kernel"
check 'file system for the machine' boot_image boot "$kernel"
boot_tests boot units idle openvpn-services tunnel-services keep-service uplinks-service metrics-service
done_testing
