# topic: what the host sees of a tunnel and does to it: packet sockets, nonsense from them, bridges, redirected packets, checksums, ICMP redirects
# kernels: first
# timeout: 90
import contextlib
import errno
import os
import random
import socket
import struct
import subprocess

from engine.check import SLOW, equal, errno_of, name, need, note, refused, run, wait_for
from engine.doors import MP, P2P, V2, Native
from engine.fixture import NEAR, PORT, VPN_FAR, VPN_NEAR, Peer, Tunnel
from engine.net import MPTCP, ip, netns
from engine.trace import WHERE, mount, write
from engine.wire import internet_sum, payload_of, record, udp4

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 3, 0x0800, 0x86DD
SOL_PACKET, PACKET_VNET_HDR, PACKET_QDISC_BYPASS, PACKET_OUTGOING = 263, 15, 20, 4
OTHER = "10.8.0.3"


def packet_socket(tunnel, kind, protocol=ETH_P_ALL):
    with netns(NEAR):
        sock = socket.socket(socket.AF_PACKET, kind, 0)
    sock.bind((tunnel.dev.name, protocol))
    sock.settimeout(5)
    return sock


def seen():
    """packet sockets see each packet once, from its IP header on, in both directions, and tcpdump understands it"""
    for door in (Native, V2):
        with Tunnel(P2P, door) as tunnel:
            peer = Peer(tunnel, 1)
            peer.passes(door.__name__)
            log = "%s/tcpdump-%s" % (os.environ["LAB_DIR"], door.__name__)
            with open(log, "w") as text:
                dump = subprocess.Popen(["ip", "netns", "exec", NEAR, "tcpdump", "-n", "-l", "-c", "2", "-i", tunnel.dev.name, "udp"],
                                        stdout=text, stderr=subprocess.PIPE)
            need("tcpdump listens", b"listening" in dump.stderr.readline() + dump.stderr.readline())
            for kind, what in ((socket.SOCK_RAW, "raw"), (socket.SOCK_DGRAM, "cooked")):
                with packet_socket(tunnel, kind) as sock:
                    what = "%s, %s" % (door.__name__, what)
                    payload = os.urandom(300)
                    peer.far_send(peer.data(payload))
                    got, source = sock.recvfrom(65536)
                    equal(what + ": what comes in", got, peer.packet(payload))
                    equal(what + ": is IPv4 for this host", source[1:4], (ETH_P_IP, socket.PACKET_HOST, 0xFFFE))
                    equal(what + ": and is delivered", tunnel.received(), payload)
                    tunnel.send(payload)
                    got, source = sock.recvfrom(65536)
                    equal(what + ": what goes out", payload_of(got), (VPN_FAR, PORT, payload))
                    equal(what + ": is outgoing", source[2], PACKET_OUTGOING)
                    need(what + ": and arrives", peer.far_record())
                    sock.setblocking(False)
                    refused(what + ": that is all", errno.EAGAIN, sock.recv, 65536)
            need("tcpdump ends", dump.wait(20) == 0)
            dump.stderr.close()
            with open(log) as text:
                lines = text.read().splitlines()
            equal(door.__name__ + ": tcpdump", ["%s.4000 > %s.%d" % (VPN_FAR, VPN_NEAR, PORT) in lines[0],
                                                "%s.%d > %s.%d" % (VPN_NEAR, PORT, VPN_FAR, PORT) in lines[1], len(lines)], [True, True, 2])
            peer.close()


def nonsense(dice):
    """Bytes that look a little like a packet, and a header of offloads that claims anything."""
    size = dice.choice((0, 1, 19, 20, 21, 27, 28, 39, 40, 41, 60, 100, 1000, 1400, 5000, 40000))
    packet = bytearray(dice.randbytes(size))
    head = dice.choice((b"\x45", b"\x60", b"\x46", b"\x4f", b"\x40", b"\0", b""))
    packet[:len(head)] = head[:size]
    if size > 24 and dice.random() < 0.5:
        packet[9 if head != b"\x60" else 6] = dice.choice((6, 17, 1, 58, 0, 43, 44, 4, 41))
        if dice.random() < 0.5:
            # the lengths as they should be
            packet[2:4] = struct.pack("!H", size & 0xFFFF)
    if size > 20 and dice.random() < 0.7:
        packet[16:20] = socket.inet_aton(VPN_FAR)
    if size > 60:
        packet[32] = dice.choice((0x50, 0x00, 0xF0))
    gso = dice.choice((0, 0, 1, 3, 4, 5, 0x81, 0x84, 77))
    vnet = struct.pack("=BBHHHH", dice.choice((0, 1, 2, 3)), gso, dice.choice((0, 20, 40, 54, 65535)), dice.choice((0, 1, 8, 500, 1400, 65535)),
                       dice.choice((0, 20, 40, 1000, 65535)), dice.choice((0, 6, 16, 65535)))
    return bytes(packet), vnet


