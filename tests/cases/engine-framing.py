# topic: records are found in the stream however it is cut; what is no OpenVPN stream ends its own peer and no other
# kernels: first
# timeout: 180
import errno
import fcntl
import os
import socket
import struct
import time

from engine.check import equal, errno_of, fail, name, need, ok, refused, run, wait_for
from engine.doors import MP
from engine.fixture import VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP
from engine.wire import Key, control, record

PROTOCOLS = (("MPTCP", MPTCP), ("TCP", TCP))
tunnel = Tunnel(MP)
bystander = Peer(tunnel, 100, vpn="10.8.0.100", vpn4="10.8.0.100")


def peers(**args):
    """A peer on each protocol, one after the other."""
    for what, protocol in PROTOCOLS:
        peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR, **args)
        peer.far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield what, peer
        peer.close()


def queued(sock):
    """Bytes that were sent and not taken by the other end's TCP."""
    return struct.unpack("=i", fcntl.ioctl(sock, 0x5411, b"\0\0\0\0"))[0]


def settle(peer):
    """What was sent so far has arrived, and the module has had its chance to read it."""
    wait_for("sent bytes are acknowledged", 10, lambda: queued(peer.far) == 0)
    time.sleep(0.05)


def cut_everywhere():
    """a data record and a control record, cut in two at each place of their first bytes"""
    for what, peer in peers():
        for at in (1, 2, 3, 5, 9, 24, 26, 27, 40):
            data = peer.data(b"cut at %d" % at)
            peer.far.sendall(data[:at])
            settle(peer)
            need("%s, cut at %d: nothing comes of a part" % (what, at), peer.tunnel.received(0.01) is None)
            peer.far.sendall(data[at:])
            equal("%s, data cut at %d" % (what, at), peer.tunnel.received(), b"cut at %d" % at)
        whole = control(b"a control record")
        for at in (1, 2, 3, 10):
            peer.far.sendall(whole[:at])
            settle(peer)
            refused("%s, control cut at %d: nothing yet" % (what, at), errno.EAGAIN, peer.read_now)
            peer.far.sendall(whole[at:])
            equal("%s, control cut at %d" % (what, at), peer.read(len(whole)), whole)
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


def byte_by_byte():
    """one byte at a time, over the boundaries of records"""
    for what, peer in peers():
        for byte in peer.data(b"slow one") + control(b"between") + peer.data(b"slow two") + control(b"after"):
            peer.far.sendall(bytes([byte]))
            time.sleep(0.001)
        equal(what + ", first packet", peer.tunnel.received(), b"slow one")
        equal(what + ", second packet", peer.tunnel.received(), b"slow two")
        records = control(b"between") + control(b"after")
        equal(what + ", control records", peer.read(len(records)), records)
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


def all_sizes():
    """records of all sizes up to the longest there can be, both kinds"""
    for what, peer in peers():
        # Something authentic first: before that, a long record is not believed.
        peer.far.sendall(peer.data(b"first"))
        equal(what + ", first", tunnel.received(), b"first")
        sizes = [1, 2, 3, 100, 1400, 2048, 4095, 4096, 4097, 8191, 9000, 16384, 32767, 60000, 65000]
        for size in sizes:
            payload = os.urandom(size)
            peer.far.sendall(peer.data(payload))
            if tunnel.received() != payload:
                fail("%s: a packet with %d bytes does not come in" % (what, size))
        ok("%s: packets with %s bytes" % (what, sizes))
        # 65535 bytes of record: the longest IP packet that fits is not longer than 65511.
        payload = os.urandom(65535 - 24 - 28)
        peer.far.sendall(peer.data(payload))
        need(what + ": a record of 65535 bytes", tunnel.received() == payload)
        for size in [0, 1, 2, 22, 23, 24, 1000, 4096, 65533, 65534]:
            whole = control(os.urandom(size))
            peer.far.sendall(whole)
            if peer.read(len(whole)) != whole:
                fail("%s: a control record of %d bytes is changed" % (what, size + 1))
        ok(what + ": control records up to 65535 bytes")
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


def many_in_one_write():
    """hundreds of records in one write, data and control mixed"""
    for what, peer in peers():
        stream, packets, records = b"", [], b""
        for i in range(400):
            payload = b"%04d " % i + os.urandom(i % 300)
            if i % 5:
                stream += peer.data(payload)
                packets.append(payload)
            else:
                stream += control(payload)
                records += control(payload)
        peer.far.sendall(stream)
        for i, payload in enumerate(packets):
            if tunnel.received() != payload:
                fail("%s: packet %d is missing or changed" % (what, i))
        ok("%s: all %d packets, in order" % (what, len(packets)))
        need(what + ": all control records, in order", peer.read(len(records)) == records)
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


