"""What the kernel has left, and who listens for a flow."""
import gc
import subprocess
import time

from .check import wait_for


def iperf_serve(ns, *options):
    """The server of iperf3, when it listens."""
    server = subprocess.Popen(("ip", "netns", "exec", ns, "iperf3", "-s", *options), stdout=subprocess.DEVNULL)
    wait_for("iperf3 listens", 10, lambda: subprocess.run(
        ("ip", "netns", "exec", ns, "ss", "-Hltn", "sport = :5201"), capture_output=True).stdout)
    return server


def free_kib():
    """What is free, when nothing is cached and RCU has freed what it was given: when it grows no more."""
    last = 0
    gc.collect()

    def steady():
        nonlocal last
        with open("/proc/sys/vm/drop_caches", "w") as drop:
            drop.write("3")
        time.sleep(0.5)
        with open("/proc/meminfo") as lines:
            had, last = last, next(int(line.split()[1]) for line in lines if line.startswith("MemFree"))
        return last <= had + 16
    wait_for("memory is steady", 20, steady)
    return last
