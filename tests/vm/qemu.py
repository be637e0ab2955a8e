# SPDX-License-Identifier: GPL-2.0
"""One virtual machine: serial port 0 is the kernel's console (a file), serial port 1 is how host and guest talk. One more port may
be a terminal. Always TCG: KVM may be present and yet hang. Of architecture "um" it is no machine, but a kernel that is a program (uml.py)."""
import contextlib
import os
import pathlib
import select
import subprocess
import time

from . import COUNTED, uml


def arguments(console: pathlib.Path, kernel: pathlib.Path, initrd: pathlib.Path, mode: str, mem: str, append: str = "", *,
              arch: str = "amd64", disk: str = "", terminal: str = "") -> list[str]:
    """The command of a machine that talks on standard input and output. MODE is smp, up (one processor), or
    one of those whose time is the number of executed instructions: icount, and clock, which is otherwise like up."""
    if arch == "um":
        return ["setpriv", "--pdeathsig", "KILL", *uml.arguments(console, kernel, initrd, mode, mem, append)]
    if arch == "amd64":
        # Where instructions are counted, rep movsb would count as one per byte, hence no erms, fsrm.
        cpu = "max,-erms,-fsrm" if mode == "icount" else "Westmere,+fsgsbase,+rdrand,-vme"
        machine = f"qemu-system-x86_64 -cpu {cpu} -serial file:{console} -serial chardev:talk"
        append += " console=ttyS0 lab.talk=ttyS1 lab.terminal=ttyS2"
    else:
        # Pointer authentication as the architecture has it would take most of the emulator's time.
        machine = f"qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -serial file:{console} -device pci-serial,chardev=talk"
        append += " console=ttyAMA0 lab.talk=ttyS0"
    if terminal:
        machine += f" -serial chardev:terminal -chardev pipe,id=terminal,path={terminal}"
    machine += " -accel tcg,thread=multi -smp 2" if mode == "smp" else " -accel tcg,thread=single -smp 1"
    machine += " -icount shift=0,sleep=off -rtc clock=vm" * (mode in COUNTED)
    # Nobody attacks an emulated processor by how long it takes, nor does it need a fifth level of page tables. Counted figures were
    # taken with both. QEMU translates code again that is at another address, as programs and libraries would be each time.
    append += " norandmaps" + " mitigations=off no5lvl" * (mode != "icount")
    if disk:
        machine += f" -drive file={disk},format=raw,if=virtio,cache=unsafe"
    # The machine must not outlive the thread that talks to it.
    return [*f"setpriv --pdeathsig KILL {machine} -m {mem} -nodefaults -display none -no-reboot -kernel {kernel} -initrd {initrd}".split(),
            "-chardev", "stdio,id=talk,signal=off", "-append", f"panic=-1 oops=panic quiet random.trust_cpu=on rdinit=/init {append}"]


class Machine:
    """A machine that runs."""

    def __init__(self, console: pathlib.Path, argv: list[str]) -> None:
        self._console, self._errors, self._heard = console, pathlib.Path(f"{console}.qemu"), b""
        console.touch()
        self._errors.touch()
        # The standard error of a kernel that is a program is its console.
        with open(self._errors if any("qemu" in word for word in argv[:4]) else console, "wb") as errors:
            self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=0)

    def line(self, seconds: float) -> str:
        """What the guest says next; EOFError when it is gone, TimeoutError when it says nothing in time."""
        end = time.monotonic() + seconds
        while b"\n" not in self._heard:
            if not select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError
            more = self._process.stdout.read(1 << 16)
            if not more:
                raise EOFError
            self._heard += more
        line, self._heard = self._heard.split(b"\n", 1)
        return line.rstrip(b"\r").decode(errors="replace")

    def say(self, text: str) -> None:
        # The guest may have closed its end already.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{text}\n".encode())

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def worked(self) -> float:
        """The seconds that it has had of a processor of this machine, until it is stopped."""
        fields = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def console(self) -> list[str]:
        return self._console.read_text(errors="replace").replace("\r", "").splitlines()

    def tail(self, count: int = 15) -> list[str]:
        """The end of the console, and what the emulator has to say."""
        return [line[:300] for line in self.console()[-count:]] + self._errors.read_text(errors="replace").splitlines()
