# topic: what userspace reads and polls on an attached socket: its control records, and no sign of the data
# timeout: 180
import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import threading
import time

from engine.check import equal, errno_of, fail, name, need, note, refused, run, wait_for
from engine.doors import MP
from engine.fixture import VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP
from engine.wire import control

FIONREAD = 0x541B
ALL = select.EPOLLIN | select.EPOLLPRI | select.EPOLLERR | select.EPOLLHUP | select.EPOLLRDHUP
tunnel = Tunnel(MP)


def peers():
    for what, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
        peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
        yield what, peer
        peer.close()
        tunnel.deletions(0.1)


def events(sock, mask=ALL | select.EPOLLOUT, seconds=0):
    poll = select.poll()
    poll.register(sock, mask)
    found = poll.poll(seconds * 1000)
    return found[0][1] if found else 0


def readable(sock, seconds=5):
    return wait_for("readable", seconds, lambda: events(sock, select.EPOLLIN) & select.EPOLLIN)


def peeked(peer):
    return len(peer.read_now(flags=socket.MSG_PEEK)) if events(peer.near, select.EPOLLIN) else 0


def reading():
    """the prefix is kept, parts may be read, nothing is lost"""
    for what, peer in peers():
        refused(what + ": nothing there", errno.EAGAIN, peer.read_now)
        one, two, three = control(b"the first"), control(b"the second", key_id=1), control(b"the third", opcode=5)
        peer.far_send(one + two + three)
        equal(what + ": all of them", peer.read(len(one + two + three)), one + two + three)
        peer.far_send(one + two)
        wait_for(what + ": both are there", 5, lambda: peeked(peer) == len(one + two))
        equal(what + ": a peek", peer.read_now(5, socket.MSG_PEEK), one[:5])
        equal(what + ": a peek over the boundary", peer.read_now(len(one) + 3, socket.MSG_PEEK), one + two[:3])
        equal(what + ": a part", peer.read_now(5), one[:5])
        need(what + ": still readable", events(peer.near) & select.EPOLLIN)
        equal(what + ": a peek from inside", peer.read_now(4, socket.MSG_PEEK), one[5:9])
        equal(what + ": the rest and more", peer.read_now(len(one)), (one + two)[5:5 + len(one)])
        equal(what + ": the rest of all", peer.read_now(), (one + two)[5 + len(one):])
        refused(what + ": nothing left", errno.EAGAIN, peer.read_now)
        refused(what + ": nothing left to peek at", errno.EAGAIN, peer.read_now, 10, socket.MSG_PEEK)
        peer.far_send(one)
        readable(peer.near)
        buffers = [bytearray(3), bytearray(100)]
        size, _, flags, address = peer.near.recvmsg_into(buffers, 0, socket.MSG_DONTWAIT)
        equal(what + ": recvmsg() into two buffers", bytes(buffers[0] + buffers[1])[:size], one)
        equal(what + ": recvmsg() flags and address", (flags, address), (0, None))
        peer.far_send(one)
        readable(peer.near)
        equal(what + ": read()", os.read(peer.near.fileno(), 100), one)


def error_queue():
    """MSG_ERRQUEUE never takes a record, and always ends with EAGAIN"""
    for what, peer in peers():
        ask = (peer.read_now, 100, socket.MSG_ERRQUEUE)
        refused(what + ": idle", errno.EAGAIN, *ask)
        peer.far_send(control(b"a record"))
        readable(peer.near)
        refused(what + ": with a record", errno.EAGAIN, *ask)
        equal(what + ": the record is still there", peer.read_now(), control(b"a record"))
        peer.far_send(control(b"the last"))
        peer.far.shutdown(socket.SHUT_WR)
        tunnel.expect_deletion(1, "disconnect")
        refused(what + ": at the end, with a record", errno.EAGAIN, *ask)
        equal(what + ": the last record", peer.read_now(), control(b"the last"))
        refused(what + ": at the end", errno.EAGAIN, *ask)
        equal(what + ": the end", peer.read_now(), b"")
        refused(what + ": after the end", errno.EAGAIN, *ask)
        refused(what + ": sending at the end", errno.EPIPE, peer.near.send, control(b"too late"), socket.MSG_NOSIGNAL)
        refused(what + ": after a failed send", errno.EAGAIN, *ask)
        equal(what + ": the end, again", peer.read_now(), b"")


