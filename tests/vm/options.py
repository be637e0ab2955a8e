# SPDX-License-Identifier: GPL-2.0
"""What tests/run was told."""
import os
import pathlib
import re
import shlex
import sys

from . import REPO, TESTS, cache, command, kernel, testcase, uml
from .command import Failure

USAGE = """usage: tests/run [options] [TEST...]
  --kernel K[,K...]  series (6.1), exact version (7.3.4+deb13-rt-amd64) or "newest"; "debug-6.12" is built
                     here, with what the kernel has to find mistakes, "uml-7.3" as a process of
                     this machine, at the speed of its processor; @SUITE behind it
                     takes that suite's (6.12@trixie), /arm64 behind that the other architecture;
                     "all": the last point release of each series in the archive, with the core of
                     the tests at least; "every": the earlier ones, too, and every test on
                     the newest; default 6.1
  --list             the tests and their topics
  --failed           what has failed in the last run here, as that run had it
  --shell K          no tests: a machine with this kernel and the module, a tunnel on two paths in it, and a
                     prompt on this terminal; exit or Ctrl-D ends it
  --set NAME=VALUE   in the environment of the tests, such as STORM_SEED, STORM_SECONDS, STORM_ROUNDS
  --icount           deterministic clock for all tests, not only for those that declare it
  --no-module        do not build or load the module (baselines)
  --userspace        like --no-module, with --disable-dco on every OpenVPN: checks the tests themselves
  --cases DIR        other cases than tests/cases
  --timeout SECONDS  how long each test may take, instead of what it says itself
  --sources DIR      another module, built from the sources there
  --with FILE        one more file for the machines, beside the module
  --jobs N           machines at a time; default 3: one of them waits most of its time
  --keep             keep the run's directory (images, console logs)
"""


# Those that are about the tests: commands that repeat them have them, too.
REPEATED = ("--icount", "--no-module", "--userspace", "--cases", "--timeout", "--set", "--sources", "--with")


def parse(usage: str, words: list[str]) -> dict[str, list[str]]:
    """What each option that the text shows was given; and under "", the other words."""
    takes = dict(re.findall("^  (--[a-z-]+)(?: ([A-Z]\\S*))? ", usage, re.M))
    said, words = {option: [] for option in ["", *takes]}, [*words]
    while words:
        word = words.pop(0)
        if word in ("--help", "-h"):
            print(usage, end="")
            sys.exit(0)
        if not word.startswith("-"):
            said[""].append(word)
        elif word in takes and (words or not takes[word]):
            said[word].append(words.pop(0) if takes[word] else "")
        else:
            sys.stderr.write(usage)
            sys.exit(2)
    return said


def record() -> pathlib.Path:
    """What has failed in the last run. Each copy of the sources has a record of its own, a word of the command or "KERNEL NAME" a line."""
    return cache.ROOT / "failed" / command.output("cksum", given=f"{REPO}\n".encode()).split()[0]


def failures() -> tuple[list[str], list[tuple[str, ...]]]:
    """The words that the last run had, and the kernel and the name of what failed."""
    text = record().read_text() if record().exists() else ""
    return re.findall("^option (.+)", text, re.M), re.findall("^failed (\\S+) (\\S+)", text, re.M)


class Options:
    def __init__(self, words: list[str]) -> None:
        said, self.only = parse(USAGE, words), []
        if said["--failed"]:
            former, self.only = failures()
            if not self.only:
                command.say("in the last run here nothing has failed")
                sys.exit(0)
            # As the last run was, and what else is said now.
            kernels, names = (sorted(set(column)) for column in zip(*self.only))
            said = parse(USAGE, [*former, "--kernel", ",".join(kernels), *names, *words])
        last = {option: values[-1] for option, values in said.items() if values}
        self.list, self.keep, self.counted = "--list" in last, "--keep" in last, "--icount" in last
        self.jobs, self.timeout = int(last.get("--jobs", 3)), int(last.get("--timeout", 0))
        self.with_module, self.sources = not {"--no-module", "--userspace"} & {*last}, pathlib.Path(last.get("--sources", REPO))
        self.files, self.folder = [pathlib.Path(file) for file in said["--with"]], pathlib.Path(last.get("--cases", TESTS / "cases"))
        self.append = "".join(f" lab.set={setting}" for setting in said["--set"]) + " lab.userspace=yes" * ("--userspace" in last)
        self.kernels, self.names, self.terminal = ",".join(said["--kernel"] or ["6.1"]).split(","), said[""], ""
        if "--shell" in last:
            self._shell(last["--shell"])
        self.cases = testcase.cases(self.folder)
        self.names = self.names or [*self.cases]
        for name in self.names:
            if name not in self.cases:
                raise Failure(f"no test {name} (see tests/run --list)")
        self.given = [word for option in REPEATED for value in said[option] for word in (option, value) if word]

    def _shell(self, name: str) -> None:
        """The machine's third port is this terminal, and the only case gives it a prompt."""
        if not sys.stdin.isatty():
            raise Failure("--shell needs a terminal")
        if "," in name or name in ("all", "every") or kernel.arch(name) != "amd64":
            raise Failure("--shell takes one kernel, of amd64")
        if uml.is_uml(name):
            raise Failure("--shell takes a kernel for a machine: User Mode Linux has no third port")
        self.terminal, self.jobs, self.kernels, self.folder, self.names = os.ttyname(0), 1, [name], TESTS / "vm/shell", ["shell"]
        size = os.get_terminal_size(0)
        self.append += f" lab.set=TERM={os.environ['TERM']} lab.set=LAB_ROWS={size.lines} lab.set=LAB_COLUMNS={size.columns}"

    def wanted(self, label: str, name: str) -> bool:
        """With --failed, only what had failed on this kernel."""
        return not self.only or (label, name) in [(kernel.replace("/", "-"), name) for kernel, name in self.only]

    def command(self, kernel: str, name: str) -> str:
        """What repeats one case."""
        return shlex.join(["tests/run", *self.given, "--kernel", kernel, name])
