"""Runs a command, and says what else this machine did meanwhile.

  load.py FILE COMMAND...

FILE gets, as JSON: seconds, and of them, in processors, what programs took that are not the command's, and what the hypervisor
gave to other machines. The status is the command's."""
import json
import os
import subprocess
import sys
import time

TICK = os.sysconf("SC_CLK_TCK")
INTERVAL = 0.5


def machine():
    """Seconds since it started: busy, and stolen."""
    with open("/proc/stat") as text:
        user, nice, system, _idle, _wait, irq, softirq, steal = [int(word) / TICK for word in text.readline().split()[1:9]]
    return user + nice + system + irq + softirq, steal


def processes():
    """Of each: its parent, and seconds, with those of children that it has waited for."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as text:
                words = text.read().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[int(pid)] = int(words[1]), sum(int(word) for word in words[11:15]) / TICK
    return found


def own(root):
    """Seconds of a process and all that come from it."""
    known = processes()
    children = {}
    for pid, (parent, _) in known.items():
        children.setdefault(parent, []).append(pid)
    total, todo = 0.0, [root]
    while todo:
        pid = todo.pop()
        total += known.get(pid, (0, 0.0))[1]
        todo += children.get(pid, [])
    return total


def main(path, *command):
    began, (busy, steal) = time.monotonic(), machine()
    # Of a process that is killed what its own children had is lost, so the sum may fall.
    ours = spent = own(os.getpid())
    run = subprocess.Popen(command)
    while True:
        try:
            status = run.wait(INTERVAL)
        except subprocess.TimeoutExpired:
            status = None
        now = own(os.getpid())
        spent += max(0.0, now - ours)
        ours = now
        if status is not None:
            break
    seconds, (busy_now, steal_now) = time.monotonic() - began, machine()
    with open(path, "w") as out:
        json.dump({"seconds": seconds, "other": max(0.0, busy_now - busy - spent) / seconds, "steal": (steal_now - steal) / seconds}, out)
    return status


sys.exit(main(*sys.argv[1:]))
