# SPDX-License-Identifier: GPL-2.0
"""Debian suites: the one of this machine, and others from the same mirrors, whose packages are looked up in package lists of
their own, so that this machine's apt knows nothing of them."""
import dataclasses
import functools
import pathlib
import platform
import re

from . import cache, command
from .command import Failure

@functools.cache
def host() -> str:
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def names() -> list[str]:
    """Those that this machine can use, in the order in which they are asked: its own needs no chroot."""
    return list(dict.fromkeys([host(), "bookworm", "trixie"]))


def version_key(version: str) -> list[tuple[list[int], int]]:
    """Sorts as Debian's versions do: numbers by value, letters before other characters, and "~" before the end."""
    return [([-1 if c == "~" else ord(c) if c.isalpha() else ord(c) + 256 for c in text] + [0], int(number or 0))
            for text, number in re.findall(r"(\D*)(\d*)", version)]


@dataclasses.dataclass(frozen=True)
class Suite:
    """ARCH: whose packages, which may be another architecture's than this machine's."""
    name: str
    arch: str = "amd64"

    def __str__(self) -> str:
        return self.name if self.arch == "amd64" else f"{self.name}:{self.arch}"

    @property
    def word(self) -> str:
        """For paths: a colon in one means something to apt."""
        return str(self).replace(":", "-")

    @property
    def lists(self) -> pathlib.Path:
        return cache.ROOT / "apt" / self.word

    @property
    def known(self) -> bool:
        """Its package lists have been fetched at some time."""
        return str(self) == host() or (self.lists / "apt.conf").exists()

    def with_lists(self) -> "Suite":
        """The same, when there are package lists, however old."""
        if not self.known:
            self.update()
        return self

    def sources(self) -> str:
        """sources.list lines."""
        said = command.output("apt-get", "indextargets", "--format", "$(ORIGIN)|$(SITE) $(CODENAME) $(COMPONENT)", "Created-By: Packages")
        lines = sorted({line.removeprefix("Debian|") for line in said.splitlines() if line.startswith("Debian|")})
        return "".join(f"deb {line}\n" for line in sources_elsewhere(lines, host(), self.name))

    def apt(self, *argv: str) -> list[str]:
        """An apt command that sees the packages of this suite."""
        if str(self) == host():
            return [*argv]
        # Without a configuration of its own apt would speak of this machine's suite.
        if not self.known:
            raise Failure(f"the package lists of {self} were never fetched")
        # Another run may be updating the lists.
        return ["flock", "-s", f"{self.lists}.lock", "env", f"APT_CONFIG={self.lists}/apt.conf", *argv]

    def packages(self, pattern: str) -> list[str]:
        """Names that match, of packages that the archive has (apt knows more names than that)."""
        found = [name for name in command.output(*self.apt("apt-cache", "pkgnames")).split() if re.fullmatch(pattern, name)]
        said = command.output(*self.apt("apt-cache", "madison", *found)) if found else ""
        return sorted({line.split()[0] for line in said.splitlines()})

    def unpack(self, work: cache.Work, *packages: str, to: str = "tree") -> None:
        """These packages, in a directory of the entry."""
        work.run(*self.apt("apt-get", "download", "-qq", *packages))
        work.shell('for deb in ./*.deb; do dpkg-deb -x "$deb" "$1"; rm "$deb"; done', to)

    @functools.cache
    def update(self) -> None:
        """Its package lists as they are now; once a run. Old ones do not count."""
        update = ["apt-get", "update", "-qq", "--error-on=any"]
        try:
            if str(self) == host():
                with cache.lock(cache.ROOT / "host.lock"):
                    command.run(*command.as_root(*update))
                return
            with cache.lock(f"{self.lists}.lock"):
                # Written anew each time: the machine may have another mirror now.
                new = self._configuration()
                command.run("env", f"APT_CONFIG={new}", *update)
                new.rename(self.lists / "apt.conf")
        except Failure as why:
            raise Failure(f"the package lists of {self} cannot be had") from why

    def _configuration(self) -> pathlib.Path:
        lists = self.lists
        for folder in ("lists/partial", "archives/partial"):
            (lists / folder).mkdir(parents=True, exist_ok=True)
        (lists / "sources.list").write_text(self.sources())
        (lists / "status").write_text("")
        settings = {"Dir::Etc::SourceList": lists / "sources.list", "Dir::Etc::SourceParts": "/dev/null", "Dir::State::Lists": lists / "lists",
                    "Dir::State::status": lists / "status", "Dir::Cache": lists, "Dir::Cache::pkgcache": "pkgcache.bin",
                    "Dir::Cache::srcpkgcache": "srcpkgcache.bin", "APT::Architecture": self.arch, "APT::Architectures::": self.arch,
                    "Acquire::Languages": "none", "APT::Sandbox::User": command.output("id", "-un").strip()}
        (lists / "new.conf").write_text("".join(f'{name} "{value}";\n' for name, value in settings.items()))
        return lists / "new.conf"


def sources_elsewhere(lines: list[str], own: str, wanted: str) -> list[str]:
    """Of this machine's "SITE CODENAME COMPONENT", those of another suite: it is where this machine's is, under another name; newer
    kernels are in its backports."""
    if wanted == own:
        return lines
    mine = [line.split() for line in lines if re.match(rf"\S+ {own}(?!-backports)", line)]
    backports = [f"{site} {wanted}-backports {component}" for site, codename, component in mine if codename == own]
    return backports + [f"{site} {wanted}{codename.removeprefix(own)} {component}" for site, codename, component in mine]
