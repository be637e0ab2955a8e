"""Netlink from the ground: messages, attributes, extended acks, generic netlink families."""
import os
import socket
import struct
import time

NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP_INTR = 1, 2, 4, 0x10
NLM_F_ROOT_MATCH = 0x300
NLM_F_EXCL, NLM_F_CREATE = 0x200, 0x400
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED, NLA_TYPE_MASK = 0x8000, 0x3FFF
SOL_NETLINK = 270
ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, STRICT_CHK = 1, 10, 11, 12


def attr(kind, payload):
    return struct.pack("=HH", len(payload) + 4, kind) + payload + b"\0" * (-len(payload) % 4)


def nest(kind, *attrs):
    return attr(kind | NLA_F_NESTED, b"".join(attrs))


def u8(kind, value):
    return attr(kind, struct.pack("=B", value))


def u16(kind, value):
    return attr(kind, struct.pack("=H", value))


def u32(kind, value):
    return attr(kind, struct.pack("=I", value & 0xFFFFFFFF))


def integer(data):
    return int.from_bytes(data, "little" if struct.pack("=H", 1)[0] else "big")


def attr_list(data):
    """Attributes as they stand: (number with its flags, payload)."""
    found = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        found.append((kind, data[4:size]))
        data = data[(size + 3) & ~3:]
    return found


def attrs(data):
    """Attributes by number; a repeated one keeps its last value."""
    return {kind & NLA_TYPE_MASK: payload for kind, payload in attr_list(data)}


class Refused(OSError):
    """What the kernel answered: errno, text of the extended ack, offset of the attribute, type of a missing one."""

    def __init__(self, number, text, offset, missing):
        super().__init__(number, "%s: %s" % (os.strerror(number), text))
        self.text, self.offset, self.missing = text, offset, missing


class Netlink:
    def __init__(self, protocol, extack=True):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        if extack:
            self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
            self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.sock.bind((0, 0))
        self.seq = int(time.time()) & 0xFFFF
        # What was multicast, in the order of arrival: (type, payload).
        self.events = []

    def close(self):
        self.sock.close()

    def join(self, group):
        self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)

    def _receive(self, timeout):
        """Messages of one datagram: (type, flags, seq, payload); None when none came in time."""
        self.sock.settimeout(timeout)
        try:
            data = self.sock.recv(1 << 17)
        except (socket.timeout, BlockingIOError):
            return None
        found = []
        while len(data) >= 16:
            size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            found.append((kind, flags, seq, data[16:size]))
            data = data[(size + 3) & ~3:]
        return found

    def request(self, kind, payload, flags=0):
        """Sends, waits for the ack. Returns the payloads of the replies; raises Refused."""
        self.seq += 1
        seq = self.seq
        self.sock.send(struct.pack("=IHHII", 16 + len(payload), kind, NLM_F_REQUEST | NLM_F_ACK | flags, seq, 0) + payload)
        replies = []
        end = time.monotonic() + 20
        while True:
            messages = self._receive(max(0.01, end - time.monotonic()))
            if messages is None:
                raise AssertionError("the kernel does not answer a netlink request")
            for rkind, rflags, rseq, body in messages:
                if rseq == 0:
                    self.events.append((rkind, body))
                elif rseq != seq:
                    raise AssertionError("answer to request %d while waiting for %d" % (rseq, seq))
                elif rkind in (NLMSG_ERROR, NLMSG_DONE):
                    self._verdict(rkind, rflags, body)
                    return replies
                else:
                    if rflags & NLM_F_DUMP_INTR:
                        raise AssertionError("a dump is marked as interrupted")
                    replies.append(body)

    @staticmethod
    def _verdict(kind, flags, body):
        error = struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
        if not error:
            return
        told = {}
        if flags & NLM_F_ACK_TLVS:
            skip = 4
            if kind == NLMSG_ERROR:
                skip += 16 if flags & NLM_F_CAPPED else struct.unpack_from("=I", body, 4)[0]
            told = attrs(body[(skip + 3) & ~3:])
        raise Refused(-error, told.get(1, b"").rstrip(b"\0").decode(), integer(told[2]) if 2 in told else None,
                      integer(told[5]) if 5 in told else None)

    def collect(self, seconds=0):
        """Reads what was multicast, for at most so long after the last message; returns all events so far."""
        while True:
            messages = self._receive(max(seconds, 0.001))
            if messages is None:
                return self.events
            self.events += [(kind, body) for kind, _, seq, body in messages if seq == 0]


class Family:
    """A generic netlink family, reached from the network namespace the object was made in."""

    def __init__(self, family, extack=True):
        self.nl = Netlink(socket.NETLINK_GENERIC if hasattr(socket, "NETLINK_GENERIC") else 16, extack)
        reply = self.nl.request(16, struct.pack("=BBH", 3, 1, 0) + attr(2, family.encode() + b"\0"))[0]
        found = attrs(reply[4:])
        self.id = integer(found[1])
        self.groups = {}
        for group in attrs(found.get(7, b"")).values():
            entry = attrs(group)
            self.groups[entry[1].rstrip(b"\0").decode()] = integer(entry[2])

    def close(self):
        self.nl.close()

    def join(self, group):
        self.nl.join(self.groups[group])

    def call(self, command, *payload, dump=False):
        """Returns the replies as (command, attributes)."""
        replies = self.nl.request(self.id, struct.pack("=BBH", command, 0, 0) + b"".join(payload),
                                  NLM_F_ROOT_MATCH if dump else 0)
        return [(body[0], attrs(body[4:])) for body in replies]

    def take_events(self, seconds=0):
        """Multicasts so far as (command, attributes), forgotten afterwards."""
        found = [(body[0], attrs(body[4:])) for kind, body in self.nl.collect(seconds) if kind == self.id]
        self.nl.events = []
        return found

    def take_messages(self, seconds=0):
        """Multicasts so far as (command, attributes as they stand), forgotten afterwards."""
        found = [(body[0], attr_list(body[4:])) for kind, body in self.nl.collect(seconds) if kind == self.id]
        self.nl.events = []
        return found

    def events_so_far(self):
        """Without looking for more: what came before the last ack."""
        return [(body[0], attrs(body[4:])) for kind, body in self.nl.events if kind == self.id]