def end_of_stream():
    """the end comes after the last record, and is announced"""
    for what, peer in peers():
        for i in range(20):
            peer.far_send(control(b"record %02d" % i))
        peer.far.close()
        tunnel.expect_deletion(1, "disconnect")
        for i in range(20):
            need(what + ": %d: readable" % i, events(peer.near) & select.EPOLLIN)
            equal(what, peer.read_now(11), control(b"record %02d" % i)[:11])
            peer.read_now(1)
        mask = events(peer.near)
        need(what + ": the end is announced", mask & select.EPOLLIN and mask & select.EPOLLRDHUP, hex(mask))
        for _ in range(3):
            equal(what + ": the end", peer.read_now(), b"")


def reset():
    """a reset is told once at most, then the end"""
    for what, peer in peers():
        peer.passes(what)
        # An abort: closed with linger 0.
        peer.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.far.close()
        reasons = []
        wait_for(what + ": notified", 5, lambda: reasons.extend(tunnel.deletions()) or reasons)
        equal(what + ": notification", reasons + tunnel.deletions(0.05), [(1, "error")])
        mask = events(peer.near)
        need(what + ": announced", mask & (select.EPOLLIN | select.EPOLLERR | select.EPOLLHUP), hex(mask))
        first = errno_of(peer.read_now)[0]
        need(what + ": the first answer is the reset or the end", first in (0, errno.ECONNRESET), name(first))
        note("%s: recv() after a reset: %s" % (what, name(first)))
        for _ in range(3):
            equal(what + ": then the end", peer.read_now(), b"")


def in_thread(action):
    """Starts it; returns a function that waits for it and says what it returned or raised, and when."""
    result = []

    def body():
        try:
            result.append(action())
        except OSError as err:
            result.append(err.errno)
    thread = threading.Thread(target=body, daemon=True)
    thread.start()

    def wait(what, seconds=5):
        thread.join(seconds)
        if thread.is_alive():
            fail(what + ": the call does not return")
        return result[0]
    return wait


def blocking():
    """a blocking recv() wakes for a record, the end, and the removal of the peer, and for nothing else"""
    for what, peer in peers():
        peer.near.setblocking(True)
        waiting = in_thread(lambda: peer.near.recv(100))
        peer.far_send(peer.data(b"data"))
        equal(what + ": the data", tunnel.received(), b"data")
        peer.far_send(control(b"wake up"))
        equal(what + ": a record", waiting(what), control(b"wake up"))
        waiting = in_thread(lambda: peer.near.recv(100))
        time.sleep(0.05)
        peer.far.shutdown(socket.SHUT_WR)
        equal(what + ": the end", waiting(what), b"")
    for what, peer in peers():
        waiting = in_thread(lambda: peer.near.recv(100))
        time.sleep(0.05)
        peer.delete()
        equal(what + ": the peer is removed", waiting(what), b"")
    for what, peer in peers():
        peer.near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, (0).to_bytes(8, "little") + (200000).to_bytes(8, "little"))
        start = time.monotonic()
        refused(what + ": SO_RCVTIMEO", errno.EAGAIN, peer.near.recv, 100)
        took = time.monotonic() - start
        need(what + ": it waits that long", 0.19 < took < 2, took)


