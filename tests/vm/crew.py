# SPDX-License-Identifier: GPL-2.0
"""Who does the work of a run: one prepares kernels and fills the queue, others take what is ready. Each of these workers boots machines
and runs tests in them until the queue is empty."""
import contextlib
import dataclasses
import functools
import os
import pathlib
import re
import threading
import time
import tty
from collections.abc import Callable, Iterator
from queue import SimpleQueue

from . import COUNTED, command, debug, image, kernel, module, qemu, system, uml
from .command import Failure
from .matrix import Matrix, Target
from .options import Options
from .qemu import Machine
from .queue import Job, Queue
from .report import Result


@dataclasses.dataclass
class Run:
    """What all of them have. DIR goes with the run; the logs of failures stay."""
    options: Options
    matrix: Matrix
    planned: list[tuple[str, str]]
    dir: pathlib.Path
    logs: pathlib.Path
    heard: SimpleQueue = dataclasses.field(default_factory=SimpleQueue)
    queue: Queue = dataclasses.field(default_factory=Queue)
    arch: dict[str, str] = dataclasses.field(default_factory=dict)

    def reports(self) -> Iterator[Result | str]:
        """What all say. The first machines are at work while images for the others are made."""
        works = [functools.partial(prepare, self), *(Worker(self, i + 1).work for i in range(self.options.jobs))]
        crew = [threading.Thread(target=self._member, args=[work], daemon=True) for work in works]
        for thread in crew:
            thread.start()
        try:
            for _ in crew:
                yield from iter(self.heard.get, None)
        except BaseException:
            # Interrupted: what is half made goes. Machines die with their workers.
            self.queue.close(clear=True)
            command.stop(crew[0])
            raise

    def _member(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self.heard.put(None)


def prepare(run: Run) -> None:
    """A kernel that cannot be prepared is one failure; the others are tested."""
    try:
        os.nice(5)  # this thread, and what it starts
        command.needs("qemu-system-x86 make gcc")
        image.tool()
        image.certificates()
        for target in run.matrix.targets:
            try:
                if not run.queue.closed:
                    _prepare(run, target)
            except Failure as why:
                command.say(why)
                run.heard.put(Result(target.label, "kernel", False, notes=[f"! {why}"]))
    except Failure as why:
        command.say(why)
    finally:
        # However this ends, nothing more will come.
        run.queue.close()


def _prepare(run: Run, target: Target) -> None:
    """Its packages, the module, the image, and the tests in the queue."""
    began, folder, options = time.monotonic(), run.dir / target.label, run.options
    folder.mkdir()
    found = kernel.Kernel(target.kernel).look()
    cases = [options.cases[name] for name in options.names if options.wanted(target.label, name)]
    wanted, files = [case for case in cases if target.wants(case)], []
    if options.with_module:
        files.append(module.ours(found, options.sources))
        warnings = [f"! {line}" for line in (files[0].parent / "warnings").read_text().splitlines()]
        run.heard.put(Result(target.label, "module-builds-without-warning", not warnings, int(time.monotonic() - began), warnings))
    if target.role == "build":
        return
    entry, arch = kernel.make(found), kernel.arch(found.version)
    parts = {"vmlinuz": entry / "vmlinuz", "modules.cpio": entry / "modules.cpio", "root.cpio": system.guest(arch)}
    # The control tool is for this machine's architecture.
    if arch == "amd64":
        files.append(image.tool())
    else:
        command.needs("qemu-system-arm")
    if debug.is_whole(found.version):
        files += image.fuzzer()
    if options.with_module and any(case.header.get("with") == "faults" for case in wanted):
        files.append(module.faults(found))
    image.make(folder / "tests.cpio", options.folder, files + options.files)
    for name, file in parts.items():
        (folder / name).symlink_to(file)
    run.arch[target.label] = "um" if uml.is_uml(found.version) else arch
    for case in wanted:
        run.planned.append((target.label, case.name))
        run.queue.add(Job(case.vm(target.label, options.counted), case.name))
    run.heard.put(f"{target.label}: Linux {found.version} of {found.suite}, prepared in {time.monotonic() - began:.0f} s")
    elsewhere = [case.name for case in cases if case not in wanted]
    if elsewhere and target.role != "core":
        run.heard.put(f"{target.label}: not here: " + " ".join(elsewhere))


class Answer:
    """What the guest says while it runs a test (see guest)."""

    def __init__(self) -> None:
        self.verdict, self.clock = "", "0"
        self.notes: list[str] = []
        self.log: list[str] = []

    def hear(self, line: str) -> None:
        if line.startswith("> end "):
            self.verdict, self.clock = line.split()[2:4]
        elif line.startswith(("# ", "! ")):
            self.notes.append(line)
        elif line.startswith("| "):
            self.log.append(line[2:])


def trouble(console: list[str]) -> list[str]:
    """The first sign of trouble on the console tells more than its end."""
    found, on = [], 0
    for line in console:
        if re.search("panic|BUG|Oops|WARNING|general protection|stall|blocked for", line):
            on = 25
        if on > 0:
            found.append(line)
        on -= 1
    return (found or console[-10:])[:40]


class Worker:
    def __init__(self, run: Run, number: int) -> None:
        self.run, self.number, self.booted = run, number, 0

    def work(self) -> None:
        while job := self.run.queue.wait(self.number):
            # Nothing of ours runs in a machine that boots. Now and then TCG with two processors hangs there, and says nothing.
            machine = self._boot(job, "once more") or self._boot(job, "")
            if not machine:
                continue
            with contextlib.suppress(EOFError, TimeoutError):
                while self._test(machine, job) and (more := self.run.queue.next_for(self.number, job.vm)):
                    job = more
                self._quit(machine, job)
            machine.stop()

    def _boot(self, job: Job, otherwise: str) -> Machine | None:
        vm, options, self.booted = job.vm, self.run.options, self.booted + 1
        folder, factor = self.run.dir / vm.kernel, debug.factor(vm.kernel)
        # Made for each machine: all of them together would take gigabytes.
        initrd, console = self.run.dir / f"initrd-{self.number}", self.run.dir / f"console-{self.number}-{self.booted}"
        image.join(initrd, *(folder / f"{part}.cpio" for part in ("root", "modules", "tests")))
        if options.terminal:
            tty.setraw(0)
        append = f"{options.append} lab.slow={factor} {debug.append(vm.kernel)}"
        machine = Machine(console, qemu.arguments(console, folder / "vmlinuz", initrd, vm.mode, vm.mem, append,
                                                  arch=self.run.arch[vm.kernel], terminal=options.terminal))
        with contextlib.suppress(EOFError, TimeoutError):
            if machine.line(180 * factor).startswith("> ready "):
                return machine
        machine.stop()
        why = "the VM did not boot: " + ";".join(machine.tail())
        self.run.heard.put(f"{vm.kernel}: {why}; {otherwise}" if otherwise else Result(vm.kernel, job.name, False, notes=[f"! {why}"]))
        return None

    def _test(self, machine: Machine, job: Job) -> bool:
        """Runs one test; whether the machine may be used for another one. Fails as Machine.line() does."""
        limit = (self.run.options.timeout or self.run.options.cases[job.name].timeout) * debug.factor(job.vm.kernel)
        # A second of a counted clock is several seconds here when the guest is busy. Any other clock goes on while a busy host does
        # not let the guest run.
        limit, patience = (limit * 3, limit * 3 + 90) if job.vm.mode not in COUNTED else (limit, limit * 8 + 90)
        began, worked, answer, log = time.monotonic(), machine.worked(), Answer(), self.run.logs / f"{job.vm.kernel}-{job.name}.log"
        reason = []
        machine.say(f"run {job.name} {limit}")
        try:
            while not answer.verdict:
                answer.hear(machine.line(max(1.0, began + patience - time.monotonic())))
        except (EOFError, TimeoutError) as gone:
            reason = ["! the VM died" if isinstance(gone, EOFError) else f"! the VM hung: no result after {patience} s"]
            answer.log += ["== console", *machine.tail(200)]
            answer.notes += [f"# console: {line[:200]}" for line in trouble(machine.console())]
            raise
        finally:
            passed = answer.verdict == "passed"
            if answer.log:
                log.write_text("".join(f"{line}\n" for line in answer.log), encoding="utf-8")
                reason = [f"# log: {log}"] * (not passed) + reason
            self.run.heard.put(Result(job.vm.kernel, job.name, passed, int(time.monotonic() - began), answer.notes + reason, answer.clock,
                                       round(machine.worked() - worked)))
        return passed

    def _quit(self, machine: Machine, job: Job) -> None:
        """The end of a machine is a check too: namespaces and the module must be gone."""
        left = ""
        machine.say("quit")
        try:
            while (line := machine.line(180 * debug.factor(job.vm.kernel))) != "> bye":
                left = line[2:] if line.startswith("! ") else left
        except (EOFError, TimeoutError):
            left = "the VM did not shut down: " + ";".join(machine.tail())
        if left:
            self.run.heard.put(Result(job.vm.kernel, f"vm-end-after-{job.name}", False, notes=[f"! {left}"]))
