# topic: 500 peers under load go one by one, with their device, or with their sockets: in time, and each is told once
# kernels: first
# vm: smp
# timeout: 120
import contextlib
import errno
import os
import resource
import signal
import socket
import time

from engine.check import SLOW, equal, errno_of, need, note, refused, run, wait_for
from engine.doors import MP, PRIMARY, V2, Native
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, PORT, Tunnel
from engine.net import MPTCP, TCP, connected, listening
from engine.wire import Key

COUNT = 500
SO_RCVBUFFORCE = 33
# All peers have the same key: a key of the test takes four descriptors.
key = Key()
pairs = []
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))


def vpn(i):
    return "10.8.%d.%d" % (1 + i // 200, 1 + i % 200)


def connections():
    """All of them once: a socket whose peer is gone can carry the next one."""
    for protocol, numbers in ((TCP, range(COUNT * 9 // 10)), (MPTCP, range(COUNT * 9 // 10, COUNT))):
        listener = listening(FAR, FAR_ADDRESS, protocol)
        pairs.extend(connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS, listener=listener) for _ in numbers)
        listener.close()


@contextlib.contextmanager
def load(tunnel):
    """Another process sends to all peers in turn, thousands of packets a second, whatever becomes of them."""
    begun, begin = os.pipe()
    pid = os.fork()
    if pid == 0:
        for pair in pairs:
            for sock in pair:
                sock.close()
        os.write(begin, b"x")
        while True:
            for i in range(COUNT):
                errno_of(tunnel.inner.sendto, bytes(1000), (vpn(i), PORT))
                if i % 50 == 0:
                    time.sleep(0.002)
    try:
        os.read(begun, 1)
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(begun)
        os.close(begin)


def crowd(door):
    """A device with a peer on each connection."""
    tunnel = Tunnel(MP, door, address="10.8.0.1/16")
    tunnel.watcher.family.nl.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    for i, (near, _) in enumerate(pairs):
        tunnel.door.peer_new(tunnel.index, id=i, fd=near.fileno(), vpn4=vpn(i))
        tunnel.door.key_new(tunnel.index, i, PRIMARY, key)
    return tunnel


def carried(tunnel):
    """How many peers have something on its way."""
    return sum(peer["link_tx_packets"] > 0 for peer in tunnel.door.peer_dump(tunnel.index))


def each_told_once(what, tunnel, reason):
    found = []

    def all_told():
        found.extend(tunnel.deletions(0.05))
        return len(found) >= COUNT
    wait_for("%s: %d notifications" % (what, COUNT), 10, all_told, lambda: len(found))
    found.extend(tunnel.deletions(0.2))
    equal(what + ": each is told once", sorted(found), [(i, reason) for i in range(COUNT)])


def timed(what, action):
    start = time.monotonic()
    action()
    took = time.monotonic() - start
    note("%s: %d peers under load took %.2f s" % (what, COUNT, took))
    return took


def one_by_one():
    """a burst of PEER_DEL while packets flow"""
    connections()
    with crowd(Native) as tunnel:
        with load(tunnel):
            wait_for("all peers are under load", 30, lambda: carried(tunnel) == COUNT, lambda: carried(tunnel))
            timed("PEER_DEL", lambda: [tunnel.door.peer_del(tunnel.index, i) for i in range(COUNT)])
            each_told_once("PEER_DEL", tunnel, "userspace")
        equal("peers that are left", tunnel.door.peer_dump(tunnel.index), [])


def with_the_device():
    """ip link del while packets flow, on the door of OpenVPN 2.6"""
    tunnel = crowd(V2)
    with load(tunnel):
        wait_for("all peers are under load", 30, lambda: carried(tunnel) == COUNT, lambda: carried(tunnel))
        took = timed("ip link del", tunnel.dev.delete)
        need("in time", took < 2 * SLOW, took)
        each_told_once("ip link del", tunnel, "teardown")
    refused("the device is gone", errno.ENODEV, tunnel.door.peer_get, tunnel.index, 1)
    tunnel.hang_up()


def with_their_sockets():
    """all sockets are closed while packets flow"""
    with crowd(Native) as tunnel:
        with load(tunnel):
            wait_for("all peers are under load", 30, lambda: carried(tunnel) == COUNT, lambda: carried(tunnel))
            timed("close", lambda: [near.close() for near, _ in pairs])
            each_told_once("close", tunnel, "disconnect")
        equal("peers that are left", tunnel.door.peer_dump(tunnel.index), [])
    for _, far in pairs:
        far.close()
    pairs.clear()


run((one_by_one, with_the_device, with_their_sockets))
