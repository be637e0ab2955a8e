# SPDX-License-Identifier: GPL-2.0
"""Modules, each built for one kernel of a copy of sources as they are now: the module under test; the one of tests/faults, which lets
its calls fail, for cases that say "# with: faults"; and what tests/bench compares with. They are built in a chroot with the compiler of
the kernel's suite, one for all kernels of the suite. Each kernel's headers, unpacked, are put into it for the time of a build:
installed, most headers would bring their kernel along."""
import pathlib
import re

from . import REPO, TESTS, cache, command, debug, kernel, system, uml
from .cache import Sources
from .command import PROCESSORS
from .kernel import Found
from .suite import Suite

# The mounts are in a namespace of their own: nothing remains, however this ends. objtool needs /proc.
INSIDE = r"""
mount --bind "$2/usr/src" "$1/usr/src"
for kbuild in "$2"/usr/lib/linux-kbuild-*; do
	[ ! -e "$kbuild" ] || { mkdir -p "$1/usr/lib/${kbuild##*/}" && mount --bind "$kbuild" "$1/usr/lib/${kbuild##*/}"; }
done
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=755 build "$1/mnt"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" sh -c "$3" sh /mnt"""


def headers(work: cache.Work, found: Found) -> None:
    """The headers and what belongs to them. The programs that build are this machine's, whatever they build for."""
    said = command.output(*found.suite.apt("apt-cache", "depends", f"linux-headers-{found.version}"))
    common, kbuild = (re.findall(f"^ *Depends: (linux-{name}.*)$", said, re.M) for name in ("headers-.*-common", "kbuild-"))
    found.suite.unpack(work, f"linux-headers-{found.version}", *common)
    Suite(found.suite.name).unpack(work, *kbuild)


def place(found: Found) -> tuple[pathlib.Path, pathlib.Path]:
    """Where a build runs, and the tree with the headers."""
    if kernel.is_built(found.version):
        # What has been built here comes with its headers, and goes with the compiler of this machine.
        return pathlib.Path("/"), kernel.make(found) / "tree"
    return system.compiler(found.suite), cache.make(f"headers/{found.version}", headers, found) / "tree"


def build(found: Found, entry: str, sources: Sources, make: str, product: str) -> pathlib.Path:
    """The module in its entry of the cache. Beside it is what the compiler and modpost warn of, in the file "warnings"."""
    where, name, make = place(found), product.rpartition("/")[2], make.format(f"/usr/src/linux-headers-{found.version}")
    # Reads sources as a tar archive, writes what is built of them. The directory, $1, goes away.
    text = f'set -e\ncd "$1"\ntar -xf -\nmake {make} >&2\ncat {product}\n'

    def maker(work: cache.Work) -> None:
        with open(work.dir / name, "wb") as out:
            work.run(*command.as_root("unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-ec", INSIDE, "sh", *where, text),
                     given=sources.tar(), stdout=out)
        said = pathlib.Path(work.log.name).read_text(errors="replace")
        (work.dir / "warnings").write_text("".join(f"{line}\n" for line in re.findall("^.*(?:warning|error): .*$", said, re.I | re.M)))

    return cache.make(entry.format(cache.key(text + sources.digests())), maker) / name


def sources(top: pathlib.Path = REPO) -> Sources:
    return Sources(top, "Makefile src -type f ( -name *.[ch] -o -name Kbuild -o -name Makefile ) ! -name *.mod.c")


def ours(found: Found, top: pathlib.Path = REPO) -> pathlib.Path:
    cross = "ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-" if kernel.arch(found.version) == "arm64" else ""
    cross = "ARCH=um" if uml.is_uml(found.version) else cross
    # The module alone is built for KCOV: what is reached is what of the module is reached.
    traced = "KCOV_INSTRUMENT=y" if debug.is_whole(found.version) else ""
    # Nobody reads debugging information here, nor what pahole makes of it, and it takes a sixth of the time.
    bare = "KCFLAGS=-g0 CONFIG_DEBUG_INFO_BTF_MODULES="
    return build(found, f"modules/{found.version}/{{}}", sources(top), f"KDIR={{}} {cross} {traced} {bare} W=1 -j{PROCESSORS} modules",
                 "src/ovpn-dco-mptcp.ko")


def faults(found: Found) -> pathlib.Path:
    return build(found, f"faults/{found.version}/{{}}", Sources(TESTS / "faults", ". -name *.c -o -name Kbuild"),
                 '-C {} M="$1" KCFLAGS=-Werror modules', "call_faults.ko")


def rival(found: Found) -> pathlib.Path:
    """ovpn-dco-v2, the offload module that OpenVPN 2.6 was made for, from Debian's package. It is only compared with."""
    top = cache.make("peer/source", lambda work: Suite("bookworm").with_lists().unpack(work, "openvpn-dco-dkms", to="."))
    return build(found, f"peer/{found.version}", Sources(next(top.glob("usr/src/ovpn-dco-*")), ". -type f"),
                 f"KERNEL_SRC={{}} REVISION=debian -j{PROCESSORS}", "drivers/net/ovpn-dco/ovpn-dco-v2.ko")
