# SPDX-License-Identifier: GPL-2.0
#
#   make modules KDIR=/usr/src/linux-headers-VERSION
#
# KDIR: headers of the kernel to build for. DKMS says it with
# kernel_source_dir, or names the kernel with KERNELRELEASE or kernelver;
# otherwise it is the running kernel.

target = $(or $(kernelver),$(KERNELRELEASE),$(shell uname -r))
KDIR ?= $(or $(kernel_source_dir),/lib/modules/$(target)/build)

all: modules

modules:
	@test -e "$(KDIR)/Makefile" || { \
		echo "No kernel headers in $(KDIR)." >&2; \
		echo "Install linux-headers-$(target), or name others: make KDIR=/usr/src/linux-headers-VERSION modules" >&2; \
		exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)/src" modules

clean:
	@test ! -e "$(KDIR)/Makefile" || $(MAKE) -C "$(KDIR)" M="$(CURDIR)/src" clean

# The control tool; PREFIX, DESTDIR and BUILD are those of its Makefile.
tool:
	$(MAKE) -C tools/ovpn-mptcp-ctl

install-tool:
	$(MAKE) -C tools/ovpn-mptcp-ctl install

.PHONY: all modules clean tool install-tool

-include tests/tests.mk
