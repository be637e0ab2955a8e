# SPDX-License-Identifier: GPL-2.0
"""Kernels that are built here by this machine's compiler: Debian's source of a series, with a configuration of config/. A name is
"debug-6.12", a version "6.12.117-debug-34d24134"."""
import pathlib
import re
import typing

from . import TESTS, cache, command, image
from .command import Failure
from .suite import Suite, version_key


class Kind(typing.NamedTuple):
    """What sets such kernels apart: the text of the configuration; what is built beside modules, and the file that it becomes; what
    modules are built with, which is a twentieth of the tree; variables of make; what is changed in the source."""
    config: str
    target: str
    program: str
    kept: str
    make: tuple[str, ...] = ()
    patch: pathlib.Path | None = None


def config(series: str, *files: str) -> str:
    """The text of these. Lines that begin with @SERIES are for that series alone."""
    text = "".join((TESTS / f"vm/config/{file}.config").read_text() for file in files)
    return re.sub(r"^@.*\n", "", re.sub(f"^@{re.escape(series)} ", "", text, flags=re.M), flags=re.M)


def package(name: str, suite: Suite) -> str:
    """The version of the package with the source."""
    said = command.output(*suite.apt("apt-cache", "madison", f"linux-source-{name.split('-')[1]}")) if suite.known else ""
    return max(re.findall(r"\| *(\S+) *\|", said), key=version_key, default="")


def name(version: str) -> str:
    number, kind = version.split("-")[:2]
    return f"{kind}-" + ".".join(number.split(".")[:2])


def version(name: str, kind: Kind, suite: Suite) -> str:
    """Linux's version, and what else decides how the kernel turns out; nothing if the suite has no such source."""
    found, patch = package(name, suite), kind.patch.read_text() if kind.patch else ""
    return found and f"{found.split('-')[0]}-{name.split('-')[0]}-{cache.recipe(8, found, build, *kind._replace(make='', patch=patch), *kind.make)}"


def lost(wanted: str, got: str) -> str:
    """kconfig drops without a word what depends on something that is off, or is not known any more."""
    return "; ".join(line for line in re.findall("^CONFIG_.*|^# CONFIG_.* is not set$", wanted, re.M) if line not in got.splitlines())


def build(work: cache.Work, version: str, kind: Kind, suite: Suite) -> None:
    """Like kernel.fetch, and beside it the headers."""
    tree, headers, wanted = work.dir / "source", work.dir / f"tree/usr/src/linux-headers-{version}", name(version)
    suite.unpack(work, f"linux-source-{wanted.split('-')[1]}={package(wanted, suite)}", to="package")
    work.shell('mkdir -p source keep/usr "$1"; tar -C source --strip-components=1 -xJf package/usr/src/linux-source-*.tar.xz', headers)
    if kind.patch:
        work.shell('patch -s -d source -p1 <"$1"', kind.patch)
    (work.dir / "wanted").write_text(kind.config)
    make = ["make", "-s", "-C", tree, *kind.make]
    work.run(*make, f"KCONFIG_ALLCONFIG={work.dir}/wanted", "allnoconfig")
    if missing := lost(kind.config, (tree / ".config").read_text()):
        raise Failure(f"these lines of the configuration did not survive: {missing}")
    # Others must not wait for this: it takes up to half an hour of processor time.
    work.run("nice", "-n", "15", *make, f"-j{command.PROCESSORS}", kind.target, "modules")
    work.run(*make, f"INSTALL_MOD_PATH={work.dir}/keep/usr", "modules_install")
    work.shell('rm -f keep/usr/lib/modules/*/build; mv "source/$1" vmlinuz', kind.program)
    work.shell(f'cp -a --parents {" ".join(kind.kept.split())} "$1"', headers, cwd=tree)
    image.pack(work.dir / "keep", "usr", work.dir / "modules.cpio")
    work.run("rm", "-rf", "source", "package", "keep", "wanted")
