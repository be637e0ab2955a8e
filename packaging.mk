# The packages' part of the top Makefile.
#
#   make install            module, tool and modprobe.d file for one kernel (KDIR); DESTDIR, PREFIX
#   make dkms-install       the sources for dkms, and that file; without DESTDIR also builds and installs the module
#   make dist deb rpm       source archive and packages, in $(OUT)
#   make install-deb        the Debian packages, built and installed
#
# OUT: where archives and packages go.

OUT ?= $(CURDIR)/dist

version := $(shell sed -n 's/^\#define OVPN_VERSION "\(.*\)"$$/\1/p' src/version.h)
name := ovpn-dco-mptcp
archive := $(OUT)/$(name)-$(version).tar.xz
dkms-dir = $(DESTDIR)/usr/src/$(name)-$(version)
# No program looks for it below /usr/local.
MODPROBEDIR ?= /usr/lib/modprobe.d

# All that a build of the module needs: what packages ship.
dkms-files := Makefile dkms.conf LICENSE src/Kbuild \
	$(sort $(filter-out %.mod.c,$(wildcard src/*.c)) $(wildcard src/*.h src/uapi/linux/*.h))

install: modules install-tool install-modprobe
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)/src" $(if $(DESTDIR),INSTALL_MOD_PATH="$(DESTDIR)") modules_install
	@test -n "$(DESTDIR)" || depmod "$$(cat "$(KDIR)/include/config/kernel.release")"

install-modprobe:
	install -d "$(DESTDIR)$(MODPROBEDIR)"
	install -m 644 modprobe.d/$(name).conf "$(DESTDIR)$(MODPROBEDIR)/"

dkms-install: install-modprobe
	install -d $(addprefix "$(dkms-dir)"/,$(filter-out ./,$(sort $(dir $(dkms-files)))))
	for file in $(dkms-files); do install -m 644 "$$file" "$(dkms-dir)/$$file" || exit 1; done
	$(if $(DESTDIR),,dkms install $(name)/$(version) -k $(target))

# What git knows or would add; in an unpacked archive, all that is there.
dist-files = $(if $(wildcard .git),git ls-files --cached --others --exclude-standard,find . -type f ! -path './dist/*' ! -name '*.o' ! -name '*.ko' -printf '%P\n')
# Archives and packages of one state of the sources are the same.
export SOURCE_DATE_EPOCH ?= $(shell sed -n 's/^ -- .*>  //p' debian/changelog | head -n 1 | date -f - +%s)

dist: $(archive)

$(archive): FORCE
	@mkdir -p "$(OUT)"
	$(dist-files) | LC_ALL=C sort | tar --transform 's|^|$(name)-$(version)/|' --owner=0 --group=0 --numeric-owner \
		--mode=u+rw,go=u,go-w --mtime=@$(SOURCE_DATE_EPOCH) --format=gnu -T - -I "xz -9" -cf $@.new
	mv $@.new $@

# The packages are built from the archive, beside it, so that the work tree stays as it is.
build-dir = $(OUT)/build
# -F: the source package, too
DEB_OPTIONS ?= -b

deb: dist
	@command -v dpkg-buildpackage >/dev/null || { echo "Install the package dpkg-dev to build Debian packages." >&2; exit 1; }
	rm -rf "$(build-dir)" && mkdir -p "$(build-dir)"
	umask 022 && tar -C "$(build-dir)" -xf $(archive)
	cd "$(build-dir)/$(name)-$(version)" && dpkg-buildpackage --no-sign $(DEB_OPTIONS)
	find "$(build-dir)" -maxdepth 1 -type f -exec mv -t "$(OUT)" {} + && rm -rf "$(build-dir)"

install-deb: deb
	apt-get install $(addprefix "$(OUT)"/,$(name)-dkms_$(version)_*.deb ovpn-mptcp-ctl_$(version)_*.deb)

# Debian's rpm knows nothing of the packages that are installed there.
RPM_OPTIONS ?= $(if $(wildcard /etc/debian_version),--nodeps)

rpm: dist
	@command -v rpmbuild >/dev/null || { echo "Install rpm-build (Debian: rpm) to build RPM packages." >&2; exit 1; }
	rm -rf "$(build-dir)"
	rpmbuild -ba $(RPM_OPTIONS) --define "_topdir $(build-dir)" --define "_sourcedir $(OUT)" \
		--define "_rpmdir $(OUT)" --define "_srcrpmdir $(OUT)" \
		--define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" rpm/$(name).spec
	rm -rf "$(build-dir)"

.PHONY: install install-modprobe dkms-install dist deb install-deb rpm FORCE
FORCE:
