# topic: what a router forwards into a tunnel comes out as it came from its network, to the bit, also where GRO made long packets of it
# kernels: first
# vm: clock
# timeout: 120
import fcntl
import mmap
import os
import random
import socket
import struct
import subprocess
import time

from engine.check import cleanups, equal, need, note, run, wait_for
from engine.doors import P2P
from engine.fixture import NEAR, THIRD, Peer, Tunnel, tight_pair
from engine.net import MPTCP, ip, netns
from engine.segments import FAMILY, Flow, differs, is_damaged, sorted_by_flow
from engine.trace import traced
from engine.wire import internet_sum

SOL_PACKET, PACKET_VERSION, PACKET_TX_RING, TPACKET_V2, SEND_REQUEST = 263, 10, 13, 1, 1
SIOCGIFHWADDR = 0x8927
# Frames of the ring lie anywhere in its pages, so a packet has one piece or two.
FRAME, BLOCK, BLOCKS = 1552, 65536, 8
PER_BLOCK = BLOCK // FRAME
HEAD = 32
# What fits into one packet's own pages; GRO lists further ones behind it.
PIECES = 17
# A host of the network, and one behind the far end that does not answer.
FROM = {4: "192.168.1.2", 6: "fd01::2"}
TO = {4: "10.9.0.77", 6: "fd09::77"}
tunnel = Tunnel(P2P)
seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
chance = random.Random(seed)
note("SEED=%d" % seed)


def shell(ns, script):
    subprocess.run(("ip", "netns", "exec", ns, "sh", "-ec", script), check=True)


def network_open():
    """A network behind the near end. Its card has time to put packets together."""
    ip("netns", "add", THIRD)
    cleanups.append(network_close)
    ip("link", "add", "lan", "netns", THIRD, "type", "veth", "peer", "name", "lan", "netns", NEAR)
    for ns, host in ((NEAR, "1"), (THIRD, "2")):
        ip("-n", ns, "link", "set", "lan", "up")
        ip("-n", ns, "addr", "add", "192.168.1.%s/24" % host, "dev", "lan")
        ip("-n", ns, "addr", "add", "fd01::%s/64" % host, "dev", "lan", "nodad")
    tunnel.dev.up(mtu=1500)
    tunnel.set_ipv6("disable_ipv6", "0")
    ip("-n", NEAR, "route", "add", "10.9.0.0/16", "dev", tunnel.dev.name)
    ip("-n", NEAR, "route", "add", "fd09::/64", "dev", tunnel.dev.name)
    # Without, the other end of the cable does no GRO.
    shell(THIRD, "ethtool -K lan tso off")
    shell(NEAR, """
        sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        ethtool -K lan gro on
        echo 20000000 >/sys/class/net/lan/gro_flush_timeout
    """)


def network_close():
    cleanups.remove(network_close)
    ip("netns", "del", THIRD)


def ethernet():
    """The header of what the host sends to the router."""
    with netns(NEAR), socket.socket() as sock:
        router = fcntl.ioctl(sock, SIOCGIFHWADDR, struct.pack("16s24x", b"lan"))[18:24]
    return {4: router + bytes(6) + b"\x08\x00", 6: router + bytes(6) + b"\x86\xdd"}


def card():
    with netns(THIRD):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind(("lan", 0))
    return sock


class Copied:
    """Sends packets that the kernel copies: each in one piece, which is no page."""

    def __init__(self):
        self.sock, self.headers = card(), ethernet()

    def send(self, packets):
        for packet in packets:
            self.sock.send(self.headers[packet[0] >> 4] + packet)

    def close(self):
        self.sock.close()


class Paged:
    """Sends packets whose content lies in pages, as that of most cards and of TCP."""

    def __init__(self):
        self.sock, self.headers = card(), ethernet()
        self.sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        self.sock.setsockopt(SOL_PACKET, PACKET_TX_RING, struct.pack("IIII", BLOCK, BLOCKS, FRAME, BLOCKS * PER_BLOCK))
        self.ring = mmap.mmap(self.sock.fileno(), BLOCK * BLOCKS)
        self.next = 0

    def send(self, packets):
        """No more than the ring holds, and not before those sent before have arrived: they may still lie in it."""
        for packet in packets:
            at = self.next // PER_BLOCK * BLOCK + self.next % PER_BLOCK * FRAME
            data = self.headers[packet[0] >> 4] + packet
            self.ring[at + HEAD:at + HEAD + len(data)] = data
            self.ring[at:at + 8] = struct.pack("II", SEND_REQUEST, len(data))
            self.next = (self.next + 1) % (BLOCKS * PER_BLOCK)
        self.sock.send(b"")

    def close(self):
        self.ring.close()
        self.sock.close()


