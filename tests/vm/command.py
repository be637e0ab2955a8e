# SPDX-License-Identifier: GPL-2.0
"""Commands of this machine."""
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from . import TESTS

# As many compilers at a time.
PROCESSORS = len(os.sched_getaffinity(0))
# For who ends them.
running: set[subprocess.Popen] = set()


class Failure(Exception):
    """Something cannot be had; the text says what and why."""


def say(text: object) -> None:
    print(f"# {text}", file=sys.stderr, flush=True)


def as_root(*argv: object) -> list[object]:
    return [*argv] if os.geteuid() == 0 else ["sudo", "--", *argv]


def run(*argv: object, given: bytes | None = None, **more: Any) -> bytes:
    """Runs a command, with GIVEN as its input, and fails as it does. What it prints is for people: standard output is our TAP."""
    more = {"stdin": subprocess.DEVNULL if given is None else subprocess.PIPE, "stdout": sys.stderr} | more
    process = subprocess.Popen([str(word) for word in argv], **more)
    running.add(process)
    out = process.communicate(given)[0]
    running.discard(process)
    if process.returncode:
        raise Failure(f"{argv[0]} has failed, status {process.returncode}")
    return out or b""


def stop(waiting: threading.Thread) -> None:
    """Ends the commands that a thread waits for. unshare, for one, does not heed the first signal; sudo heeds none of ours."""
    for end in (signal.SIGTERM, signal.SIGKILL):
        for process in [*running] if waiting.is_alive() else []:
            with contextlib.suppress(PermissionError):
                process.send_signal(end)
        waiting.join(5)


def output(*argv: object, **more: Any) -> str:
    """What the command prints."""
    return run(*argv, stdout=subprocess.PIPE, **more).decode()


def needs(packages: str) -> None:
    """Packages that a step needs on this machine; only what is missing is installed."""
    run(TESTS / "vm/host-packages", *packages.split())


def main(work: Callable[[], int]) -> None:
    """The end of a program, which WORK is."""
    # What guests say may be no text of this machine's.
    sys.stdout.reconfigure(errors="replace")
    try:
        sys.exit(work())
    except Failure as why:
        print(f"Bail out! {why}", flush=True)
        say(why)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
