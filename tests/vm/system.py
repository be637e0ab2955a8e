# SPDX-License-Identifier: GPL-2.0
"""Debian systems that are made once: the guest's root file system, what modules are built in, what packages are installed on."""
import pathlib

from . import cache, command
from .command import Failure
from .kernel import BOOTABLE, Kernel
from .suite import Suite

GUEST_SUITE = Suite("trixie")
GUEST = """bash coreutils grep sed mawk util-linux mount procps kmod iproute2 iputils-ping ethtool nftables tcpdump strace openvpn openssl
    mptcpize iperf3 wireguard-tools socat jq python3 linux-perf libnl-genl-3-200 libjson-c5 libc-ares2"""
# Documentation, locales, and what perf would need for scripts of its own only cost boot time.
GUEST_WITHOUT = """/usr/share/man/* /usr/share/doc/* /usr/share/locale/* /usr/share/info/* /usr/share/zoneinfo/* /usr/lib/*/gconv/*
    /usr/share/perl/* /usr/lib/*/perl/* /usr/lib/python3/dist-packages/perf.*"""
# What the scripts of the packages would do, as far as the tests need it: for an architecture whose programs cannot run here.
UNPACKED = """mkdir -p "$1/root" "$1/opt" "$1/var/run"
ln -s mawk "$1/usr/bin/awk"
cp "$1/usr/share/base-passwd/passwd.master" "$1/etc/passwd"
cp "$1/usr/share/base-passwd/group.master" "$1/etc/group"
"""
# What a build needs besides the compiler; W=1 checks kernel-doc comments with perl. The kernel's own programs need libelf1.
BUILD = "make binutils perl libelf1 pahole"
# The tests of packages have dkms and a compiler, and kernels of the suite's own series. Debian's headers have the compiler used through
# ccache where they are asked to: the same module is built a dozen times.
BASE = """apt ca-certificates ccache dkms gcc make kmod openssl procps openvpn mptcpize iproute2 iputils-ping systemd systemd-sysv udev dbus
    linux-base"""
SERIES = {"bookworm": "6.1", "trixie": "6.12"}


def debootstrap(work: cache.Work, suite: str, packages: str, *options: str, target: str = "root") -> None:
    (work.dir / "sources.list").write_text(Suite(suite).sources())
    work.run(*command.as_root("env", "INITRD=No", "mmdebstrap", "--include=" + ",".join(packages.split()), *options,
                              suite, target, work.dir / "sources.list"))


def _build(work: cache.Work, suite: Suite) -> None:
    debootstrap(work, suite.name, BUILD + (" gcc" if suite.arch == "amd64" else " gcc-aarch64-linux-gnu"), "--variant=essential",
                *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale", "info")),
                '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/*')


def compiler(suite: Suite) -> pathlib.Path:
    """What modules for this suite's kernels are built in."""
    command.needs("mmdebstrap util-linux")
    return cache.make(f"build/{suite.word}-{cache.recipe(8, BUILD, _build, debootstrap)}", _build, suite) / "root"


def _guest(work: cache.Work, suite: Suite) -> None:
    command.needs("mmdebstrap cpio")
    # OpenVPN 2.7, which the suite has in its backports; its libraries are those of the suite's own OpenVPN 2.6.
    suite.with_lists().unpack(work, f"openvpn/{suite.name}-backports", to="openvpn-2.7")
    packages, hook = GUEST, "--customize-hook"
    options = ["--variant=essential", *(f"--dpkgopt=path-exclude={path}" for path in GUEST_WITHOUT.split())]
    if suite.arch != "amd64":
        # Unpacked without a script being run; dpkg's options do not apply.
        packages, hook = f"{GUEST} ?essential", "--extract-hook"
        (work.dir / "unpacked").write_text(UNPACKED)
        options = ["--variant=extract", f"--arch={suite.arch}", f"""{hook}=sh -e '{work.dir}/unpacked' "$1" """,
                   *(f'{hook}=rm -rf "$1"{path}' for path in GUEST_WITHOUT.split())]
    debootstrap(work, suite.name, packages, "--format=null", *options, f"""{hook}=cp -a '{work.dir}/openvpn-2.7' "$1"/opt/""",
                f'{hook}=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/* "$1"/usr/share/perl5 "$1"/init',
                f"""{hook}=cd "$1" && find . -xdev ! -path './dev/*' ! -path './proc/*' ! -path './sys/*' -print0 |
                    cpio --null --quiet -o -H newc >'{work.dir}/root.cpio'""", target="-")
    if not (work.dir / "root.cpio").stat().st_size:
        raise Failure("the archive is empty")


def guest(arch: str = "amd64") -> pathlib.Path:
    """The guest's root file system, packed once as one cpio archive. It is the same for every kernel, so that a difference is the
    kernel's. The control tool is built on this machine, which may be older than the guest, not newer: the C library and the others
    keep their interfaces that way only."""
    suite = Suite(GUEST_SUITE.name, arch)
    key = cache.recipe(12, GUEST, GUEST_WITHOUT, UNPACKED, _guest, debootstrap)
    return cache.make(f"rootfs/{suite.word}-{key}", _guest, suite) / "root.cpio"


def _base(work: cache.Work, suite: Suite, packages: str) -> None:
    """Translations only cost time."""
    debootstrap(work, suite.name, BASE, "--variant=essential", "--dpkgopt=path-exclude=/usr/share/locale/*", "--skip=cleanup/apt",
                '--customize-hook=chroot "$1" apt-get clean',
                f'--customize-hook=chroot "$1" apt-get install -qqy --no-install-recommends --download-only {packages}')


def base(suite: Suite) -> tuple[pathlib.Path, list[str]]:
    """A system with its archive's package lists, and two kernels, older one first, whose packages are downloaded and not installed.
    Package lists that are older do, as long as there is a system of them."""
    command.needs("mmdebstrap util-linux")
    for update in (suite.update, None):
        kernels = Kernel(SERIES[suite.name]).versions(suite, *BOOTABLE)[1::-1]
        packages = " ".join(f"linux-{kind}-{version}" for version in kernels for kind in BOOTABLE)
        entry = f"package/base-{suite}-{cache.recipe(12, BASE, packages, _base, debootstrap)}"
        if not update or (cache.ROOT / entry).exists():
            break
        update()
    if len(kernels) != 2:
        raise Failure(f"the archive has not got two kernels of {suite}")
    return cache.make(entry, _base, suite, packages) / "root", kernels
