# topic: pings go out after the interval of silence, the peer expires after the timeout; each works without the other
# vm: clock
# timeout: 120
import errno
import socket
import time

from engine.check import equal, errno_of, fail, need, note, refused, run, wait_for
from engine.doors import MP, P2P, V2, Native
from engine.fixture import VPN_FAR, Peer, Tunnel, tight_pair
from engine.net import MPTCP, TCP
from engine.wire import PING, control, record

DOORS = (Native, V2)


def expect_ping(what, peer, seconds):
    packet = peer.far_record(seconds)
    if packet is None:
        fail(what + ": no ping within %s s" % seconds)
    plain = peer.key.open(packet)[3]
    equal(what + ": is a ping", plain, PING)
    equal(what + ": length of the record", len(packet), 40)


def only_interval():
    """interval 1, timeout 0: pings each second of silence, never an expiry"""
    for door in DOORS:
        with Tunnel(MP, door) as tunnel:
            peer = Peer(tunnel, 1, vpn4=VPN_FAR)
            equal("nothing by itself", peer.far_record(1.5), None)
            tunnel.door.peer_set(tunnel.index, id=1, interval=1, timeout=0)
            start = time.monotonic()
            for i in range(3):
                expect_ping("ping %d" % i, peer, 3)
            took = time.monotonic() - start
            note("%s: 3 pings at an interval of 1 s: %.2f s" % (door.__name__, took))
            need("3 pings at an interval of 1 s take 3 s", 2.5 < took < 5, took)
            # What is sent stands for a ping.
            end = time.monotonic() + 2.5
            while time.monotonic() < end:
                tunnel.send(b"busy")
                packet = peer.far_record(5)
                need("no ping while packets are sent", peer.key.open(packet)[3] != PING)
                time.sleep(0.2)
            tunnel.door.peer_set(tunnel.index, id=1, interval=0, timeout=0)
            pings = 3
            # A slow machine may have been silent for a second before that.
            while (packet := peer.far_record(0.2)) is not None:
                equal("nothing but pings", peer.key.open(packet)[3], PING)
                pings += 1
            equal("off again", peer.far_record(2), None)
            state = peer.get()
            equal("pings do not count as packets sent", state["vpn_tx_packets"], state["link_tx_packets"] - pings)
            equal("nothing was told", tunnel.deletions(), [])
            peer.close()
    for protocol in (MPTCP, TCP):
        with Tunnel(MP) as tunnel:
            peer = Peer(tunnel, 1, protocol, key=False, vpn4=VPN_FAR, interval=1, timeout=0)
            equal("no key, no ping", peer.far_record(2.5), None)
            peer.install(peer.key)
            expect_ping("given with the peer", peer, 3)
            peer.close()


def only_timeout():
    """interval 0, timeout 2: expires after 2 s without authentic traffic, told once, and no ping is sent"""
    for door in DOORS:
        with Tunnel(MP, door) as tunnel:
            peer = Peer(tunnel, 1, vpn4=VPN_FAR)
            peer.passes("before")
            tunnel.door.peer_set(tunnel.index, id=1, interval=0, timeout=2)
            # Each of these is life: data, and a ping; a forged or replayed packet is not.
            for i in range(4):
                time.sleep(0.8)
                peer.far_send(record(peer.key.seal(PING)) if i % 2 else peer.data(b"alive"))
            equal("alive after 3.2 s of data and pings", tunnel.deletions(), [])
            last = time.monotonic()
            forged = bytearray(peer.data(b"forged"))
            forged[-1] ^= 1
            while not (found := tunnel.deletions()):
                peer.far_send(bytes(forged) + control(b"only control"))
                if time.monotonic() - last > 6:
                    fail("forged packets and control records keep the peer alive")
                time.sleep(0.1)
            took = time.monotonic() - last
            found += tunnel.deletions(0.1)
            equal("told", found, [(1, "expired")])
            note("%s: expired %.2f s after the last authentic packet (timeout 2 s)" % (door.__name__, took))
            need("precision of 1 s", 1.5 < took < 3.2, took)
            equal("the far end got no ping", peer.far_record(0.1), None)
            # Keys are taken, without harm, until userspace lets go; the reader meets the end, in the end.
            peer.install(peer.key)

            def ended():
                while True:
                    try:
                        data = peer.read_now()
                    except BlockingIOError:
                        return False
                    if data == b"":
                        return True
            wait_for("the reader meets the end", 5, ended)
            refused("sending", errno.EPIPE, peer.near.send, control(b"x"), socket.MSG_NOSIGNAL)
            peer.delete()
            refused("gone", errno.ENOENT, peer.get)
            equal("nothing more is told", tunnel.deletions(0.1), [])
            peer.close()


def both():
    """both timers; setting them again starts them anew; a peer without a key expires, too"""
    with Tunnel(P2P) as tunnel:
        peer = Peer(tunnel, 1, key=False, interval=1, timeout=3)
        start = time.monotonic()
        time.sleep(1.5)
        tunnel.door.peer_set(tunnel.index, id=1, interval=1, timeout=3)
        tunnel.expect_deletion(1, "expired", seconds=6)
        took = time.monotonic() - start
        need("3 s after they were set again", 4.2 < took < 6, took)
        peer.close()
    with Tunnel(MP, V2) as tunnel:
        peer = Peer(tunnel, 1, vpn4=VPN_FAR)
        tunnel.door.peer_set(tunnel.index, id=1, interval=7, timeout=9)
        tunnel.door.peer_set(tunnel.index, id=1, interval=1)
        tunnel.door.peer_set(tunnel.index, id=1, timeout=1)
        state = peer.get()
        equal("v2: one of the two alone changes nothing", (state["interval"], state["timeout"]), (7, 9))
        peer.close()


def clock_set():
    """the clock is set a day forward and two back: a peer that sends lives, one that is silent expires when it should"""
    before = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()
    try:
        with Tunnel(MP) as tunnel:
            peer = Peer(tunnel, 1, vpn4=VPN_FAR, interval=1, timeout=2)
            for days in (1, -2, 1):
                time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME) + days * 86400)
                for _ in range(3):
                    time.sleep(0.5)
                    peer.far_send(peer.data(b"alive"))
                equal("told after %d days" % days, tunnel.deletions(), [])
            pings = 0
            while (packet := peer.far_record(0.01)) is not None:
                pings += peer.key.open(packet)[3] == PING
            need("a ping a second", 3 <= pings <= 6, pings)
            peer.far_send(peer.data(b"last"))
            start = time.monotonic()
            time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME) - 86400)
            tunnel.expect_deletion(1, "expired", seconds=6)
            took = time.monotonic() - start
            need("it expires after 2 s", 1.5 < took < 3.2, took)
            peer.close()
    finally:
        time.clock_settime(time.CLOCK_REALTIME, before + time.monotonic())


def full_stream():
    """a stream that nobody reads: the timeout ends it, pings do not pile up"""
    with Tunnel(MP) as tunnel:
        peer = Peer(tunnel, 1, pair=tight_pair(MPTCP), vpn4=VPN_FAR, interval=1, timeout=3)
        for _ in range(300):
            tunnel.send(bytes(1000))
        tunnel.expect_deletion(1, "expired", seconds=6)
        # Whoever is told may still write for a moment, into a stream that is being taken away.
        wait_for("sending: EPIPE", 5, lambda: errno_of(
            peer.near.send, control(b"x"), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)[0] == errno.EPIPE)
        peer.close()


run((only_interval, only_timeout, both, clock_set, full_stream))
