# SPDX-License-Identifier: GPL-2.0
"""Which kernels a run has, what each of them gets, and the table of that. The role of a kernel is one of
  full   every case: the newest kernel of the oldest series, or the first one that was named; the newest kernel of "every"
  most   all cases but those of "# kernels: first": the newest kernel, or whatever else was named
  core   the cases of "# kernels: all" only: the last point release of a series, PREEMPT_RT, another architecture
  build  the module is built, nothing is booted: the newest kernel of another architecture
Left out, as long as "every" does not say otherwise: earlier point releases, as series change their interfaces, and the last point
release has all changes; a series that another suite has newer; the generic flavour, which has the configuration of the one for
emulated machines, with drivers; the newest kernel of another architecture, where the oldest one is tested."""
from typing import NamedTuple

from . import cache, debug, kernel
from . import suite as suites
from .command import Failure
from .kernel import Found, Kernel, newest_last
from .suite import Suite
from .testcase import Case

CLOUD = "-cloud-amd64"


class Target(NamedTuple):
    """A kernel, how it is called in the output, and its role."""
    kernel: str
    label: str
    role: str

    def wants(self, case: Case) -> bool:
        if case.kernels == "debug":
            return debug.is_whole(self.label)
        return case.kernels in {"full": ("first", "", "all"), "most": ("", "all"), "core": ("all",), "build": ()}[self.role]


class Matrix:
    """Trouble and what is left out keep all from being all: failures, and kernels that nobody can build for."""

    def __init__(self, names: list[str]) -> None:
        self.targets: list[Target] = []
        self.trouble: list[str] = []
        self.left_out: list[str] = []
        for i, name in enumerate(names):
            if name in ("all", "every"):
                self._archive(every=name == "every")
            else:
                self.targets.append(Target(name, name.replace("/", "-"), "most" if i else "full"))

    def _add(self, found: Found, role: str) -> None:
        text = f"{found.version}@{found.suite.name}"
        if text not in (target.kernel for target in self.targets):
            self.targets.append(Target(text, found.version.removesuffix(CLOUD), role))

    def _ask(self, suite: Suite) -> list[Found]:
        """The kernels there that can be booted and built for. The archive keeps images longer than headers."""
        try:
            suite.update()
        except Failure as why:
            self.trouble.append(str(why))
            return []
        packages = kernel.packages(suite, f"cloud-{suite.arch}")
        built = kernel.versions("newest", packages, *kernel.BOOTABLE)
        if not built:
            self.trouble.append(f"{suite} has no kernel to build for")
            return []
        headless = [v.split("-cloud-")[0] for v in reversed(kernel.versions("newest", packages, "image")) if v not in built]
        if headless and suite.arch == "amd64":
            self.left_out.append(f"{suite} has these without headers, so nothing can be built for them: " + " ".join(headless))
        return [Found(version, suite) for version in built]

    def _archive(self, every: bool) -> None:
        """Every kernel that Debian has image and headers of; of another architecture, the ends."""
        other, found = (newest_last(one for name in suites.names() for one in self._ask(Suite(name, arch))) for arch in ("arm64", "amd64"))
        if not found:
            return
        self._add(oldest(found), "full")
        self._add(found[-1], "full" if every else "most")
        for flavour in ("amd64",) * every + ("rt-amd64",):
            version = f"{found[-1].version.removesuffix(CLOUD)}-{flavour}"
            if Kernel(version).versions(found[-1].suite, *kernel.BOOTABLE):
                self._add(Found(version, found[-1].suite), "core")
            else:
                self.trouble.append(f"{found[-1].suite} has no kernel {version} to build for")
        if other:
            self._add(oldest(other), "core")
        if other and every:
            self._add(other[-1], "build")
        last = {one.series: one for one in found}.values()
        earlier = [one for one in reversed(found) if one not in last]
        # The earlier ones come last: machines need not wait for them.
        for one in [one for one in reversed(found) if one in last] + earlier * every:
            self._add(one, "core")
        if earlier and not every:
            self.left_out.append("earlier point releases, which --kernel every has: " +
                                 " ".join(one.version.removesuffix(CLOUD) for one in earlier))
        there = {one.version for one in found}
        self.left_out += [f"tested here before, and gone from the archive: {entry.name.removesuffix(CLOUD)}"
                          for entry in sorted((cache.ROOT / "kernels").glob(f"*{CLOUD}")) if entry.name not in there]


def oldest(found: list[Found]) -> Found:
    """The newest kernel of the oldest series."""
    return [one for one in found if one.series == found[0].series][-1]


def table(labels: list[str], verdicts: dict[tuple[str, str], str], core: set[str]) -> list[str]:
    """One row a kernel: "-" where there are no such tests, "9" when all passed, else "8/9"."""
    rows = [f"{'kernel':<26} {'builds':>6} {'core':>6} {'others':>6}  failed"]
    for label in labels:
        mine = {name: verdict for (where, name), verdict in verdicts.items() if where == label}
        failed = "".join(f" {name}" for name, verdict in mine.items() if verdict != "passed")
        build = mine.pop("module-builds-without-warning", "-").replace("passed", "yes")
        cells = []
        for wanted in (True, False):
            passed = [verdict == "passed" for name, verdict in mine.items() if (name in core) == wanted]
            cells.append("-" if not passed else str(len(passed)) if all(passed) else f"{sum(passed)}/{len(passed)}")
        rows.append(f"{label:<26} {build:>6} {cells[0]:>6} {cells[1]:>6} {failed}")
    return rows