def quiet_under_flood():
    """data alone makes the socket not readable; no wake-up reaches epoll, level or edge triggered"""
    for what, peer in peers():
        polls = []
        for mask in (ALL, ALL | select.EPOLLET):
            poll = select.epoll()
            poll.register(peer.near, mask)
            polls.append(poll)
        counts = [0, 0]
        stop = threading.Event()

        def count(i):
            while not stop.is_set():
                counts[i] += len(polls[i].poll(0.1))
        threads = [threading.Thread(target=count, args=(i,)) for i in (0, 1)]
        for thread in threads:
            thread.start()
        sent = 0
        try:
            for i in range(300):
                peer.far_send(peer.data(b"flood" * 100) * 1)
                sent += 1
            wait_for(what + ": all packets arrived", 20, lambda: peer.get()["vpn_rx_packets"] == sent)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        equal(what + ": wake-ups during %d packets, level and edge triggered" % sent, counts, [0, 0])
        refused(what + ": and nothing to read", errno.EAGAIN, peer.read_now)
        while tunnel.received(0) is not None:
            pass
        # The same pollers see a control record, each once.
        peer.far_send(control(b"now"))
        for poll, kind in zip(polls, ("level", "edge")):
            found = poll.poll(5)
            need("%s: %s triggered: a record is announced" % (what, kind), found and found[0][1] & select.EPOLLIN)
        equal(what + ": level triggered: announced again", len(polls[0].poll(0)), 1)
        equal(what + ": edge triggered: not again", len(polls[1].poll(0)), 0)
        peer.read_now()
        equal(what + ": level triggered: not after it was read", len(polls[0].poll(0)), 0)
        for poll in polls:
            poll.close()


def no_spin_at_the_end():
    """after the end a reader gets the end: IN with EAGAIN would make it spin"""
    for what, peer in peers():
        peer.delete()
        wait_for(what + ": removed: announced", 2, lambda: events(peer.near) & select.EPOLLIN)
        equal(what + ": removed: the end", peer.read_now(), b"")
        refused(what + ": removed: MSG_ERRQUEUE", errno.EAGAIN, peer.read_now, 100, socket.MSG_ERRQUEUE)


def flood_of_control():
    """far more unread control records than are kept: the data goes on, the drops are counted, records stay whole"""
    for what, peer in peers():
        count = 600
        before = tunnel.dropped()
        for i in range(count):
            peer.far_send(control(b"%06d" % i))
        peer.far_send(peer.data(b"behind the flood"))
        equal(what + ": data behind the flood", tunnel.received(), b"behind the flood")
        dropped = peer.drops().get("rx_control_full", 0)
        kept = count - dropped
        equal(what + ": the interface counts them as received", tunnel.dropped(), (before[0] + dropped, before[1]))
        need(what + ": 256 or more are kept, the rest counted", 256 <= kept < count, kept)
        size = len(control(b"000000"))
        got = peer.read(kept * size)
        numbers = [int(got[i * size + 3:(i + 1) * size]) for i in range(kept)]
        need(what + ": whole records in order", numbers == sorted(set(numbers)) and numbers[0] == 0, numbers[:5])
        refused(what + ": no more", errno.EAGAIN, peer.read_now)
        peer.passes(what + ": after the flood")


