import contextlib
import os
import time

from engine.check import SLOW, cleanups, equal, fail, need, note, ok, run, wait_for
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP, connected
from engine.wire import payload_of

# src/early.c
EARLY_PACKETS, EARLY_BYTES = 1024, 1 << 20
GROUPS = "/run/lab-groups"


@contextlib.contextmanager
def inside(group):
    """Sockets that are made here belong to the control group."""
    with open(group + "/cgroup.procs", "w") as procs:
        procs.write(str(os.getpid()))
    try:
        yield
    finally:
        with open(GROUPS + "/cgroup.procs", "w") as procs:
            procs.write(str(os.getpid()))


@contextlib.contextmanager
def group_made():
    """A control group with a limit on memory, of version 2."""
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
        yield group
    finally:
        # The group is charged until the last packet of its sockets is freed, and can go before that.
        wait_for("the group goes", 10, lambda: not os.system("rmdir %s 2>/run/lab-rmdir" % group))
        cleanups.remove(end)
        os.system("umount " + GROUPS)


def limit(group, value):
    with open(group + "/memory.max", "w") as most:
        most.write(str(value))


def charged(group):
    with open(group + "/memory.stat") as stat:
        return next(int(line.split()[1]) for line in stat if line.startswith("sock "))


def early():
    """packets before their key: so many wait, the others are counted as lost"""
    for size, bound in ((40, EARLY_PACKETS), (1360, EARLY_BYTES // 1360)):
        with Tunnel() as tunnel:
            peer = Peer(tunnel, 1, TCP, key=False)
            wait_for("the device runs", 10, tunnel.running)
            sealed = [peer.data(bytes(size)) for _ in range(bound + 200)]
            peer.far_send(b"".join(sealed))
            wait_for("all have come", 10, lambda: peer.get()["link_rx_packets"] == len(sealed))
            lost = peer.drops().get("rx_no_key", 0)
            # Headers are inside the bound, too; and nothing waits for more than a second, which passes on a slow machine.
            most = 200 + bound // 10 if SLOW == 1 else len(sealed)
            need("of packets with %d bytes some must go" % size, 200 <= lost <= most, lost)
            peer.install(peer.key)
            arrived = 0
            while arrived < len(sealed) - lost and tunnel.received() is not None:
                arrived += 1
            gone = peer.drops().get("rx_no_key", 0)
            equal("what waited has arrived, or is counted", arrived + gone, len(sealed))
            need("none of them is lost", gone == lost or SLOW > 1, gone)
            peer.passes("after them")
            peer.close()


def both_ways(tunnel, peer, seconds):
    """As much as goes, for so long. Returns how many bytes the far end has sent, how many packets it has got, and what is left
    of the record that it was sending."""
    sent, got, rest, end = 0, 0, b"", time.monotonic() + seconds
    while time.monotonic() < end:
        tunnel.send(bytes(1300), VPN_FAR)
        rest = rest or peer.data(bytes(1300))
        peer.far.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            taken = peer.far.send(rest)
            rest, sent = rest[taken:], sent + taken
        got += peer.far_record(0.01) is not None
        tunnel.received(0.001)
    return sent, got, rest


def marked(what, receive, marker):
    """Reads until the marker comes."""
    end = time.monotonic() + 30 * SLOW
    while time.monotonic() < end:
        got = receive()
        if got and marker in got:
            ok(what)
            return
    fail(what + ": never")


def denied():
    """the group of the sockets may have no more memory: traffic stalls, no peer ends, and it goes on when there is some"""
    with group_made() as group:
        for protocol in (TCP, MPTCP):
            with Tunnel() as tunnel:
                with inside(group):
                    pair = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
                peer = Peer(tunnel, 1, protocol, pair=pair)
                peer.passes("before")
                free = both_ways(tunnel, peer, 2)
                used = charged(group)
                need("the group is charged for the sockets", used > 0, used)
                peer.far_send(free[2])
                limit(group, 4096)
                short = both_ways(tunnel, peer, 2)
                note("bytes in, packets out, in two seconds: %s, with no memory %s" % (free[:2], short[:2]))
                limit(group, "max")
                # What memory there was none for is repeated, seconds later.
                peer.far.settimeout(30 * SLOW)
                peer.far_send(short[2])
                need("nobody was told of an end", not tunnel.deletions())
                peer.far_send(peer.data(b"marker in"))
                marked("the way in goes on", tunnel.received, b"marker in")
                tunnel.send(b"marker out", VPN_FAR)
                marked("the way out goes on", lambda: payload_of(peer.key.open(peer.far_record() or fail("nothing"))[3])[2], b"marker out")
                peer.passes("after it")
                peer.close()


run((early, denied))
