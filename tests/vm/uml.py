# SPDX-License-Identifier: GPL-2.0
"""Kernels that are a process of this machine: User Mode Linux of a series ("uml-7.3"), from Debian's source with the configuration in
config/, built here by this machine's compiler. It runs at the speed of this machine's processor, with its AES instructions. What UML has
no use for in Debian's source, the ciphers of x86, comes in with config/uml.patch."""
import os
import pathlib
import re

from . import TESTS, cache, command, debug, image
from .command import Failure
from .suite import Suite

PATCH = TESTS / "vm/config/uml.patch"
# What modules are built with.
KEPT = """Makefile .config Module.symvers include scripts arch/um/Makefile* arch/um/include arch/um/scripts arch/x86/Makefile*
    arch/x86/include arch/x86/um"""


def is_uml(kernel: str) -> bool:
    """Of a name, of a version, and of a label of the matrix."""
    return bool(re.search("(^|-)uml-", kernel))


def config(name: str) -> str:
    """What other kernels that are built here have, less what there is no such machine for, and what this one has besides."""
    mine = (TESTS / "vm/config/uml.config").read_text()
    less = re.findall("^- (.*)", mine, re.M)
    text = debug.for_series((TESTS / "vm/config/machine.config").read_text(), name.split("-")[1])
    return "".join(f"{line}\n" for line in text.splitlines() if line not in less) + re.sub("^- .*\n", "", mine, flags=re.M)


def version(name: str, suite: Suite) -> str:
    """Linux's version, and what else decides how the kernel turns out; nothing if the suite has no such source."""
    found = debug.source(name, suite)
    return found and f"{found.split('-')[0]}-uml-{cache.recipe(8, found, KEPT, build, config(name), PATCH.read_text())}"


def build(work: cache.Work, version: str, suite: Suite) -> None:
    """Like debug.build; the program "linux" is in the place of the image."""
    name, headers = "uml-" + ".".join(version.split(".")[:2]), work.dir / f"tree/usr/src/linux-headers-{version}"
    suite.unpack(work, f"linux-source-{name.split('-')[1]}={debug.source(name, suite)}", to="package")
    work.shell('''mkdir -p source keep/usr "$1"; tar -C source --strip-components=1 -xJf package/usr/src/linux-source-*.tar.xz
        patch -s -d source -p1 <"$2"''', headers, PATCH)
    (work.dir / "wanted").write_text(config(name))
    make = ["make", "-s", "-C", "source", "ARCH=um"]
    work.run(*make, f"KCONFIG_ALLCONFIG={work.dir}/wanted", "allnoconfig")
    if missing := debug.lost(config(name), (work.dir / "source/.config").read_text()):
        raise Failure(f"these lines of the configuration did not survive: {missing}")
    work.run("nice", "-n", "15", *make, f"-j{command.PROCESSORS}", "linux", "modules")
    work.run(*make, f"INSTALL_MOD_PATH={work.dir}/keep/usr", "modules_install")
    work.shell("rm -f keep/usr/lib/modules/*/build; mv source/linux vmlinuz")
    work.shell(f'cp -a --parents {" ".join(KEPT.split())} "$1"', headers, cwd=work.dir / "source")
    image.pack(work.dir / "keep", "usr", work.dir / "modules.cpio")
    work.run("rm", "-rf", "source", "package", "keep", "wanted")


def arguments(console: pathlib.Path, kernel: pathlib.Path, initrd: pathlib.Path, mode: str, mem: str, append: str) -> list[str]:
    """See qemu.py. Where time is counted elsewhere it has one processor here: the kernel and its processes wait for each other all the
    time, and on one processor of this machine that costs a third less. Where $UML_REALTIME is set, it goes before all other programs.
    Standard input and output are how host and guest talk."""
    before = ["taskset", "-c", str(command.PROCESSORS - 1)] if mode == "icount" else []
    if os.environ.get("UML_REALTIME"):
        before += ["chrt", "-f", "1"]
    processors = 1 if mode == "icount" else 2
    return [*before, str(kernel), *f"mem={mem} ncpus={processors} initrd={initrd} uml_dir={console}.uml con=null con0=null,fd:2 ssl=null "
            f"ssl0=fd:0,fd:1 seccomp=on panic=-1 oops=panic quiet rdinit=/init lab.talk=ttyS0 {append}".split()]
