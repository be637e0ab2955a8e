# SPDX-License-Identifier: GPL-2.0
"""Kernels that are a process of this machine: User Mode Linux of a series ("uml-7.3"). It runs at the speed of this machine's
processor, with its AES instructions. What UML has no use for in Debian's source, the ciphers of x86, comes in with config/uml.patch."""
import os
import pathlib
import re

from . import COUNTED, TESTS, command, source

PATCH = TESTS / "vm/config/uml.patch"
KEPT = """Makefile .config Module.symvers include scripts arch/um/Makefile* arch/um/include arch/um/scripts arch/x86/Makefile*
    arch/x86/include arch/x86/um"""


def is_uml(kernel: str) -> bool:
    """Of a name, of a version, and of a label of the matrix."""
    return bool(re.search("(^|-)uml-", kernel))


def kind(name: str) -> source.Kind:
    """The configuration is that of other kernels that are built here, less what there is no such machine for, and what this one has
    besides."""
    series = name.split("-")[1]
    mine = source.config(series, "uml")
    less = re.findall("^- (.*)", mine, re.M)
    text = "".join(f"{line}\n" for line in source.config(series, "machine").splitlines() if line not in less)
    return source.Kind(text + re.sub("^- .*\n", "", mine, flags=re.M), "linux", "linux", KEPT, ("ARCH=um",), PATCH)


def arguments(console: pathlib.Path, kernel: pathlib.Path, initrd: pathlib.Path, mode: str, mem: str, append: str) -> list[str]:
    """See qemu.py. Where time is counted elsewhere it has one processor here: the kernel and its processes wait for each other all the
    time, and on one processor of this machine that costs a third less. Where $UML_REALTIME is set, it goes before all other programs.
    Standard input and output are how host and guest talk."""
    before = ["taskset", "-c", str(command.PROCESSORS - 1)] if mode in COUNTED else []
    if os.environ.get("UML_REALTIME"):
        before += ["chrt", "-f", "1"]
    processors = 2 if mode == "smp" else 1
    return [*before, str(kernel), *f"mem={mem} ncpus={processors} initrd={initrd} uml_dir={console}.uml con=null con0=null,fd:2 ssl=null "
            f"ssl0=fd:0,fd:1 seccomp=on panic=-1 oops=panic quiet rdinit=/init lab.talk=ttyS0 {append}".split()]
