# SPDX-License-Identifier: GPL-2.0
"""What a run has to say: a line of TAP for each test, as it comes, and in the end a table, and what repeats the failures."""
import time
from collections.abc import Sequence
from typing import NamedTuple

from .matrix import Matrix, table
from .options import Options, record


class Result(NamedTuple):
    """NOTES: "! " and a reason why it failed, "# " and what else there is to say. CLOCK: the seconds of the machine's own clock. WORK: the
    seconds that it took of a processor here."""
    label: str
    name: str
    passed: bool
    seconds: int = 0
    notes: Sequence[str] = ()
    clock: str = ""
    work: int = 0


class Report:
    def __init__(self, options: Options, kernels: Matrix) -> None:
        self.options, self.matrix = options, kernels
        self.planned: list[tuple[str, str]] = []
        self.verdicts: dict[tuple[str, str], str] = {}
        self.count = self.failed = 0
        self._again: list[str] = []
        self._begin = time.monotonic()

    def show(self, said: Result | str) -> None:
        if isinstance(said, str):
            print(f"# {said}", flush=True)
            return
        self.count += 1
        self.failed += not said.passed
        self.verdicts[said.label, said.name] = "passed" if said.passed else "failed"
        notes = [f"#   failed: {note[2:]}" if note.startswith("! ") else note for note in said.notes]
        print(f"{'not ' * (not said.passed)}ok {self.count} - {said.label} {said.name}", *notes, *self._commands(said),
              f"#   {said.seconds} s" + f", by the machine's clock {said.clock}, of a processor {said.work}" * bool(said.clock), sep="\n", flush=True)

    def _commands(self, said: Result) -> list[str]:
        """Remembers a failure. Where the name is about a machine or the module it is the case that shows it."""
        if said.passed or self.options.terminal:
            return []
        name = said.name.removeprefix("vm-end-after-")
        name = name if name in self.options.cases else self.options.names[0]
        mine = [target.kernel for target in self.matrix.targets if target.label == said.label]
        self._again += [f"failed {kernel} {name}\n" for kernel in mine]
        return [f"#   again: {self.options.command(kernel, name)}" for kernel in mine]

    def end(self) -> bool:
        """Whether all is well. What was planned and not reported, and kernels of which nothing was heard, have failed, too."""
        for label, name in self.planned:
            if (label, name) not in self.verdicts:
                self.show(Result(label, name, False, notes=["! it did not run"]))
        labels = [target.label for target in self.matrix.targets]
        for label in labels:
            if label not in (where for where, _ in self.verdicts):
                self.show(Result(label, "kernel", False, notes=["! it did not run"]))
        for trouble in self.matrix.trouble:
            self.show(Result("archive", trouble.replace(" ", "-"), False, notes=[f"! {trouble}"]))
        print(f"1..{self.count}")
        if len(labels) != 1:
            core = {name for name, case in self.options.cases.items() if case.kernels == "all"}
            for line in table(labels, self.verdicts, core) + self.matrix.left_out:
                self.show(line)
        if not self.options.terminal:
            record().parent.mkdir(parents=True, exist_ok=True)
            record().write_text("".join([f"option {word}\n" for word in self.options.given] + self._again))
        if self.failed:
            self.show("tests/run --failed repeats what has failed")
        self.show(f"{self.count - self.failed} passed, {self.failed} failed, {time.monotonic() - self._begin:.0f} s")
        return not self.failed
