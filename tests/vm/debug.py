# SPDX-License-Identifier: GPL-2.0
"""Kernels that notice mistakes: "debug-6.12" has what notices mistakes with memory, locks and contexts, "kcsan-7.3" what notices
races. Where a function takes a kernel it may be such a name, a version ("6.12.117-debug-34d24134"), or a label of the matrix."""
from . import source

KEPT = "Makefile .config Module.symvers include scripts arch/x86/Makefile* arch/x86/include tools/objtool/objtool"


def is_debug(kernel: str) -> bool:
    return is_whole(kernel) or "kcsan" in kernel


def is_whole(kernel: str) -> bool:
    """With all of config/debug.config: it makes faults, and tells which places of the module a request has reached."""
    return "debug" in kernel


def factor(kernel: str) -> int:
    """How many times longer than on another kernel anything may take there."""
    return 5 if is_debug(kernel) else 1


def append(kernel: str) -> str:
    """For the kernel's command line: one access of so many is watched, for so many microseconds. That leaves the module a tenth of its
    speed, and finds a race between two packets in seconds (see ../long/races-seen.t)."""
    return "kcsan.skip_watch=20 kcsan.udelay_task=200 kcsan.udelay_interrupt=200" if "kcsan" in kernel else ""


def kind(name: str) -> source.Kind:
    what, series = name.split("-")
    # Of all accesses a few are watched: those of the module, which is built later, and none of the kernel's.
    return source.Kind(source.config(series, "machine", what), "bzImage", "arch/x86/boot/bzImage", KEPT,
                       ("KCSAN_SANITIZE=n",) if what == "kcsan" else ())
