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

modules: kernel-fits
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)/src" modules

# What dkms leaves out is refused here with a word about the reason.
dkms-setting = $(shell sed -n 's/^$(1)="\(.*\)"$$/\1/p' dkms.conf 2>/dev/null)

kernel-fits:
	@refuse() { printf '%s\n' "$$*" >&2; exit 1; }; \
	test -e "$(KDIR)/Makefile" || refuse "No kernel headers in $(KDIR):" \
		"install linux-headers-$(target), or name others: make KDIR=/usr/src/linux-headers-VERSION modules"; \
	test -e "$(KDIR)/include/config/auto.conf" || \
		refuse "$(KDIR) is not configured for building modules: make -C $(KDIR) modules_prepare"; \
	version=$$(cat "$(KDIR)/include/config/kernel.release"); \
	printf '%s\n' "$$version" | grep -Eq '$(call dkms-setting,BUILD_EXCLUSIVE_KERNEL)' || \
		refuse "Linux $$version is too old: the module needs Linux 6.1 or later."; \
	for option in $(call dkms-setting,BUILD_EXCLUSIVE_CONFIG); do \
		grep -q "^$$option=[ym]" "$(KDIR)/include/config/auto.conf" || \
			refuse "Linux $$version was built without $$option, which the module needs: choose another kernel."; \
	done

clean:
	@test ! -e "$(KDIR)/Makefile" || $(MAKE) -C "$(KDIR)" M="$(CURDIR)/src" clean

# The control tool; PREFIX, DESTDIR and BUILD are those of its Makefile.
tool:
	$(MAKE) -C tools/ovpn-mptcp-ctl

install-tool:
	$(MAKE) -C tools/ovpn-mptcp-ctl install

.PHONY: all modules kernel-fits clean tool install-tool

# Not needed to build the module, and not in the sources that dkms has.
-include packaging.mk tests/tests.mk
