# topic: TCP segments become one packet while they are decrypted: what comes out is what GRO may make of what went in, to the bit
# timeout: 120
import ctypes
import fcntl
import itertools
import os
import random
import socket
import struct

from engine.check import equal, need, note, run, wait_for
from engine.datagram import UdpPeer, near_socket
from engine.doors import P2P
from engine.fixture import NEAR, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP, netns
from engine.trace import traced
from engine.wire import internet_sum, record, udp4

ETH_P_ALL, SOL_PACKET, PACKET_VNET_HDR = 3, 263, 15
SIOCETHTOOL, ETHTOOL_SGRO = 0x8946, 0x2C
ACK, PSH = 0x10, 0x08
# Nobody has these addresses: the kernel answers nothing.
TO = {4: socket.inet_aton("10.8.0.77"), 6: socket.inet_pton(socket.AF_INET6, "fd00::77")}
FROM = {4: socket.inet_aton(VPN_FAR), 6: socket.inet_pton(socket.AF_INET6, "fd00::2")}
tunnel = Tunnel(P2P)
seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
chance = random.Random(seed)
note("SEED=%d" % seed)


class Flow:
    """One direction of a TCP connection."""

    def __init__(self, version, port):
        self.version, self.port = version, port
        self.seq, self.ident = chance.randrange(1 << 32), chance.randrange(1 << 16)
        self.stamp = 0

    def segment(self, size, flags=ACK, traffic=0, hops=64, damaged=False):
        payload = chance.randbytes(size)
        tcp = struct.pack("!HHIIBBHHHBBBBII", self.port, 80, self.seq, 7, 8 << 4, flags, 512, 0, 0, 1, 1, 8, 10, self.stamp, 9)
        self.seq = (self.seq + size) % (1 << 32)
        addresses = FROM[self.version] + TO[self.version]
        if self.version == 4:
            head = struct.pack("!BBHHHBBH", 0x45, traffic, 20 + len(tcp) + size, self.ident, 0x4000, hops, 6, 0)
            self.ident = (self.ident + 1) % (1 << 16)
            head = head[:10] + struct.pack("!H", ~internet_sum(head, addresses) & 0xFFFF ^ damaged) + addresses
        else:
            head = struct.pack("!IHBB", 6 << 28 | traffic << 20, len(tcp) + size, 6, hops) + addresses
        pseudo = addresses + struct.pack("!HH", 6, len(tcp) + size)
        tcp = tcp[:16] + struct.pack("!H", ~internet_sum(pseudo, tcp, payload) & 0xFFFF) + tcp[18:]
        return head + tcp + payload


def burst(flow):
    """Packets of one flow as a sender's GSO makes them, some with something that must not be joined."""
    size, count = chance.randrange(50, 1400), chance.randrange(1, 30)
    flow.stamp += 1
    kind = chance.choice(("plain", "plain", "plain", "short", "push", "mark", "hops", "gap", "damaged", "udp", "ack", "stamp", "jump"))
    where = chance.randrange(count)
    for n in range(count):
        how = {}
        if n == where:
            if kind == "mark":
                how = {"traffic": 3}
            elif kind == "hops":
                how = {"hops": 63}
            elif kind == "damaged" and flow.version == 4:
                how = {"damaged": True}
            elif kind == "push":
                how = {"flags": ACK | PSH}
            elif kind == "gap":
                flow.segment(size)
            elif kind == "jump":
                flow.ident = (flow.ident + 5) % (1 << 16)
            elif kind == "stamp":
                flow.stamp += 1
            elif kind == "udp":
                yield udp4(VPN_FAR, "10.8.0.77", 5, chance.randbytes(size))
            elif kind == "ack":
                yield flow.segment(0)
        yield flow.segment(chance.randrange(1, size) if n == where and kind == "short" else size, **how)


def cut(header, packet):
    """The packets that a captured one stands for, as a network card would cut it."""
    _, gso, _, size, start, offset = struct.unpack("=BBHHHH", header)
    version = packet[0] >> 4
    if not gso:
        return [packet]
    equal("it is TCP of its IP version", gso & 0x7F, {4: 1, 6: 4}[version])
    ip = 20 if version == 4 else 40
    head = ip + (packet[ip + 12] >> 4) * 4
    equal("where the checksum goes", (start, offset), (ip, 16))
    addresses = packet[12:20] if version == 4 else packet[8:40]
    equal("the sum of the addresses and the length is there", struct.unpack_from("!H", packet, ip + 16)[0],
          internet_sum(addresses, struct.pack("!HH", 6, len(packet) - ip)))
    if version == 4:
        equal("IP's checksum", internet_sum(packet[:20]), 0xFFFF)
    equal("IP's length", struct.unpack_from("!H", packet, 2 if version == 4 else 4)[0], len(packet) - (0 if version == 4 else ip))
    found = []
    for n, at in enumerate(range(head, len(packet), size)):
        payload = packet[at:at + size]
        last = at + size >= len(packet)
        tcp = bytearray(packet[ip:head])
        struct.pack_into("!I", tcp, 4, (struct.unpack_from("!I", tcp, 4)[0] + n * size) % (1 << 32))
        if not last:
            tcp[13] &= ~PSH
        tcp[16:18] = b"\0\0"
        tcp[16:18] = struct.pack("!H", ~internet_sum(addresses, struct.pack("!HH", 6, len(tcp) + len(payload)), tcp, payload) & 0xFFFF)
        first = bytearray(packet[:ip])
        if version == 4:
            struct.pack_into("!HH", first, 2, ip + len(tcp) + len(payload), (struct.unpack_from("!H", first, 4)[0] + n) % (1 << 16))
            first[10:12] = b"\0\0"
            first[10:12] = struct.pack("!H", ~internet_sum(first) & 0xFFFF)
        else:
            struct.pack_into("!H", first, 4, len(tcp) + len(payload))
        found.append(bytes(first + tcp + payload))
    return found