def queued_before_attach():
    """what was in the socket before the attach is looked at without waiting for more"""
    for what, peer in peers(attach=False):
        peer.far.sendall(control(b"early") + peer.data(b"early packet")[:30])
        settle(peer)
        peer.attach()
        equal(what + ", control record", peer.read(len(control(b"early"))), control(b"early"))
        peer.delete()
        tunnel.expect_deletion(1, "userspace")
    # A low-water mark that userspace left behind holds nothing back.
    for what, peer in peers(attach=False):
        peer.near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 100000)
        peer.far.sendall(control(b"early"))
        settle(peer)
        peer.attach()
        equal(what + ", SO_RCVLOWAT, control record", peer.read(len(control(b"early"))), control(b"early"))
        peer.passes(what + ", SO_RCVLOWAT")
        peer.delete()
        tunnel.expect_deletion(1, "userspace")
    # Data that comes before its key waits for it.
    for what, peer in peers(attach=False):
        peer.far.sendall(peer.data(b"too early") + control(b"xyzzy"))
        settle(peer)
        peer.attach(key=False)
        equal(what + ", control record", peer.read(len(control(b"xyzzy"))), control(b"xyzzy"))
        peer.install(peer.key)
        equal(what + ", data before its key", tunnel.received(), b"too early")
        equal(what + ", data before its key: nothing lost", peer.drops(), {})
        peer.passes(what + ", after data before its key")
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


NONSENSE = (
    ("an HTTP request", b"GET / HTTP/1.1\r\nHost: example\r\n\r\n"),
    ("a TLS hello", bytes.fromhex("16030100c5010000c10303") + os.urandom(190)),
    ("zeros", bytes(64)),
    ("length 0", b"\0\0"),
    ("length 1", b"\0\1\x20"),
    ("length 65535", b"\xff\xff\x20"),
    ("length 65535 of another peer's data", b"\xff\xff\x48\0\0\2"),
    ("a record of 3 bytes", record(b"\x80\0\0")),
    ("2049 bytes of an unknown opcode", record(b"\x80" * 2049)),
    ("SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    ("noise", bytes.fromhex("c3a59b") + os.urandom(500)),
)


def expect_broken(what, peer):
    """The peer is gone, once, its reader is told, and the bystander lives."""
    tunnel.expect_deletion(1, "error")
    results = []
    for _ in range(4):
        number, _text = errno_of(lambda: results.append(peer.read_now()))
        if number:
            results.append(name(number))
    need(what + ": recv() ends", results[-1] == b"" and results[-2] == b"" and all(
        isinstance(r, str) and r != "EAGAIN" or r == b"" for r in results), results)
    refused(what + ": MSG_ERRQUEUE", errno.EAGAIN, peer.read_now, 100, socket.MSG_ERRQUEUE)
    refused(what + ": sending", errno.EPIPE, peer.near.send, control(b"x"), socket.MSG_NOSIGNAL)
    bystander.far_send(bystander.data(b"still here"))
    equal(what + ": the other peer goes on", tunnel.received(), b"still here")


def nonsense_first():
    """nonsense instead of the first record"""
    for thing, data in NONSENSE:
        for what, peer in peers():
            peer.far.sendall(data)
            expect_broken("%s, %s" % (what, thing), peer)
    # A record that cannot be authentic with the keys that are there is nonsense, too.
    for what, peer in peers():
        stranger = Key()
        peer.far.sendall(record(stranger.seal(peer.packet(b"x"))))
        expect_broken(what + ", forged first packet", peer)


def nonsense_after_control():
    """nonsense before any authentic packet, behind a control record"""
    for what, peer in peers():
        peer.far.sendall(control(b"good") + b"GET / HTTP/1.1\r\n\r\n")
        tunnel.expect_deletion(1, "error")
        equal(what + ", the control record is read", peer.read_now(), control(b"good"))


def unknown_opcode_first():
    """the first records have opcodes that we do not know, as those of a newer OpenVPN may: they are userspace's"""
    for what, peer in peers():
        odd = b"".join(record(bytes([opcode << 3]) + b"new" * 13) for opcode in (16, 0, 12, 31)) + record(b"\x80" * 2048)
        peer.far.sendall(odd)
        equal(what + ", as they came", peer.read(len(odd)), odd)
        peer.passes(what + ", after them")
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


def long_data_first():
    """the first packet is longer than any of ours: the far end may have a larger MTU"""
    for what, peer in peers():
        long = bytes(20000)
        peer.far.sendall(peer.data(long))
        need(what + ": it arrives", tunnel.received() == long)
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


def length_zero_later():
    """length 0 after authentic traffic"""
    for what, peer in peers():
        peer.passes(what + ", before")
        peer.far.sendall(control(b"last") + b"\0\0" + control(b"never"))
        tunnel.expect_deletion(1, "error")
        equal(what + ", what came before is read", peer.read_now(), control(b"last"))
        results = [errno_of(peer.read_now)[0] for _ in range(3)]
        need(what + ", then an error at most once", results[1:] == [0, 0], [name(r) for r in results])
        equal(what + ", then the end", peer.read_now(), b"")


def odd_but_legal_later():
    """short records and unknown opcodes after authentic traffic belong to userspace"""
    for what, peer in peers():
        peer.passes(what + ", before")
        odd = record(b"\x20") + record(b"\x21\x00") + record(b"\x00" * 9) + record(b"\xf8" * 9) + record(b"\x30" + b"v1" * 20)
        peer.far.sendall(odd)
        equal(what + ", as it came", peer.read(len(odd)), odd)
        peer.passes(what + ", after")
        peer.delete()
        tunnel.expect_deletion(1, "userspace")


run((cut_everywhere, byte_by_byte, all_sizes, many_in_one_write, queued_before_attach, nonsense_first, nonsense_after_control,
     unknown_opcode_first, long_data_first, length_zero_later, odd_but_legal_later))
bystander.close()
tunnel.close()
