# topic: each allocation of a request fails once: the request says so, nothing is kept, and the next one succeeds; traffic outlives faults
# kernels: debug
# timeout: 240
import contextlib
import errno
import os
import time

from engine import module
from engine.check import equal, errno_of, fail, name, need, note, run
from engine.datagram import UdpPeer, near_socket
from engine.doors import MP, P2P, PRIMARY, SECONDARY
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP, connected
from engine.wire import AES_GCM, CHACHA20_POLY1305, Key

MODULE = "/sys/module/ovpn_dco_mptcp"
# What makes allocations fail: of the slab, of pages.
KINDS = ("failslab", "fail_page_alloc")


def knob(kind, setting, value):
    path = "/sys/kernel/debug/%s/%s" % (kind, setting)
    if os.path.exists(path):
        with open(path, "w") as file:
            file.write(str(value))


@contextlib.contextmanager
def faults(probability=0):
    """Allocations of the module, and of what it calls, fail: that one which a task has chosen, or so many in a hundred."""
    start, end = module.text()
    for kind in KINDS:
        # Silent: a report of a fault would look like one of a mistake. "tests/run --set FAULTS_VERBOSE=2" has them.
        for setting, value in (("verbose", os.environ.get("FAULTS_VERBOSE") or 0), ("ignore-gfp-wait", "N"), ("min-order", 0), ("stacktrace-depth", 32),
                               ("require-start", "0x%x" % start), ("require-end", "0x%x" % end), ("task-filter", "N"),
                               ("interval", 1), ("space", 0), ("times", -1), ("probability", probability)):
            knob(kind, setting, value)
    try:
        yield
    finally:
        for kind in KINDS:
            for setting in ("probability", "require-start", "require-end"):
                knob(kind, setting, 0)


def fail_nth(number):
    """This thread's allocation of that number from now on fails; returns what is left of the count."""
    file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    try:
        left = int(os.pread(file, 20, 0))
        os.pwrite(file, b"%d" % number, 0)
    finally:
        os.close(file)
    return left


def attempt(number, action):
    """The errno of an action whose allocation of that number fails; None if it has not so many."""
    fail_nth(number)
    try:
        action()
        got = 0
    except OSError as err:
        got = err.errno
    return None if fail_nth(0) else got


def each(what, action, changed, undo):
    """The action fails cleanly wherever memory may be short, or gets by without; then nothing has changed, or all."""
    number, refused = 1, 0
    while True:
        got = attempt(number, action)
        if got is None:
            break
        if got:
            if got != errno.ENOMEM:
                fail("%s: allocation %d fails: %s" % (what, number, name(got)))
            left = changed()
            if left:
                fail("%s: allocation %d fails, and there is %s" % (what, number, left))
            refused += 1
        else:
            undo()
        number += 1
        if number > 500:
            fail("%s: no end of allocations" % what)
    note("%s: %d allocations, %d of them refuse the request" % (what, number - 1, refused))
    need(what + ": there were faults", refused)
    undo()


def somebody(tunnel):
    """What says that there is a peer, or that there was one."""
    return lambda: tunnel.door.peer_dump(tunnel.index) or tunnel.deletions()


def delete(tunnel):
    def undo():
        tunnel.door.peer_del(tunnel.index, 1)
        tunnel.deletions(0.05)
    return undo


def peer_new():
    """PEER_NEW, on each transport, in both modes; the socket is an ordinary one after each refusal"""
    for mode, args in ((P2P, {}), (MP, {"vpn4": VPN_FAR, "vpn6": "fd08::2"})):
        with Tunnel(mode) as tunnel, faults():
            for what, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
                pair = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)

                def attach():
                    tunnel.door.peer_new(tunnel.index, id=1, fd=pair[0].fileno(), **args)

                def changed():
                    pair[1].send(b"still")
                    pair[0].settimeout(10)
                    got = pair[0].recv(100)
                    return somebody(tunnel)() or (got != b"still" and got)

                def undo():
                    # A socket that has had a peer is at its end.
                    nonlocal pair
                    delete(tunnel)()
                    for sock in pair:
                        sock.close()
                    pair = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
                each("PEER_NEW over %s, mode %d" % (what, mode), attach, changed, undo)
                peer = Peer(tunnel, 1, pair=pair, **args)
                peer.passes("afterwards")
                peer.close()
                tunnel.deletions(0.05)