def routed(packet):
    """As it leaves the router."""
    if packet[0] >> 4 == 6:
        return packet[:7] + bytes([packet[7] - 1]) + packet[8:]
    head, addresses = packet[:8] + bytes([packet[8] - 1]) + packet[9:10], packet[12:20]
    return head + struct.pack("!H", ~internet_sum(head, addresses) & 0xFFFF) + packet[12:]


def of_network(packet):
    """Not what the router itself says to the far end."""
    version = packet[0] >> 4
    source = packet[12:16] if version == 4 else packet[8:24]
    return source == socket.inet_pton(FAMILY[version], FROM[version])


def lost(peer):
    """Packets of the network that were dropped. The router itself speaks before there is a key."""
    return {reason: n for reason, n in peer.drops().items() if reason != "tx_no_key"}


def arrived(peer, count, seconds=10):
    """So many packets of the network at the far end, or those that came until none came for so long."""
    found = []
    while len(found) < count:
        sealed = peer.far_record(seconds)
        if sealed is None:
            break
        packet = peer.key.open(sealed)[3]
        if of_network(packet):
            found.append(packet)
    return found


def given(events):
    """How many segments each packet had that the device was given."""
    return [max(1, int(fields["gso_segs"])) for _, fields in events() if fields["dev"] == tunnel.dev.name]


def rounds(peer, sender, count):
    """Bursts of several flows. In one of them all packets have one id."""
    for number in range(count):
        flows = [Flow(chance, version, 1000 + n, FROM, TO, ids) for n, (version, ids) in enumerate(((4, 0), (4, 1), (6, 1), (6, 1)))]
        packets = [packet for _ in range(6) for packet in chance.choice(flows).burst(most=50)]
        sender.send(packets)
        wanted = [routed(packet) for packet in packets if not is_damaged(packet)]
        got = sorted_by_flow(arrived(peer, len(wanted)))
        equal("round %d: nothing was dropped" % number, lost(peer), {})
        for flow, sent in sorted_by_flow(wanted).items():
            equal("round %d: flow %s" % (number, flow), differs(got.get(flow, []), sent), "")


def forwarded():
    """what was in one piece, and what lay in pages"""
    peer = Peer(tunnel, 1)
    wait_for("the device runs", 10, tunnel.running)
    for kind in (Copied, Paged):
        sender = kind()
        with traced("net/net_dev_start_xmit") as events:
            rounds(peer, sender, 20)
            most = max(given(events))
            need("%s: long packets are given whole" % kind.__name__, most > PIECES, most)
            note("of up to %d segments" % most)
        sender.close()
    peer.delete()
    peer.close()


def dropped():
    """segments that the queue drops of a long packet leave the others as they are"""
    peer = Peer(tunnel, 1, pair=tight_pair(MPTCP))
    wait_for("the device runs", 10, tunnel.running)
    sender = Copied()
    flow = Flow(chance, 4, 1000, FROM, TO)
    packets = [flow.segment(1000) for _ in range(1000)]
    with traced("net/net_dev_start_xmit") as events:
        sender.send(packets)
        wait_for("all wait", 10, lambda: sum(given(events)) >= len(packets))
    # The queue drops what has waited for longer than its interval: the far end lets it wait.
    got = []
    while part := arrived(peer, 100, 1):
        got += part
        time.sleep(0.2)
    position = {packet: n for n, packet in enumerate(map(routed, packets))}
    order = [position.get(packet, -1) for packet in got]
    need("each one is one of those sent", -1 not in order, order.count(-1))
    need("in their order", order == sorted(order))
    drops = lost(peer)
    need("some were dropped for their delay", drops.get("tx_queue_delay"), drops)
    equal("and no others are missing", sum(drops.values()), len(packets) - len(got))
    sender.close()
    peer.delete()
    peer.close()


network_open()
run((forwarded, dropped))
network_close()
tunnel.close()
