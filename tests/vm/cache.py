# SPDX-License-Identifier: GPL-2.0
"""The cache: everything that costs minutes is made once and kept outside the work tree. Each entry is a directory that appears by
rename, so an interrupted step leaves nothing half made. Its name has a key of all that it is made of."""
import contextlib
import fcntl
import hashlib
import inspect
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from . import command
from .command import Failure

ROOT = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "ovpn-dco-mptcp"


def key(text: str, length: int = 16) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def recipe(length: int, *parts: str | Callable) -> str:
    """The key of what these functions, by their sources, make of these texts."""
    return key("\n".join(part if isinstance(part, str) else inspect.getsource(part) for part in parts), length)


class Sources:
    """What find tells with these arguments in the directory TOP."""

    def __init__(self, top: pathlib.Path, arguments: str) -> None:
        self.top, self.names = top, sorted(command.output("find", *arguments.split(), cwd=top).splitlines())

    def digests(self) -> str:
        return command.output("sha256sum", "--", *self.names, cwd=self.top)

    def tar(self) -> bytes:
        return command.run("tar", "-cf", "-", "--", *self.names, cwd=self.top, stdout=subprocess.PIPE)


@contextlib.contextmanager
def lock(path: str) -> Iterator[None]:
    """One at a time, of all runs on this machine."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Work:
    """An entry that is being made: its directory, in which commands run, and the log of what they print."""

    def __init__(self, directory: pathlib.Path, log: BinaryIO) -> None:
        self.dir, self.log = directory, log

    def run(self, *argv: object, **more: Any) -> None:
        command.run(*argv, **({"cwd": self.dir, "stdout": self.log, "stderr": self.log} | more))

    def shell(self, script: str, *arguments: object, **more: Any) -> None:
        self.run("bash", "-e", "-o", "pipefail", "-c", script, "bash", *arguments, **more)


def make(name: str, maker: Callable[..., Any], *arguments: Any) -> pathlib.Path:
    """The entry of this name, which MAKER makes unless it is there."""
    entry = ROOT / name
    if not entry.exists():
        # Two runs may want the same entry: the second waits, then finds it.
        with lock(f"{entry}.lock"):
            if not entry.exists():
                _make(entry, maker, *arguments)
    return entry


def _make(entry: pathlib.Path, maker: Callable[..., Any], *arguments: Any) -> None:
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{entry.name}.", dir=entry.parent))
    log = pathlib.Path(f"{directory}.log")
    try:
        with open(log, "wb") as file:
            maker(Work(directory, file), *arguments)
        directory.chmod(0o755)
        directory.rename(entry)
        log.unlink()
    except (Failure, OSError) as why:
        for line in log.read_text(errors="replace").splitlines()[-40:]:
            command.say(line)
        raise Failure(f"{entry} cannot be made: {why} (log: {log})") from why
    finally:
        command.run(*command.as_root("rm", "-rf", directory))