def told(what, sock, data, protocol, tunnel):
    """What the sender may be told: nothing, or what the core finds wrong with its packet or its header of offloads (ENOMEM: cannot be
    cut). A device whose transmission answers with a code of its own would be ENOBUFS or ENETDOWN."""
    number = errno_of(sock.sendto, data, (tunnel.dev.name, protocol))[0]
    need(what + ": the sender is told " + name(number), number in (0, errno.EINVAL, errno.EMSGSIZE, errno.ENOMEM), data[:80].hex())
    return number


def fed():
    """anything from a packet socket: it is sent or dropped and counted, the sender hears no error of it, and the peer lives"""
    seed = int(os.environ.get("TAPS_SEED") or random.randrange(1 << 30))
    note("TAPS_SEED=%d" % seed)
    dice = random.Random(seed)
    for mode, args in ((P2P, {}), (MP, {"vpn4": VPN_FAR})):
        with Tunnel(mode) as tunnel:
            tunnel.dev.up(mtu=9000)
            peer = Peer(tunnel, 1, **args)
            peer.passes("before")
            plain, direct = (packet_socket(tunnel, socket.SOCK_DGRAM) for _ in range(2))
            offloads = packet_socket(tunnel, socket.SOCK_RAW)
            offloads.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
            direct.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
            taken = 0
            for i in range(300):
                packet, vnet = nonsense(dice)
                protocol = dice.choice((ETH_P_IP, ETH_P_IP, ETH_P_IPV6, ETH_P_IPV6, ETH_P_ALL, 0x0806, 0))
                for sock, data in ((plain, packet), (direct, packet), (offloads, vnet + packet)):
                    taken += not told("%d" % i, sock, data, protocol, tunnel)
            need("most was taken", taken > 300, taken)
            # It goes the way of others.
            plain.sendto(udp4(VPN_NEAR, VPN_FAR, PORT, b"by hand"), (tunnel.dev.name, ETH_P_IP))

            def by_hand():
                # Some of the nonsense was cut into thousands of packets.
                while packet := peer.far_record(0.5):
                    if peer.key.open(packet)[3].endswith(b"by hand"):
                        return True
                return False
            wait_for("a packet of a packet socket arrives, behind all of them", 30, by_hand)
            state = peer.get()
            note("%s: %d of %d were taken, %d packets went out, drops %s" % (
                "P2P" if mode == P2P else "MP", taken, 900, state["vpn_tx_packets"], peer.drops()))
            with netns(NEAR), open("/proc/self/net/dev") as devices:
                line = next(line for line in devices if tunnel.dev.name + ":" in line)
            need("drops of the device", int(line.split(":")[1].split()[11]) > 0, line)
            # Flows take turns: others may still wait.
            while peer.far_record(0.3):
                pass
            peer.passes("afterwards")
            peer.delete()
            equal("without a peer: what the sender is told", told("no peer", plain, bytes(40), ETH_P_IP, tunnel) if mode == MP else 0, 0)
            for sock in (plain, offloads, direct):
                sock.close()
            peer.close()


def bridged():
    """a bridge wants Ethernet and is refused; tc carries packets between an Ethernet link and the tunnel"""
    with Tunnel(P2P) as tunnel:
        peer = Peer(tunnel, 1)
        peer.passes("before")
        if make_link("br9", "bridge"):
            done = subprocess.run(["ip", "-n", NEAR, "link", "set", tunnel.dev.name, "master", "br9"], capture_output=True)
            need("a bridge does not take it", done.returncode != 0)
            ip("-n", NEAR, "link", "del", "br9")
        if not make_link("tap9", "veth", "peer", "name", "tap8") or not mirrored(tunnel):
            note("this kernel has no tc to redirect packets with")
            return
        with netns(NEAR):
            outside = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        outside.bind(("tap8", ETH_P_ALL))
        outside.settimeout(10)
        packet = udp4("192.0.2.1", VPN_FAR, PORT, b"from a link")
        outside.send(b"\xff" * 6 + bytes(6) + struct.pack("!H", ETH_P_IP) + packet)
        wait_for("a frame of the link goes out without its Ethernet header", 10,
                 lambda: (got := peer.far_record(0.5)) and got[0] >> 3 == 9 and peer.key.open(got)[3] == packet)
        for _ in range(20):
            peer.far_send(peer.data(b"to a link"))
            equal("a copy goes to the link, the packet to this host", tunnel.received(), b"to a link")
        wait_for("the copy", 10, lambda: outside.recv(65536).endswith(b"to a link"))
        outside.close()
        peer.passes("afterwards")
        ip("-n", NEAR, "link", "del", "tap9")
        peer.close()


def make_link(device, *kind):
    return subprocess.run(["ip", "-n", NEAR, "link", "add", device, "up", "type", *kind], stderr=subprocess.DEVNULL).returncode == 0


def mirrored(tunnel):
    """From tap9 into the tunnel; copies of what comes out of the tunnel to tap9."""
    ip("-n", NEAR, "link", "set", "tap8", "up")
    tc = [["qdisc", "add", "dev", "tap9", "clsact"], ["qdisc", "add", "dev", tunnel.dev.name, "clsact"],
          ["filter", "add", "dev", "tap9", "ingress", "protocol", "ip", "matchall", "action", "mirred", "egress", "redirect", "dev", tunnel.dev.name],
          ["filter", "add", "dev", tunnel.dev.name, "ingress", "matchall", "action", "mirred", "egress", "mirror", "dev", "tap9"]]
    return all(subprocess.run(["tc", "-n", NEAR, *words], stderr=subprocess.DEVNULL).returncode == 0 for words in tc)