def long_records():
    """records of 60 KB that nobody reads: a quarter of a megabyte waits, the rest is dropped and counted"""
    for what, peer in peers():
        peer.passes(what + ": before")
        for size, least in ((60000, 1), (1200, 64)):
            before = peer.drops().get("rx_control_full", 0)
            sent = [control(b"%06d" % i + bytes(size)) for i in range((1 << 20) // size)]
            peer.far_send(b"".join(sent) + peer.data(b"behind"))
            equal(what + ": what comes behind them", tunnel.received(), b"behind")
            kept = len(sent) - peer.drops().get("rx_control_full", 0) + before
            need("%s: of %d bytes each some are kept, 256 KB at most" % (what, size), least <= kept <= (1 << 18) // size, kept)
            need(what + ": whole and in order", peer.read(kept * len(sent[0])) == b"".join(sent[:kept]))
            refused(what + ": no more", errno.EAGAIN, peer.read_now)
            peer.passes(what + ": after the flood")


def other_ways_in():
    """what would take bytes out of the stream, or change the socket under it, is refused"""
    libc = ctypes.CDLL(None, use_errno=True)
    for what, peer in peers():
        unspec = (ctypes.c_char * 16)()
        need(what + ": connect(AF_UNSPEC) is refused", libc.connect(peer.near.fileno(), unspec, 16) == -1 and
             ctypes.get_errno() == errno.EOPNOTSUPP, name(ctypes.get_errno()))
        refused(what + ": TLS on top", errno.EBUSY, peer.near.setsockopt, socket.IPPROTO_TCP, 31, b"tls")
        refused(what + ": TCP_REPAIR", errno.EBUSY, peer.near.setsockopt, socket.IPPROTO_TCP, 19, 1)
        # TCP_ZEROCOPY_RECEIVE: struct tcp_zerocopy_receive with a buffer for a copy.
        buffer = ctypes.create_string_buffer(1 << 16)
        ask = ctypes.create_string_buffer(struct.pack("=QIIIiQiI", 0, 0, 0, 0, 0, ctypes.addressof(buffer), len(buffer), 0))
        length = ctypes.c_uint(len(ask) - 1)
        got = libc.getsockopt(peer.near.fileno(), socket.IPPROTO_TCP, 35, ask, ctypes.byref(length))
        equal(what + ": TCP_ZEROCOPY_RECEIVE", (got, name(ctypes.get_errno())), (-1, "EBUSY"))
        peer.passes(what + ": after the refusals")
        peer.far_send(peer.data(b"data") + control(b"to splice"))
        equal(what + ": data", tunnel.received(), b"data")
        readable(peer.near)
        r, w = os.pipe()
        number = errno_of(os.splice, peer.near.fileno(), w, 1000, flags=2)[0]
        if number:
            equal(what + ": splice() is refused, the record stays", peer.read_now(), control(b"to splice"))
        else:
            equal(what + ": splice() gives the record", os.read(r, 1000), control(b"to splice"))
        os.close(r)
        os.close(w)
        peer.far_send(control(b"counted"))
        readable(peer.near)
        waiting = struct.unpack("i", fcntl.ioctl(peer.near, FIONREAD, b"\0\0\0\0"))[0]
        equal(what + ": FIONREAD counts what can be read", waiting, len(control(b"counted")))
        equal(what + ": FIONREAD takes nothing", peer.read_now(), control(b"counted"))
        r, w = os.pipe()
        os.write(w, control(b"spliced in"))
        equal(what + ": splice() into it", os.splice(r, peer.near.fileno(), 1000), len(control(b"spliced in")))
        equal(what + ": arrives as a record", peer.far_record(), control(b"spliced in")[2:])
        os.close(r)
        os.close(w)
        for option, value in ((socket.SO_RCVLOWAT, 100000), (socket.SO_SNDBUF, 4608), (socket.SO_RCVBUF, 4608)):
            peer.near.setsockopt(socket.SOL_SOCKET, option, value)
            peer.passes("%s: after setting option %d" % (what, option))


def in_repair():
    """a socket in repair, in which what is written goes elsewhere, is not taken; out of it, it is"""
    peer = Peer(tunnel, 1, TCP, vpn4=VPN_FAR, attach=False)
    peer.near.setsockopt(socket.IPPROTO_TCP, 19, 1)
    refused("in repair", errno.EBUSY, peer.attach)
    # TCP_REPAIR_OFF_NO_WP
    peer.near.setsockopt(socket.IPPROTO_TCP, 19, -1)
    peer.attach()
    peer.passes("out of it")
    peer.close()
    tunnel.expect_deletion(1, "disconnect")


run((reading, error_queue, end_of_stream, reset, blocking, quiet_under_flood, no_spin_at_the_end, flood_of_control,
     long_records, other_ways_in,
     in_repair))
tunnel.close()
