# SPDX-License-Identifier: GPL-2.0
"""Kernels of Debian in emulated machines, and the tests in them. What everything stands on: command, cache, suite. What a machine is made
of, and a machine: kernel, debug, uml, module, system, image, qemu. What a run is to do, and how it is done: testcase, matrix, options, queue,
crew, report."""
import pathlib

TESTS = pathlib.Path(__file__).resolve().parents[1]
REPO = TESTS.parent
# Of the modes of a machine (see qemu.py), those whose time is the number of executed instructions.
COUNTED = ("icount", "clock")
