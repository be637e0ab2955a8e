"""Memory that is denied, to a control group or to all TCP sockets, and workers that get no processor."""
import contextlib
import os
import signal

from .check import cleanups, fail, wait_for
from .fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS
from .net import TCP, connected, netns

GROUPS = "/run/lab-groups"


class Memory:
    """What sockets may have, as a file of the kernel says."""

    def __init__(self, file, denied, allowed):
        self.file, self.denied, self.allowed = file, denied, allowed

    def limit(self, value):
        with open(self.file, "w") as most:
            most.write(value)

    def deny(self):
        self.limit(self.denied)

    def allow(self):
        self.limit(self.allowed)


class Group(Memory):
    """The sockets of a control group, of version 2."""

    def __init__(self, path):
        super().__init__(path + "/memory.max", "4096", "max")
        self.path = path

    @contextlib.contextmanager
    def inside(self):
        """Sockets that are made here belong to the group."""
        self.move(self.path)
        try:
            yield
        finally:
            self.move(GROUPS)

    @staticmethod
    def move(path):
        with open(path + "/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))

    def slab(self):
        """What its processes have made the kernel keep, in bytes."""
        with open(self.path + "/memory.stat") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("slab "))

    def denials(self):
        with open(self.path + "/memory.events") as events:
            return next(int(line.split()[1]) for line in events if line.startswith("max "))


class Machine(Memory):
    """All TCP sockets."""

    def __init__(self):
        file = "/proc/sys/net/ipv4/tcp_mem"
        with open(file) as limits:
            super().__init__(file, "1 1 1", limits.read())

    def inside(self):
        return contextlib.nullcontext()

    def denials(self):
        """How often all have begun to have too much."""
        found = 0
        for ns in (NEAR, FAR):
            with netns(ns), open("/proc/thread-self/net/netstat") as lines:
                names, values = (line.split() for line in lines if line.startswith("TcpExt:"))
            found += int(dict(zip(names, values))["TCPMemoryPressures"])
        return found


@contextlib.contextmanager
def group_made():
    os.makedirs(GROUPS, exist_ok=True)
    if os.system("mount -t cgroup2 none %s" % GROUPS):
        fail("no cgroup2")
    group = GROUPS + "/lab"

    def end():
        cleanups.remove(end)
        os.rmdir(group)
        os.system("umount " + GROUPS)
    try:
        with open(GROUPS + "/cgroup.subtree_control", "w") as control_file:
            control_file.write("+memory")
        os.mkdir(group)
        cleanups.append(end)
        yield Group(group)
    finally:
        # The group is charged until the last packet of its sockets is freed, and can go before that.
        wait_for("the group goes", 10, lambda: not os.system("rmdir %s 2>/run/lab-rmdir" % group))
        cleanups.remove(end)
        os.system("umount " + GROUPS)


@contextlib.contextmanager
def machine_made():
    """Each processor may have a megabyte that is not counted: other sockets have some more of it."""
    machine = Machine()
    cleanups.append(machine.allow)
    hogs = [connected(NEAR, NEAR_ADDRESS, TCP, FAR, FAR_ADDRESS) for _ in range(10)]
    for hog, _ in hogs:
        hog.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            hog.sendall(bytes(1 << 24))
    try:
        yield machine
    finally:
        cleanups.remove(machine.allow)
        machine.allow()
        for pair in hogs:
            for sock in pair:
                sock.close()


@contextlib.contextmanager
def starved():
    """Workers have a processor that is busy with something more important; this process has the other one."""
    def write(file, text):
        with open(file, "w") as setting:
            setting.write(text)

    def end():
        cleanups.remove(end)
        os.kill(hog, signal.SIGKILL)
        os.waitpid(hog, 0)
        for file, text in before.items():
            write(file, text)
        os.sched_setaffinity(0, range(os.cpu_count()))
    before = {}
    for file in ("/proc/sys/kernel/sched_rt_runtime_us", "/sys/devices/virtual/workqueue/cpumask"):
        with open(file) as setting:
            before[file] = setting.read()
    last = os.cpu_count() - 1
    os.sched_setaffinity(0, {0})
    write("/sys/devices/virtual/workqueue/cpumask", "%x" % (1 << last))
    write("/proc/sys/kernel/sched_rt_runtime_us", "-1")
    hog = os.fork()
    if not hog:
        os.sched_setaffinity(0, {last})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        while True:
            pass
    cleanups.append(end)
    try:
        wait_for("the hog runs", 10, lambda: os.sched_getscheduler(hog) == os.SCHED_FIFO)
        yield
    finally:
        end()
