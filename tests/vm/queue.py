# SPDX-License-Identifier: GPL-2.0
"""The tests still to run. Several workers take from it while it is being filled."""
import threading
from typing import NamedTuple


class Vm(NamedTuple):
    """A machine that a test wants. Tests with the same machine share a boot, where they may."""
    kernel: str
    mode: str
    mem: str
    shared: bool


class Job(NamedTuple):
    vm: Vm
    name: str


class Queue:
    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._busy: dict[int, str] = {}
        self._changed = threading.Condition()
        self.closed = False

    def add(self, job: Job) -> None:
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()

    def close(self, clear: bool = False) -> None:
        """Nothing more will come; nor is what is there done, if it is cleared."""
        with self._changed:
            self.closed = True
            self._jobs = [] if clear else self._jobs
            self._changed.notify_all()

    def next_for(self, worker: int, vm: Vm) -> Job | None:
        """The first job that may use this machine of the worker's, if there is one now."""
        with self._changed:
            return self._take(worker, [job for job in self._jobs if vm.shared and job.vm == vm])

    def wait(self, worker: int) -> Job | None:
        """The next job of any kind; none when there will be none. Rather one of a kernel that no other worker has a machine for: a
        machine serves several tests."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self.closed)
            others = {kernel for who, kernel in self._busy.items() if who != worker}
            return self._take(worker, sorted(self._jobs, key=lambda job: job.vm.kernel in others))

    def _take(self, worker: int, best_first: list[Job]) -> Job | None:
        for job in best_first[:1]:
            self._jobs.remove(job)
            self._busy[worker] = job.vm.kernel
            return job
        return None
