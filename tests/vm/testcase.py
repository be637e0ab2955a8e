# SPDX-License-Identifier: GPL-2.0
"""A test case is NAME.sh, or NAME.py that lib/engine.sh runs. What it declares in its header comments:
  # topic: one sentence      # timeout: seconds of guest time      # vm: icount|clock|smp mem=SIZE alone
  # kernels: first           where a run has several, on the oldest only: it goes the same ways elsewhere, or takes long; with one
                             processor, unless "# vm: smp" asks for two
  # kernels: all             on every kernel, one of the few that prove it; without this line on the oldest and the newest
  # kernels: debug           on debug kernels only
  # vm: icount               its time is the number of executed instructions; it has figures, so its machine is its own
  # vm: clock                the same time, which a busy host does not take from it; no figures, so the machine is as the others are
  # with: faults             with the module of tests/faults in its machine
  # paths: 2                 for a case in Python, between client and server; without this line one"""
import pathlib
import re

from . import debug
from .command import Failure
from .queue import Vm


def header(text: str) -> dict[str, str]:
    """Of the comments that the text begins with; the first of a kind counts."""
    comments = re.match("(#.*\n)*", text)[0]
    return dict(reversed(re.findall("^# (\\w+): *(.*)", comments, re.M)))


class Case:
    def __init__(self, file: pathlib.Path) -> None:
        self.name, self.header = file.stem, header(file.read_text())
        self.topic, self.kernels = self.header.get("topic", ""), self.header.get("kernels", "")
        self.timeout, self.words = int(self.header.get("timeout", 60)), self.header.get("vm", "").split()
        if self.kernels not in ("first", "all", "debug", ""):
            raise Failure(f"{self.name}: '# kernels:' wants first, all or debug")
        for word in self.words:
            if not re.fullmatch("icount|clock|smp|alone|mem=.*", word):
                raise Failure(f"{self.name}: unknown word '{word}' in '# vm:'")

    def vm(self, kernel: str, counted: bool = False) -> Vm:
        """The machine for it. One that has figures has its own, so that they do not depend on what ran before. Two processors take half as
        much time again from this machine as one. A debug kernel is not for measuring: with one processor it would see less, and its
        shadow needs memory."""
        if debug.is_debug(kernel):
            return Vm(kernel, "smp", "4G", True)
        counted = counted or "icount" in self.words
        modes = {"icount": counted, "clock": "clock" in self.words, "up": self.kernels == "first" and "smp" not in self.words}
        mode = next((mode for mode, wanted in modes.items() if wanted), "smp")
        mem = next((word.removeprefix("mem=") for word in self.words if word.startswith("mem=")), "2G")
        return Vm(kernel, mode, mem, not counted and "alone" not in self.words)


def cases(folder: pathlib.Path) -> dict[str, Case]:
    """By name, in the order of the names."""
    return {case.name: case for case in sorted(map(Case, folder.glob("*.[ps][yh]")), key=lambda case: case.name)}
