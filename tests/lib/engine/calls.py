"""Calls of the module that fail, by tests/faults."""
import contextlib
import functools
import subprocess

from . import module
from .check import cleanups

MODULE = "/lab/call_faults.ko"
KNOBS = "/sys/module/call_faults/parameters/"


def _set(knob, value):
    with open(KNOBS + knob, "w") as file:
        file.write("%s\n" % value)


def _count(knob):
    with open(KNOBS + knob) as file:
        return int(file.read())


def calls():
    """How often the function was called since then."""
    return _count("calls")


def failed():
    """And how often it failed."""
    return _count("failed")


def _unload():
    cleanups.remove(_unload)
    subprocess.run(("rmmod", "call_faults"), check=True)


@functools.cache
def _symbols():
    with open("/proc/kallsyms") as symbols:
        return {line.split()[2] for line in symbols}


def _symbol(function):
    """What allocates is a macro since Linux 6.10, and this the function behind it."""
    behind = "__%s_noprof" % function
    return behind if behind in _symbols() else function


def exists(function):
    """Whether this kernel has it: without security modules their hooks are nothing."""
    return _symbol(function) in _symbols()


@contextlib.contextmanager
def faults():
    """Within this calls can fail."""
    subprocess.run(("insmod", MODULE), check=True)
    cleanups.append(_unload)
    start, end = module.text()
    _set("start", start)
    _set("end", end)
    try:
        yield
    finally:
        _unload()


@contextlib.contextmanager
def failing(function, error, nth=0, every=0):
    """The module's calls of this function end with the error: the call of that number, or of each multiple of that number."""
    for knob, value in (("error", -error), ("nth", nth), ("every", every)):
        _set(knob, value)
    _set("function", _symbol(function))
    try:
        yield
    finally:
        _set("function", "")
