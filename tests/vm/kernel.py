# SPDX-License-Identifier: GPL-2.0
"""Kernels to test on: image and modules from the packages of a Debian suite. A kernel is named by its series ("7.3"), by the
whole version ("7.3.4+deb13", "7.3.4+deb13-rt-amd64"), or as "newest"; "@SUITE" behind it asks one suite only, "/arm64" behind
that means the other architecture. Without a flavour it is the one for emulated machines. "debug-6.12" and "uml-7.3" are
made of that series' source (see source.py, debug.py, uml.py)."""
import pathlib
import re
import typing
from collections.abc import Iterable

from . import cache, command, debug, image, source, uml
from . import suite as suites
from .command import Failure
from .suite import Suite, version_key

BOOTABLE = ("image", "headers")


def arch(name: str) -> str:
    """Of a name or a version."""
    return "arm64" if re.search(r"[/-]arm64(@.*)?$", name) else "amd64"


class Found(typing.NamedTuple):
    """A kernel that a suite has."""
    version: str
    suite: Suite

    @property
    def series(self) -> str:
        return ".".join(self.version.split(".")[:2])


def newest_last(found: Iterable[Found]) -> list[Found]:
    return sorted(found, key=lambda one: version_key(f"{one.version} {one.suite}"))


class Kernel:
    """What a name means."""

    def __init__(self, text: str) -> None:
        self.text, self.name, self.arch, self.newest = text, re.split("[@/]", text)[0], arch(text), text.startswith("newest")
        wanted = [text.split("@")[1].split("/")[0]] if "@" in text else suites.names()
        self.suites = [Suite(name, self.arch) for name in wanted]

    def versions(self, suite: Suite, *kinds: str) -> list[str]:
        return versions(self.name, packages(suite, flavour(self.name, self.arch)), *kinds)

    def find(self) -> Found | None:
        """The newest that can be booted and built for, from the first suite that has one; the newest of all comes from any."""
        found = []
        for suite in self.suites:
            best = [source.version(self.name, kind(self.name), suite)] if is_built(self.name) else self.versions(suite, *BOOTABLE)
            found += [Found(version, suite) for version in best[:1] if version]
            if found and not self.newest:
                break
        return newest_last(found)[-1] if found else None

    def look(self) -> Found:
        """The same, with newer package lists if need be."""
        found = self.find()
        if found and (cache.ROOT / "kernels" / found.version).exists() and (not self.newest or all(suite.known for suite in self.suites)):
            return found
        for suite in self.suites:
            suite.update()
            found = self.find()
            if found and not self.newest:
                break
        return found or self._missing()

    def _missing(self) -> typing.NoReturn:
        """Why there is no such kernel, as far as the package lists tell."""
        for suite in self.suites:
            for version in self.versions(suite, "image")[:1]:
                raise Failure(f"no kernel {self.text} to build for any more: the archive has linux-image-{version} in {suite}, "
                              "but not its headers")
        raise Failure(f"the archive has no kernel {self.text} in " + ",".join(map(str, self.suites)))


def flavour(name: str, arch: str = "amd64") -> str:
    found = re.search(r"-((cloud-|rt-)?(amd|arm)64)$", name)
    return found[1] if found else f"cloud-{arch}"


def packages(suite: Suite, flavour: str) -> list[tuple[str, str]]:
    """Kind and version of all kernels in the archive."""
    if not suite.known:
        return []
    pattern = rf"linux-(image|binary|modules|base|headers)-([0-9]+\.[0-9]+\.[0-9][^a-z]*(deb[^a-z]*)?-{flavour})"
    return [re.fullmatch(pattern, name).group(1, 2) for name in suite.packages(pattern)]


def versions(name: str, packages: list[tuple[str, str]], *kinds: str) -> list[str]:
    """Of such a list, the versions that have a package of each kind; newest first."""
    found = {version for _, version in packages
             if name == "newest" or version == name or version.startswith(tuple(name + c for c in "-.+"))}
    return sorted((version for version in found if all((kind, version) in packages for kind in kinds)), key=version_key, reverse=True)


def fetch(work: cache.Work, version: str, suite: Suite) -> None:
    """vmlinuz, and modules.cpio."""
    # Since 6.19 linux-image depends on others that have what used to be in it.
    suite.unpack(work, *(f"linux-{kind}-{v}" for kind, v in packages(suite, flavour(version)) if v == version and kind != "headers"))
    tree, kept = work.dir / "tree", work.dir / "keep/usr/lib/modules" / version
    modules = next(path for path in (tree / "usr/lib/modules" / version, tree / "lib/modules" / version) if path.exists())
    linux = tree / f"boot/vmlinuz-{version}"
    (linux if linux.exists() else modules / "vmlinuz").rename(work.dir / "vmlinuz")
    # Network, crypto and what they depend on; no drivers of real hardware.
    work.shell('''mkdir -p "$1"; ln -s usr/lib "$2/lib"; cp modules.builtin* modules.order* "$1"
        for part in kernel/{net,drivers/net,crypto,arch/{x86,arm64}/crypto,lib}; do [ ! -e $part ] || cp -r --parents $part "$1"; done
        rm -rf "$1"/kernel/drivers/net/{ethernet,wireless,phy,hyperv,can,ieee802154,wwan}
        rm -rf "$1"/kernel/net/{bluetooth,mac80211,wireless,can,rds,tipc,sunrpc,batman-adv,ceph,9p}''', kept, work.dir / "keep", cwd=modules)
    work.run("/usr/sbin/depmod", "-b", "keep", version)
    image.pack(work.dir / "keep", "usr", work.dir / "modules.cpio")
    work.run("rm", "-rf", "tree", "keep")


def is_built(kernel: str) -> bool:
    """Of a name or a version: it is built here, and comes with what modules are built with."""
    return debug.is_debug(kernel) or uml.is_uml(kernel)


def kind(name: str) -> source.Kind:
    """Of one that is built here."""
    return (uml if uml.is_uml(name) else debug).kind(name)


def make(found: Found) -> pathlib.Path:
    """Its entry in the cache."""
    name, version, suite = f"kernels/{found.version}", found.version, found.suite
    command.needs("cpio kmod xz-utils" + " make gcc bc flex bison libelf-dev patch" * is_built(version))
    if is_built(version):
        return cache.make(name, source.build, version, kind(source.name(version)), suite)
    return cache.make(name, fetch, version, suite)
