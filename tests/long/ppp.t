#!/bin/bash
# A line by PPP beside one by DHCP, in a booted system. The kernels that the other tests boot, for the cloud, have no PPP.
. "$(dirname "${BASH_SOURCE[0]}")/../package/tap.sh"
. "$tests/package/boot.sh"

host_needs qemu-system-x86 cpio e2fsprogs make
chroot_base bookworm
boot_install ppp "${kernel_second/cloud-/}" ppp
boot_tests ppp bond ppp
done_testing
