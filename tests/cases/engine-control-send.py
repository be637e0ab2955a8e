# topic: records of userspace and of the kernel share a stream that is full, and never cut into each other
# timeout: 240
import errno
import os
import random
import select
import socket
import threading
import time

from engine.check import equal, fail, need, note, ok, refused, run, wait_for
from engine.doors import MP
from engine.fixture import VPN_FAR, Peer, Tunnel, tight_pair
from engine.net import MPTCP, TCP
from engine.wire import control, payload_of

NOW = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
tunnel = Tunnel(MP)
tunnel.dev.up(mtu=9000)


def peers(tiny=False):
    for what, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
        pair = tight_pair(protocol) if tiny else None
        peer = Peer(tunnel, 1, protocol, pair=pair, vpn4=VPN_FAR)
        yield what, peer
        peer.close()
        tunnel.deletions(0.1)


def writable(sock, seconds=0):
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    found = poll.poll(seconds * 1000)
    return bool(found and found[0][1] & select.POLLOUT)


def whole_records():
    """all or nothing, up to the longest record; what cannot be a record is refused"""
    for what, peer in peers():
        for size in (0, 1, 100, 1400, 9000, 65533, 65534):
            whole = control(os.urandom(size))
            equal("%s: %d bytes" % (what, len(whole)), peer.near.send(whole, NOW), len(whole))
            need("%s: %d bytes arrive" % (what, len(whole)), peer.far_record() == whole[2:])
        refused(what + ": longer than a record", errno.EMSGSIZE, peer.near.send, bytes(65538), NOW)
        equal(what + ": nothing", peer.near.send(b"", NOW), 0)
        parts = [b"\0\5", b"\x20he", b"re"]
        equal(what + ": sendmsg() of three parts", peer.near.sendmsg(parts, [], NOW), 7)
        equal(what + ": arrives as one", peer.far_record(), b"\x20here")
        equal(what + ": write()", os.write(peer.near.fileno(), control(b"write")), len(control(b"write")))
        equal(what + ": arrives", peer.far_record(), control(b"write")[2:])


def no_signal():
    """sending after the end: EPIPE"""
    for what, peer in peers():
        peer.delete()
        refused(what + ": removed peer", errno.EPIPE, peer.near.send, control(b"late"), NOW)
        need(what + ": poll tells to write, which tells the end", writable(peer.near))


# What a tight connection and the module may hold together, generously.
HELD_MAX = 400000


def fill(peer, taken):
    """Control records until no more are taken; true if some were."""
    before = len(taken)
    while sum(map(len, taken)) < HELD_MAX:
        whole = control(b"%06d" % len(taken) + os.urandom(random.choice((40, 1200))))
        try:
            if peer.near.send(whole, NOW) != len(whole):
                fail("a record was taken in part")
        except BlockingIOError:
            return len(taken) > before
        taken.append(whole)
    fail("%d records were taken by a stream that nobody reads" % len(taken))


def room_comes_and_goes():
    """EAGAIN and no EPOLLOUT when nothing more is taken; both end when the remote reads; a blocking send waits"""
    for what, peer in peers(tiny=True):
        need(what + ": writable", writable(peer.near))
        taken = []
        # The writer takes from the queue what the sockets have room for; after that it must stay full.
        quiet = time.monotonic()
        while time.monotonic() - quiet < 0.5:
            if fill(peer, taken):
                quiet = time.monotonic()
            time.sleep(0.01)
        note("%s: %d records, %d bytes were taken" % (what, len(taken), sum(map(len, taken))))
        need(what + ": full: not writable", not writable(peer.near))
        refused(what + ": full", errno.EAGAIN, peer.near.send, control(b"more"), NOW)
        edge = select.epoll()
        edge.register(peer.near, select.EPOLLOUT | select.EPOLLET)
        edge.poll(0)
        result = []

        def send_blocking():
            result.append(peer.near.send(control(b"waited")))
        peer.near.setblocking(True)
        thread = threading.Thread(target=send_blocking, daemon=True)
        thread.start()
        time.sleep(0.2)
        need(what + ": a blocking send waits", not result)
        for whole in taken:
            got = peer.far_record()
            if got != whole[2:]:
                fail("%s: a record is missing, out of order or changed: %r" % (what, got and got[:20]))
        ok("%s: all records arrive" % what)
        thread.join(5)
        equal(what + ": the blocking send ends", result, [len(control(b"waited"))])
        equal(what + ": and arrives", peer.far_record(), control(b"waited")[2:])
        need(what + ": edge-triggered EPOLLOUT", edge.poll(5))
        need(what + ": writable again", writable(peer.near, 5))
        edge.close()