def udp_sum(packet):
    """0xffff when the checksum of an IPv4/UDP packet is right."""
    return internet_sum(packet[12:20], struct.pack("!HH", 17, len(packet) - 20), packet[20:])


def with_sum(packet, wrong=0):
    """The same with a checksum, or with one that is wrong by so much."""
    check = (~udp_sum(packet) & 0xFFFF) ^ wrong
    return packet[:26] + struct.pack("!H", check) + packet[28:]


@contextlib.contextmanager
def clients(protocol=MPTCP):
    """A server that forwards between two clients."""
    with Tunnel(MP) as tunnel:
        with netns(NEAR), open("/proc/sys/net/ipv4/ip_forward", "w") as setting:
            setting.write("1")
        one = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
        two = Peer(tunnel, 2, protocol, vpn=OTHER, vpn4=OTHER)
        for peer in (one, two):
            peer.passes("client %d" % peer.id)
        try:
            yield tunnel, one, two
        finally:
            with netns(NEAR), open("/proc/sys/net/ipv4/ip_forward", "w") as setting:
                setting.write("0")
        for peer in (one, two):
            peer.close()


def inner(peer, seconds=5):
    packet = peer.far_record(seconds)
    return packet and peer.key.open(packet)[3]


def checksums():
    """what the host sends has right checksums inside; what it forwards has the one it came with, right or wrong"""
    with clients() as (tunnel, one, two):
        for size in (0, 1, 2, 500, 501, 1300):
            tunnel.send(os.urandom(size), VPN_FAR)
            packet = inner(one)
            equal("%d bytes of the host" % size, (udp_sum(packet), packet[26:28] == b"\0\0"), (0xFFFF, False))
        for wrong in (0, 1, 0x8000):
            came = with_sum(udp4(VPN_FAR, OTHER, PORT, b"to the other client"), wrong)
            one.far_send(record(one.key.seal(came)))
            packet = inner(two)
            need("wrong by %#x: it is forwarded" % wrong, packet is not None)
            equal("wrong by %#x: all but the header of IP" % wrong, packet[20:], came[20:])
            equal("wrong by %#x: so it is found" % wrong, udp_sum(packet) == 0xFFFF, not wrong)


@contextlib.contextmanager
def counted(function):
    """Yields how often the kernel has called a function since then."""
    def hits():
        with open(WHERE + "/kprobe_profile") as lines:
            return next(int(line.split()[1]) for line in lines if line.split()[0] == "lab_count")
    write("kprobe_events", "p:lab/lab_count " + function)
    write("events/lab/lab_count/enable", "1")
    try:
        yield hits
    finally:
        write("events/lab/lab_count/enable", "0")
        write("kprobe_events", "-:lab/lab_count")


def in_place():
    """a packet that is forwarded into the tunnel is not made anew: there is room enough for what the tunnel needs, nothing"""
    mount()
    if SLOW > 1 and not os.path.exists(WHERE + "/kprobe_events"):
        note("not counted: debug kernels have no kprobe events")
        return
    with clients() as (tunnel, one, two), counted("pskb_expand_head") as hits:
        before = hits()
        for _ in range(100):
            one.far_send(record(one.key.seal(udp4(VPN_FAR, OTHER, PORT, b"to the other client"))))
            need("it is forwarded", inner(two) is not None)
        note("of 100 packets %d were made anew" % (hits() - before))
        need("few, if any", hits() - before < 50, hits() - before)


def redirects():
    """packets between clients: no ICMP redirect, after each time the device is taken up; the kernel would send one"""
    with clients() as (tunnel, one, two):
        def answered(what):
            """What the first client gets when it talks to the other."""
            one.far_send(record(one.key.seal(udp4(VPN_FAR, OTHER, PORT, b"to the other client"))))
            packet = inner(two)
            equal(what + ": it arrives", packet and payload_of(packet)[2], b"to the other client")
            return inner(one, 0.5)

        for setting in ("all", tunnel.dev.name):
            with netns(NEAR), open("/proc/sys/net/ipv4/conf/%s/send_redirects" % setting) as file:
                equal("send_redirects of " + setting, file.read(), "0\n")
        for i in range(3):
            equal("client to client", answered("as it is"), None)
        with netns(NEAR), open("/proc/sys/net/ipv4/conf/%s/send_redirects" % tunnel.dev.name, "w") as file:
            file.write("1")
        got = wait_for("switched on, one comes", 10, lambda: answered("switched on"))
        equal("it is an ICMP redirect", (got[9], got[20]), (1, 5))
        ip("-n", NEAR, "link", "set", tunnel.dev.name, "down")
        ip("-n", NEAR, "link", "set", tunnel.dev.name, "up")
        for i in range(3):
            equal("client to client, down and up", answered("down and up"), None)


run((seen, fed, bridged, checksums, in_place, redirects))
