# topic: TCP segments become one packet while they are decrypted: what comes out is what GRO may make of what went in, to the bit
# timeout: 120
import ctypes
import fcntl
import os
import random
import socket
import struct

from engine.check import equal, need, note, run, wait_for
from engine.datagram import UdpPeer, near_socket
from engine.doors import P2P
from engine.fixture import NEAR, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP, netns
from engine.segments import PSH, Flow, differs, sorted_by_flow
from engine.trace import traced
from engine.wire import internet_sum, record

ETH_P_ALL, SOL_PACKET, PACKET_VNET_HDR = 3, 263, 15
SIOCETHTOOL, ETHTOOL_SGRO = 0x8946, 0x2C
# Nobody has these addresses: the kernel answers nothing.
TO = {4: "10.8.0.77", 6: "fd00::77"}
FROM = {4: VPN_FAR, 6: "fd00::2"}
tunnel = Tunnel(P2P)
seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
chance = random.Random(seed)
note("SEED=%d" % seed)


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
        for packet in chance.choice(flows).burst():
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
            flows = [Flow(chance, version, 1000 + n, FROM, TO) for n, version in enumerate((4, 4, 6, 6))]
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
    flow = Flow(chance, 4, 1000, FROM, TO)
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