def long_records():
    """records of 60 KB on a stream that is full: memory bounds them, not their number; they arrive whole"""
    for what, peer in peers(tiny=True):
        taken, quiet = [], time.monotonic()
        while time.monotonic() - quiet < 0.5:
            whole = control(b"%06d" % len(taken) + os.urandom(60000))
            try:
                equal("%s: %d" % (what, len(taken)), peer.near.send(whole, NOW), len(whole))
            except BlockingIOError:
                need(what + ": not writable", not writable(peer.near))
                time.sleep(0.01)
                continue
            taken.append(whole)
            quiet = time.monotonic()
            # 256 KB and a record wait, as much is being written, and the sockets hold some.
            need(what + ": bounded", sum(map(len, taken)) < 1 << 20, len(taken))
        note("%s: %d records of 60 KB were taken" % (what, len(taken)))
        for whole in taken:
            need(what + ": it arrives", peer.far_record() == whole[2:])
        need(what + ": writable again", writable(peer.near, 5))


class Reader:
    """The far end: reads in small pieces with pauses, checks every record."""

    def __init__(self, peer):
        self.peer, self.controls, self.data, self.last = peer, [], 0, 0

    def take(self, packet):
        if packet[0] >> 3 == 9:
            key_id, peer_id, pktid, plain = self.peer.key.open(packet)
            if pktid <= self.last:
                fail("packet id %d after %d" % (pktid, self.last))
            self.last = pktid
            self.data += 1
            _, _, payload = payload_of(plain)
            if payload[8:] != payload[:8] * (len(payload) // 8 - 1):
                fail("a data packet is changed")
        else:
            self.controls.append(packet)

    def run(self, quiet=1.0):
        """Until nothing has come for so long."""
        far = self.peer.far
        while True:
            far.settimeout(quiet)
            try:
                data = far.recv(random.choice((1, 100, 1000, 5000, 60000)))
            except TimeoutError:
                return
            if not data:
                fail("the far end meets the end of the stream")
            for packet in self.peer.records.feed(data):
                self.take(packet)


def nothing_cuts_in():
    """a small send buffer, a remote that reads in bursts, large packets and control records at the same time"""
    for what, peer in peers(tiny=True):
        reader = Reader(peer)
        sent, refused_count = [], 0
        peer.near.setblocking(True)
        for burst in range(8):
            for i in range(40):
                unit = b"%03d%05d" % (burst, i)
                tunnel.send(unit * random.choice((2, 20, 150, 1100)))
                for size in (10, 300, 1200):
                    whole = control(unit + os.urandom(size))
                    try:
                        count = peer.near.send(whole, NOW)
                    except BlockingIOError:
                        refused_count += 1
                        continue
                    if count != len(whole):
                        fail("%s: a control record was taken in part" % what)
                    sent.append(whole[2:])
            # Full to the brim at each second burst only.
            if burst % 2:
                reader.run()
        reader.run()
        note("%s: %d data and %d control records, %d refused, drops %s" % (what, reader.data, len(reader.controls),
                                                                           refused_count, peer.drops()))
        need(what + ": every control record that was taken arrives, in order", reader.controls == sent,
             (len(reader.controls), len(sent)))
        need(what + ": data arrives, too", reader.data > 20, reader.data)
        need(what + ": nothing is left over", peer.records.rest == b"")
        need(what + ": the stream was full at times", refused_count or peer.drops(), refused_count)
        peer.passes(what + ", afterwards")


def control_before_data():
    """a control record does not wait behind the data that waits for the stream"""
    for what, peer in peers(tiny=True):
        for i in range(200):
            tunnel.send(b"12345678" * 150)
        wait_for(what + ": data waits", 5, lambda: peer.get()["queue_bytes"] > 50000)
        peer.near.send(control(b"urgent"), NOW)
        before = 0
        while True:
            packet = peer.far_record()
            if packet is None:
                fail(what + ": the control record does not arrive")
            if packet[0] >> 3 != 9:
                break
            before += len(packet)
        note("%s: %d bytes of data went out first" % (what, before))
        # What the sockets hold cannot be overtaken; what the module holds must be.
        need(what + ": not behind all the data", before < 120000, before)


random.seed(14)
run((whole_records, no_signal, nothing_cuts_in, room_comes_and_goes, long_records, control_before_data))
tunnel.close()