def peer_new_udp():
    """PEER_NEW over UDP"""
    with Tunnel(MP) as tunnel, faults():
        near = near_socket()
        far = near_socket()
        port = far.getsockname()[1]
        each("PEER_NEW over UDP",
             lambda: tunnel.door.peer_new(tunnel.index, id=1, fd=near.fileno(), remote4=NEAR_ADDRESS, port=port, vpn4=VPN_FAR),
             somebody(tunnel), delete(tunnel))
        far.close()
        peer = UdpPeer(tunnel, near, 1, vpn4=VPN_FAR)
        peer.passes("afterwards")
        peer.close()
        near.close()


def key_new():
    """KEY_NEW: the key that was there stays"""
    with Tunnel(P2P) as tunnel, faults():
        for cipher in ((AES_GCM, 32), (CHACHA20_POLY1305, 32)):
            peer = Peer(tunnel, 1, cipher=cipher)
            other = Key(1, *cipher)

            def keys():
                found = [errno_of(tunnel.door.key_get, tunnel.index, 1, slot)[0] for slot in (PRIMARY, SECONDARY)]
                return found != [0, errno.ENOENT] and found
            each("KEY_NEW, cipher %d" % cipher[0], lambda: tunnel.door.key_new(tunnel.index, 1, SECONDARY, other), keys,
                 lambda: tunnel.door.key_del(tunnel.index, 1, SECONDARY))
            peer.passes("the first key")
            peer.close()
            other.close()
            tunnel.deletions(0.05)


def set_sock():
    """SET_SOCK: the peer stays where it was"""
    with Tunnel(P2P) as tunnel, faults():
        for protocol in (MPTCP, TCP):
            peer = Peer(tunnel, 1)
            pair = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)

            def move(sock=pair[0]):
                tunnel.door.set_sock(tunnel.index, id=1, fd=sock.fileno())

            def stays():
                peer.passes("where it was")
                return tunnel.deletions()

            def back():
                # Taken away, a socket is at its end: a new connection for the next try.
                nonlocal pair
                peer.near, peer.far, was = pair[0], pair[1], (peer.near, peer.far)
                peer.records.rest, peer.waiting = b"", []
                peer.passes("moved")
                for sock in was:
                    sock.close()
                pair = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
            each("SET_SOCK", lambda: move(pair[0]), stays, back)
            for sock in pair:
                sock.close()
            peer.close()
            tunnel.deletions(0.05)


def traffic():
    """one allocation in ten fails under traffic: packets are lost and counted, peers live or end properly"""
    for protocol in (MPTCP, TCP):
        with Tunnel(P2P) as tunnel:
            peer = Peer(tunnel, 1, protocol)
            peer.passes("before")
            tunnel.inner.setblocking(False)
            peer.far.settimeout(0.05)
            with faults(10):
                end = time.monotonic() + 10
                while time.monotonic() < end:
                    with contextlib.suppress(OSError):
                        for size in (1, 500, 1300):
                            tunnel.send(bytes(size))
                            peer.far.send(peer.data(bytes(size)))
                        peer.far.recv(1 << 16)
            told = tunnel.deletions(0.2)
            if told:
                note("the peer ended: %s" % told)
                equal("told once", len(told), 1)
            else:
                note("drops: %s" % peer.drops())
                # Whole records still come out.
                end = time.monotonic() + 2
                while time.monotonic() < end:
                    with contextlib.suppress(OSError):
                        peer.records.feed(peer.far.recv(1 << 16))
            peer.close()
            peer = Peer(tunnel, 2, protocol)
            tunnel.inner.setblocking(False)
            while tunnel.received(0) is not None:
                pass
            peer.passes("afterwards")
            peer.close()


run((peer_new, peer_new_udp, key_new, set_sock, traffic))
