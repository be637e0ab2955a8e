"""TCP segments as a sender's GSO makes them, of IPv4 and IPv6, and whether they are the same at another place."""
import itertools
import socket
import struct

from .wire import internet_sum, udp4

ACK, PSH = 0x10, 0x08
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


class Flow:
    """One direction of a TCP connection. `source` and `target` are addresses by IP version; `ids`: what distinguishes the ids of IPv4."""

    def __init__(self, chance, version, port, source, target, ids=1):
        self.chance, self.version, self.port, self.ids = chance, version, port, ids
        self.source, self.target = source[version], target[version]
        self.addresses = b"".join(socket.inet_pton(FAMILY[version], one) for one in (self.source, self.target))
        self.seq, self.ident = chance.randrange(1 << 32), chance.randrange(1 << 16)
        self.stamp = 0

    def segment(self, size, flags=ACK, traffic=0, hops=64, damaged=False):
        payload = self.chance.randbytes(size)
        tcp = struct.pack("!HHIIBBHHHBBBBII", self.port, 80, self.seq, 7, 8 << 4, flags, 512, 0, 0, 1, 1, 8, 10, self.stamp, 9)
        self.seq = (self.seq + size) % (1 << 32)
        if self.version == 4:
            head = struct.pack("!BBHHHBBH", 0x45, traffic, 20 + len(tcp) + size, self.ident, 0x4000, hops, 6, 0)
            self.ident = (self.ident + self.ids) % (1 << 16)
            head = head[:10] + struct.pack("!H", ~internet_sum(head, self.addresses) & 0xFFFF ^ damaged) + self.addresses
        else:
            head = struct.pack("!IHBB", 6 << 28 | traffic << 20, len(tcp) + size, 6, hops) + self.addresses
        pseudo = self.addresses + struct.pack("!HH", 6, len(tcp) + size)
        tcp = tcp[:16] + struct.pack("!H", ~internet_sum(pseudo, tcp, payload) & 0xFFFF) + tcp[18:]
        return head + tcp + payload

    def burst(self, most=30):
        """Up to so many packets, one of them with something that must not be joined with others, perhaps."""
        chance = self.chance
        size, count = chance.randrange(50, 1400), chance.randrange(1, most)
        self.stamp += 1
        kind = chance.choice(("plain", "plain", "plain", "short", "push", "mark", "hops", "gap", "damaged", "udp", "ack", "stamp", "jump"))
        where = chance.randrange(count)
        for n in range(count):
            how = {}
            if n == where:
                if kind == "mark":
                    how = {"traffic": 3}
                elif kind == "hops":
                    how = {"hops": 63}
                elif kind == "damaged" and self.version == 4:
                    how = {"damaged": True}
                elif kind == "push":
                    how = {"flags": ACK | PSH}
                elif kind == "gap":
                    self.segment(size)
                elif kind == "jump":
                    self.ident = (self.ident + 5) % (1 << 16)
                elif kind == "stamp":
                    self.stamp += 1
                elif kind == "udp" and self.version == 4:
                    yield udp4(self.source, self.target, 5, chance.randbytes(size))
                elif kind == "ack":
                    yield self.segment(0)
            yield self.segment(chance.randrange(1, size) if n == where and kind == "short" else size, **how)


def is_damaged(packet):
    """Whether the checksum of an IPv4 header is wrong."""
    return packet[0] >> 4 == 4 and internet_sum(packet[:20]) != 0xFFFF


def flow_of(packet):
    """A damaged IPv4 header is none of GRO's business: its packet does not wait for those before it."""
    if packet[0] >> 4 == 6:
        return 6, packet[6], packet[40:42].hex(), True
    return 4, packet[9], packet[20:22].hex(), not is_damaged(packet)


def sorted_by_flow(packets):
    flows = {}
    for packet in packets:
        flows.setdefault(flow_of(packet), []).append(packet)
    return flows


def brief(packet):
    ip = 20 if packet[0] >> 4 == 4 else 40
    return "%d bytes, id %s, seq %s, flags %02x" % (len(packet), packet[4:6].hex(), packet[ip + 4:ip + 8].hex(), packet[ip + 13])


def differs(got, wanted):
    """The first place where it does; empty if nowhere."""
    for n, (one, other) in enumerate(itertools.zip_longest(got, wanted)):
        if one != other:
            return "packet %d is %s, must be %s" % (n, one and brief(one), other and brief(other))
    return ""
