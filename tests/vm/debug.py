# SPDX-License-Identifier: GPL-2.0
"""Kernels that notice mistakes: Debian's source of a series with the configuration in config/, built here by this machine's compiler.
"debug-6.12" has what notices mistakes with memory, locks and contexts, "kcsan-7.3" what notices races. Where a function takes a kernel
it may be such a name, a version ("6.12.117-debug-34d24134"), or a label of the matrix."""
import re

from . import TESTS, cache, command, image
from .command import Failure
from .suite import Suite, version_key

# What modules are built with; that is a twentieth.
KEPT = "Makefile .config Module.symvers include scripts arch/x86/Makefile* arch/x86/include tools/objtool/objtool"


def is_debug(kernel: str) -> bool:
    return is_whole(kernel) or "kcsan" in kernel


def is_whole(kernel: str) -> bool:
    """With all of config/debug.config: it makes faults, and tells which places of the module a request has reached."""
    return "debug" in kernel


def factor(kernel: str) -> int:
    """How many times longer than on another kernel anything may take there."""
    return 5 if is_debug(kernel) else 1


def append(kernel: str) -> str:
    """For the kernel's command line: one access of so many is watched, for so many microseconds. That leaves the module a tenth of its
    speed, and finds a race between two packets in seconds (see ../long/races-seen.t)."""
    return "kcsan.skip_watch=20 kcsan.udelay_task=200 kcsan.udelay_interrupt=200" if "kcsan" in kernel else ""


def for_series(text: str, series: str) -> str:
    """Lines that begin with @SERIES are for that series alone."""
    return re.sub(r"^@.*\n", "", re.sub(f"^@{re.escape(series)} ", "", text, flags=re.M), flags=re.M)


def config(name: str) -> str:
    kind, series = name.split("-")
    return for_series("".join((TESTS / f"vm/config/{file}.config").read_text() for file in ("machine", kind)), series)


def source(name: str, suite: Suite) -> str:
    """The version of the package with the source."""
    said = command.output(*suite.apt("apt-cache", "madison", f"linux-source-{name.split('-')[1]}")) if suite.known else ""
    return max(re.findall(r"\| *(\S+) *\|", said), key=version_key, default="")


def version(name: str, suite: Suite) -> str:
    """Linux's version, and what else decides how the kernel turns out; nothing if the suite has no such source."""
    found = source(name, suite)
    return found and f"{found.split('-')[0]}-{name.split('-')[0]}-{cache.recipe(8, found, KEPT, build, config(name))}"


def lost(wanted: str, got: str) -> str:
    """kconfig drops without a word what depends on something that is off, or is not known any more."""
    return "; ".join(line for line in re.findall("^CONFIG_.*|^# CONFIG_.* is not set$", wanted, re.M) if line not in got.splitlines())


def build(work: cache.Work, version: str, suite: Suite) -> None:
    """Like kernel.fetch, and beside it the headers."""
    number, kind = version.split("-")[:2]
    name = f"{kind}-" + ".".join(number.split(".")[:2])
    tree, headers = work.dir / "source", work.dir / f"tree/usr/src/linux-headers-{version}"
    suite.unpack(work, f"linux-source-{name.split('-')[1]}={source(name, suite)}", to="package")
    work.shell('mkdir -p source keep/usr "$1"; tar -C source --strip-components=1 -xJf package/usr/src/linux-source-*.tar.xz', headers)
    (work.dir / "wanted").write_text(config(name))
    work.run("make", "-s", "-C", tree, f"KCONFIG_ALLCONFIG={work.dir}/wanted", "allnoconfig")
    if missing := lost(config(name), (tree / ".config").read_text()):
        raise Failure(f"these lines of the configuration did not survive: {missing}")
    # Of all accesses a few are watched: those of the module, which is built later, and none of the kernel's.
    watched = ["KCSAN_SANITIZE=n"] if kind == "kcsan" else []
    # Others must not wait for this: it takes half an hour of processor time.
    work.run("nice", "-n", "15", "make", "-s", "-C", tree, f"-j{command.PROCESSORS}", *watched, "bzImage", "modules")
    work.run("make", "-s", "-C", tree, f"INSTALL_MOD_PATH={work.dir}/keep/usr", "modules_install")
    work.shell('rm -f keep/usr/lib/modules/*/build; mv source/arch/x86/boot/bzImage vmlinuz')
    work.shell(f'cp -a --parents {KEPT} "$1"', headers, cwd=tree)
    image.pack(work.dir / "keep", "usr", work.dir / "modules.cpio")
    work.run("rm", "-rf", "source", "package", "keep", "wanted")
