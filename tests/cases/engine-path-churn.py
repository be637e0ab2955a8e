# topic: a path comes and goes 200 times under load, announced by either side: no byte is lost, and both paths carry
# paths: 2
# kernels: first
# vm: smp
# timeout: 120
import os
import subprocess
import time

from engine.check import need, note, run, wait_for
from engine.ends import Ends
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS
from engine.net import ip
from engine.paths import allow_subflows, shape

TIMES = 100
# For a path to live: long enough to carry, for a handshake, or for less.
LIVES = (0.002, 0.05, 0.01, 0.3, 0.0)


def churn(what, ns, add, arrived):
    """One process of ip makes and removes the endpoint that many times; without an id, which the kernel may have given to the
    address of a path that came in."""
    batch = subprocess.Popen(["ip", "-n", ns, "-batch", "-"], stdin=subprocess.PIPE)
    for i in range(TIMES):
        for word, pause in ((add, LIVES[i % len(LIVES)]), (b"flush", 0.005)):
            batch.stdin.write(b"mptcp endpoint " + word + b"\n")
            batch.stdin.flush()
            time.sleep(pause)
        # Not against a flow that stands still.
        before = sum(arrived())
        wait_for("%s %d: the load goes on" % (what, i), 30, lambda: sum(arrived()) > before)
    batch.stdin.close()
    need(what + ": ip did it all", batch.wait() == 0)


def link_bytes(path):
    text = subprocess.run(["ip", "-n", NEAR, "-s", "-o", "link", "show", "p%dc" % path], check=True, capture_output=True).stdout
    words = text.split(b"\\")
    return sum(int(words[i + 1].split()[0]) for i, word in enumerate(words) if b"X:" in word and i + 1 < len(words))


def endless_change():
    """the near end's own second address, then the far end's"""
    allow_subflows()
    ip("-n", NEAR, "rule", "add", "from", "10.1.2.2", "table", "2")
    ip("-n", NEAR, "route", "add", FAR_ADDRESS, "via", "10.1.2.1", "dev", "p2c", "table", "2")
    # One is not enough, so there is work for the other as soon as it is there.
    shape(1, "8mbit", "2ms")
    shape(2, "40mbit", "2ms")
    ends = Ends()
    with ends.flowing() as arrived:
        wait_for("there is load", 10, lambda: min(arrived()) > 1 << 18, arrived)
        for what, ns, add in (("near", NEAR, b"add 10.1.2.2 dev p2c subflow"), ("far", FAR, b"add 10.1.2.1 dev p2s signal")):
            before = [link_bytes(path) for path in (1, 2)]
            churn(what, ns, add, arrived)
            used = [link_bytes(path) - had for path, had in zip((1, 2), before)]
            note("%s: path 1 carried %.1f MB, path 2, %d times up and down, %.1f MB" % (what, used[0] / 1e6, TIMES, used[1] / 1e6))
            need(what + ": both paths carried", min(used) > 1 << 16, used)
        note("%d MB arrived" % (sum(arrived()) >> 20))
    ends.works("afterwards")
    ip("-n", NEAR, "mptcp", "endpoint", "add", "10.1.2.2", "dev", "p2c", "subflow")
    wait_for("a path that stays", 30, lambda: ends.state(ends.near)["subflows"] == 2)
    ends.works("on two paths")
    ip("netns", "exec", NEAR, "ss", "-K", "-tn", "src", NEAR_ADDRESS, "dst", FAR_ADDRESS)
    ends.works("without the first path")
    # Before 6.8 the kernel does not tell that the first one is gone.
    counts = 1 if tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 8) else 2
    wait_for("paths that are counted: %d" % counts, 30, lambda: ends.state(ends.near)["subflows"] == counts)
    ends.close()


run((endless_change,))