def flow_of(packet):
    """A damaged IPv4 header is none of GRO's business: its packet does not wait for those before it."""
    version = packet[0] >> 4
    if version == 6:
        return version, packet[6], packet[40:42].hex(), True
    return version, packet[9], packet[20:22].hex(), internet_sum(packet[:20]) == 0xFFFF


def brief(packet):
    ip = 20 if packet[0] >> 4 == 4 else 40
    return "%d bytes, id %s, seq %s, flags %02x" % (len(packet), packet[4:6].hex(), packet[ip + 4:ip + 8].hex(), packet[ip + 13])


def differs(got, wanted):
    """The first place where it does; empty if nowhere."""
    for n, (one, other) in enumerate(itertools.zip_longest(got, wanted)):
        if one != other:
            return "packet %d is %s, must be %s" % (n, one and brief(one), other and brief(other))
    return ""


def sorted_by_flow(packets):
    flows = {}
    for packet in packets:
        flows.setdefault(flow_of(packet), []).append(packet)
    return flows


def watcher():
    with netns(NEAR):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    # SO_RCVBUFFORCE
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)
    sock.bind((tunnel.dev.name, ETH_P_ALL))
    return sock


def captured(sock, count):
    """Packets until they stand for so many."""
    found, got = [], 0
    sock.settimeout(10)
    while got < count:
        data = sock.recv(1 << 17)
        found.append((data[:10], data[10:]))
        got += len(cut(*found[-1]))
    return found


def sealed(peer, flows):
    """Bursts of several flows with forged and repeated packets between: what goes over the wire, and what must come out."""
    wire, wanted = [], []
    for _ in range(8):
        for packet in burst(chance.choice(flows)):
            data = peer.key.seal(packet, peer=peer.id)
            if chance.random() < 0.02:
                forged = bytearray(data)
                forged[-1 - chance.randrange(16)] ^= 1
                wire.append(bytes(forged))
            wire.append(data)
            wanted.append(packet)
            if chance.random() < 0.02:
                wire.append(data)
    return wire, wanted


def rounds(peer, send):
    """What comes in and what comes out, flow by flow. Returns how large packets were."""
    most = 0
    with watcher() as sock:
        for number in range(25):
            flows = [Flow(version, 1000 + n) for n, version in enumerate((4, 4, 6, 6))]
            wire, wanted = sealed(peer, flows)
            send(wire)
            out = captured(sock, len(wanted))
            sizes = [len(cut(*one)) for one in out]
            most = max(most, *sizes)
            got = sorted_by_flow([packet for one in out for packet in cut(*one)])
            for flow, packets in sorted_by_flow(wanted).items():
                equal("round %d: flow %s" % (number, flow), differs(got.get(flow, []), packets), "")
    drops = peer.drops()
    need("forged and repeated packets were dropped, and no others", set(drops) <= {"rx_auth", "rx_replay"}, drops)
    return most


def streams():
    """over MPTCP and TCP"""
    for protocol in (MPTCP, TCP):
        peer = Peer(tunnel, 1, protocol)
        peer.passes("a stream")
        most = rounds(peer, lambda wire: peer.far_send(b"".join(record(one) for one in wire)))
        need("many became one", most >= 15, most)
        peer.delete()
        peer.close()


def datagrams():
    """over UDP"""
    near = near_socket()
    peer = UdpPeer(tunnel, near, 1)
    peer.passes("UDP")

    def send(wire):
        for one in wire:
            peer.far_send(one)
    note("of up to %d segments" % rounds(peer, send))
    peer.delete()
    peer.close()
    near.close()


def switch_gro(on):
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_SGRO, on))
    fcntl.ioctl(tunnel.inner, SIOCETHTOOL, struct.pack("16sP16x", tunnel.dev.name.encode(), ctypes.addressof(value)))


def before_gro():
    """GRO has little left to do; and with GRO switched off all packets stay as they are"""
    peer = Peer(tunnel, 1)
    peer.passes("a stream")
    flow = Flow(4, 1000)
    packets = [flow.segment(1000) for _ in range(40)]
    with watcher() as sock, traced("net/napi_gro_receive_entry") as events:
        peer.far_send(b"".join(record(peer.key.seal(packet, peer=1)) for packet in packets))
        captured(sock, len(packets))
        entered = len([1 for name, fields in events() if name == "napi_gro_receive_entry" and fields.get("dev") == tunnel.dev.name])
        note("%d packets came to GRO as %d" % (len(packets), entered))
        need("they were joined before", 1 <= entered <= 10, entered)
        switch_gro(0)
        more = [flow.segment(1000) for _ in range(40)]
        peer.far_send(b"".join(record(peer.key.seal(packet, peer=1)) for packet in more))
        equal("without GRO", [packet for _, packet in captured(sock, len(more))], more)
        switch_gro(1)
    peer.delete()
    peer.close()


run((streams, datagrams, before_gro))
tunnel.close()
