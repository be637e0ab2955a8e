# topic: the door of OpenVPN 2.7 answers, refuses and tells like the kernel's own module, where there is one to compare with
# timeout: 150
import errno
import json
import os
import socket
import struct
import subprocess
import sys

from engine import module
from engine.check import cleanups, equal, name, need, note, refused, run, wait_for
from engine.doors import MP, P2P, PRIMARY, Native, Ovpn, packed
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, THIRD, VPN_FAR, VPN_NEAR, Peer, Tunnel
from engine.net import TCP, connected, ip, listening, netns
from engine.netlink import Refused, attr, attr_list, nest, u8, u16, u32
from engine.wire import Key, udp4

# Where there is one, the same program runs on the kernel's own module then, which has no text for some errors.
INTREE = "ENGINE_INTREE" in os.environ
if INTREE:
    module.unload()
    subprocess.run(["modprobe", "ovpn"], check=True)
O = Ovpn
PEER, KEYCONF = O.PEER, O.KEYCONF
BIG_ENDIAN = 0x4000
NESTED = 0x8000


def in4(number, address):
    return attr(number, packed(address))


def port(value, number=5):
    return attr(number, struct.pack("!H", value))


def near_socket(*kind):
    with netns(NEAR):
        return socket.socket(*kind)


class Stage:
    """Devices, peers and sockets that requests can be about."""

    def __init__(self):
        self.mp, self.p2p = Tunnel(MP, Ovpn), Tunnel(P2P, Ovpn, address="10.9.0.1/24")
        self.one = Peer(self.mp, 1, TCP, vpn4=VPN_FAR, vpn6="fd08::2")
        self.two = Peer(self.mp, 2, TCP, vpn4="10.8.0.3", key=False)
        self.only = Peer(self.p2p, 1, TCP)
        self.pair = connected(NEAR, NEAR_ADDRESS, TCP, FAR, FAR_ADDRESS)
        self.halfway = connected(NEAR, NEAR_ADDRESS, TCP, FAR, FAR_ADDRESS)
        self.halfway[1].close()
        self.listener = listening(NEAR, NEAR_ADDRESS, TCP)
        self.fresh = near_socket(socket.AF_INET, socket.SOCK_STREAM)
        self.udp = near_socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((NEAR_ADDRESS, 0))
        self.raw = near_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.unix = socket.socketpair()
        self.file = open("/dev/null")

    def close(self):
        for peer in (self.one, self.two, self.only):
            peer.close()
        for it in (*self.pair, self.halfway[0], self.listener, self.fresh, self.udp, self.raw, *self.unix, self.file):
            it.close()
        self.mp.close()
        self.p2p.close()


# (what, errno, number of the attribute that is told to be missing or None, command, attributes)
def common(stage):
    dev, one = u32(1, stage.mp.index), u32(1, 1)
    for command, number, what in ((O.PEER_NEW, PEER, "PEER_NEW"), (O.PEER_SET, PEER, "PEER_SET"), (O.PEER_GET, PEER, "PEER_GET"),
                                  (O.PEER_DEL, PEER, "PEER_DEL"), (O.KEY_NEW, KEYCONF, "KEY_NEW"), (O.KEY_GET, KEYCONF, "KEY_GET"),
                                  (O.KEY_SWAP, KEYCONF, "KEY_SWAP"), (O.KEY_DEL, KEYCONF, "KEY_DEL")):
        other = PEER + KEYCONF - number
        for title, want, missing, parts in (
                ("no interface", errno.EINVAL, 1, (nest(number, one),)),
                ("no such interface", errno.ENODEV, None, (u32(1, 99999), nest(number, one))),
                ("an interface of another kind", errno.EINVAL, None, (u32(1, 1), nest(number, one))),
                ("interface of 2 bytes", errno.EINVAL, None, (u16(1, 1), nest(number, one))),
                ("no nest", errno.EINVAL, number, (dev,)),
                ("no id", errno.EINVAL, 1, (dev, nest(number))),
                ("an id of 25 bits", errno.ERANGE, None, (dev, nest(number, u32(1, 1 << 24)))),
                ("an id of 2 bytes", errno.EINVAL, None, (dev, nest(number, u16(1, 1)))),
                ("a nest without its mark", errno.EINVAL, None, (dev, attr(number, one))),
                ("an unknown attribute", errno.EINVAL, None, (dev, nest(number, one), u32(9, 0))),
                ("an unknown attribute in the nest", errno.EINVAL, None, (dev, nest(number, one, u32(90, 0)))),
                ("the nest of another command", errno.EINVAL, None, (dev, nest(number, one), nest(other, one)))):
            yield "%s: %s" % (what, title), want, missing, command, parts


def limits(stage):
    dev = u32(1, stage.mp.index)

    def of(number, command, want, *pairs):
        for title, part in pairs:
            yield title, want, None, command, (dev, nest(number, u32(1, 1), part))
    for command, what in ((O.PEER_NEW, "PEER_NEW, "), (O.PEER_SET, "PEER_SET, "), (O.PEER_GET, "PEER_GET, ")):
        yield from of(PEER, command, errno.ERANGE, (what + "port 0", port(0)), (what + "interval of more than a day", u32(13, 86401)),
                      (what + "timeout of more than a day", u32(14, 86401)), (what + "TX_ID of 25 bits", u32(24, 1 << 24)),
                      (what + "remote IPv6 of 15 bytes", attr(3, bytes(15))), (what + "VPN IPv6 of 17 bytes", attr(9, bytes(17))),
                      (what + "local IPv6 of 4 bytes", attr(11, bytes(4))))
        yield from of(PEER, command, errno.EINVAL, (what + "remote IPv4 of 3 bytes", attr(2, b"abc")),
                      (what + "VPN IPv4 of 8 bytes", attr(8, bytes(8))), (what + "port of 4 bytes", u32(5, 1)),
                      (what + "scope of 1 byte", u8(4, 1)), (what + "counter", u32(16, 0)))
    yield from of(PEER, O.PEER_SET, errno.EINVAL, ("PEER_SET, SOCKET", u32(6, 0)))
    for command, what in ((O.PEER_NEW, "PEER_NEW, "), (O.PEER_SET, "PEER_SET, ")):
        yield from of(PEER, command, errno.EINVAL, (what + "SOCKET_NETNSID", u32(7, 0)), (what + "LOCAL_PORT", port(1, 12)),
                      (what + "DEL_REASON", u32(15, 0)))
    yield from of(PEER, O.PEER_DEL, errno.EINVAL, ("PEER_DEL, VPN_IPV4", in4(8, "10.8.0.9")))
    yield from of(PEER, O.PEER_GET, errno.ERANGE, ("PEER_GET, DEL_REASON 5", u32(15, 5)))
    yield from of(PEER, O.PEER_GET, errno.EINVAL, *[("PEER_GET, attribute %d" % number, part) for number, part in (
        (2, in4(2, "10.1.1.1")), (5, port(1)), (6, u32(6, 0)), (7, u32(7, 0)), (12, port(1, 12)), (13, u32(13, 1)), (24, u32(24, 1)))])
    yield from of(KEYCONF, O.KEY_NEW, errno.ERANGE, ("KEY_NEW, slot 2", u32(2, 2)), ("KEY_NEW, key id 8", u32(3, 8)),
                  ("KEY_NEW, cipher 3", u32(4, 3)), ("KEY_NEW, key of 257 bytes", nest(5, attr(1, bytes(257)))),
                  ("KEY_NEW, nonce tail of 7 bytes", nest(6, attr(2, bytes(7)))))
    yield from of(KEYCONF, O.KEY_NEW, errno.EINVAL, ("KEY_NEW, slot of 1 byte", u8(2, 0)))
    yield from of(KEYCONF, O.KEY_GET, errno.ERANGE, ("KEY_GET, slot 2", u32(2, 2)))
    yield from of(KEYCONF, O.KEY_DEL, errno.ERANGE, ("KEY_DEL, slot 2", u32(2, 2)))
    yield from of(KEYCONF, O.KEY_SWAP, errno.EINVAL, ("KEY_SWAP, SLOT", u32(2, 0)))
    yield from of(KEYCONF, O.KEY_DEL, errno.EINVAL, ("KEY_DEL, KEY_ID", u32(3, 0)))


def crossed(stage):
    """what contradicts itself"""
    v4, v6, mapped = in4(2, "10.1.1.1"), in4(3, "fd01::1"), in4(3, "::ffff:10.1.1.1")
    fd = u32(6, stage.pair[0].fileno())
    for command, what, extra in ((O.PEER_NEW, "PEER_NEW: ", (fd, in4(8, "10.8.0.9"))), (O.PEER_SET, "PEER_SET: ", ())):
        for title, parts in (
                ("two remote addresses", (v4, v6, port(1))),
                ("a port without an address", (port(1),)),
                ("an IPv4 address without a port", (v4,)),
                ("an IPv6 address without a port", (v6,)),
                ("local IPv4 without remote IPv4", (v6, port(1), in4(10, "10.1.1.2"))),
                ("local IPv6 without remote IPv6", (v4, port(1), in4(11, "fd01::2"))),
                ("local IPv6 with a mapped remote", (mapped, port(1), in4(11, "fd01::2"))),
                ("mapped local with a remote IPv6", (v6, port(1), in4(11, "::ffff:10.1.1.2"))),
                ("scope without an address", (u32(4, 1),)),
                ("scope with IPv4", (v4, port(1), u32(4, 1))),
                ("scope with a mapped remote", (mapped, port(1), u32(4, 1))),
                ("interval alone", (u32(13, 1),)),
                ("timeout alone", (u32(14, 1),))):
            yield what + title, errno.EINVAL, None, command, (u32(1, stage.mp.index), nest(PEER, u32(1, 1), *parts, *extra))
    for part in (in4(8, "10.8.0.9"), in4(9, "fd08::9")):
        p2p = u32(1, stage.p2p.index)
        yield "PEER_NEW: P2P with a VPN address", errno.EINVAL, None, O.PEER_NEW, (p2p, nest(PEER, u32(1, 1), fd, part))
        yield "PEER_SET: P2P with a VPN address", errno.EINVAL, None, O.PEER_SET, (p2p, nest(PEER, u32(1, 1), part))


def new_peers(stage):
    dev = u32(1, stage.mp.index)
    remote = (in4(2, FAR_ADDRESS), port(1194))
    fd = u32(6, stage.pair[0].fileno())

    def new(title, want, *parts, missing=None, id=9):
        return "PEER_NEW: " + title, want, missing, O.PEER_NEW, (dev, nest(PEER, u32(1, id), *parts))
    yield new("no socket", errno.EINVAL, in4(8, "10.8.0.9"), missing=6)
    yield new("no VPN address", errno.EINVAL, fd)
    yield new("VPN addresses that are none", errno.EINVAL, fd, in4(8, "0.0.0.0"), in4(9, "::"))
    for address in ("224.0.0.1", "255.255.255.255", "127.0.0.1"):
        yield new("VPN address " + address, errno.EADDRNOTAVAIL, fd, in4(8, address))
    for address in ("::1", "::192.0.2.1", "::ffff:192.0.2.1", "ff02::1"):
        yield new("VPN address " + address, errno.EADDRNOTAVAIL, fd, in4(9, address))
    gone = os.dup(0)
    os.close(gone)
    for title, number, parts in (
            ("a closed descriptor", gone, ()), ("a file", stage.file.fileno(), ()), ("a UNIX socket", stage.unix[0].fileno(), ()),
            ("a raw socket", stage.raw.fileno(), ()), ("a socket that is not connected", stage.fresh.fileno(), ()),
            ("a listening socket", stage.listener.fileno(), ()), ("a socket closed by its other end", stage.halfway[0].fileno(), ()),
            ("a socket of another device", stage.only.near.fileno(), ()), ("a socket of another peer", stage.two.near.fileno(), ())):
        yield new(title, errno.ENOTSOCK, u32(6, number), in4(8, "10.8.0.9"), *parts)
    yield new("UDP without a remote address", errno.EINVAL, u32(6, stage.udp.fileno()), in4(8, "10.8.0.9"))
    yield new("TCP with a remote address", errno.EINVAL, fd, in4(8, "10.8.0.9"), *remote)
    yield new("an id in use", errno.EEXIST, fd, in4(8, "10.8.0.9"), id=1)
    yield new("a VPN IPv4 address in use", errno.EADDRINUSE, fd, in4(8, VPN_FAR))
    yield new("a VPN IPv6 address in use", errno.EADDRINUSE, fd, in4(9, "fd08::2"))


def changes(stage):
    def change(title, want, *parts, id=2):
        return "PEER_SET: " + title, want, None, O.PEER_SET, (u32(1, stage.mp.index), nest(PEER, u32(1, id), *parts))
    yield change("unknown id", errno.ENOENT, id=77)
    yield change("a remote address of a TCP peer", errno.EINVAL, in4(2, FAR_ADDRESS), port(1194))
    yield change("a VPN IPv4 address in use", errno.EADDRINUSE, in4(8, VPN_FAR))
    yield change("a VPN IPv6 address in use", errno.EADDRINUSE, in4(9, "fd08::2"))
    yield change("no VPN address would be left", errno.EINVAL, in4(8, "0.0.0.0"))
    for address in ("224.0.0.1", "255.255.255.255", "127.0.0.1"):
        yield change("VPN address " + address, errno.EADDRNOTAVAIL, in4(8, address))
    for address in ("::1", "::192.0.2.1", "::ffff:192.0.2.1", "ff02::1"):
        yield change("VPN address " + address, errno.EADDRNOTAVAIL, in4(9, address))


def the_rest(stage):
    dev, unknown = u32(1, stage.mp.index), u32(1, 77)

    def direction(number, size=16, key=True, tail=True):
        return nest(number, *([attr(1, bytes(size))] if key else []), *([attr(2, bytes(8))] if tail else []))

    def key(title, want, *parts, cipher=1, peer=u32(1, 1)):
        return "KEY_NEW: " + title, want, None, O.KEY_NEW, (dev, nest(KEYCONF, peer, u32(2, 0), u32(3, 0), u32(4, cipher), *parts))
    yield "PEER_DEL: unknown id", errno.ENOENT, None, O.PEER_DEL, (dev, nest(PEER, unknown))
    yield "PEER_GET: unknown id", errno.ENOENT, None, O.PEER_GET, (dev, nest(PEER, unknown))
    whole = [u32(1, 1), u32(2, 0), u32(3, 0), u32(4, 1), direction(5), direction(6)]
    for number in range(2, 7):
        yield ("KEY_NEW: without attribute %d" % number, errno.EINVAL, number, O.KEY_NEW,
               (dev, nest(KEYCONF, *whole[:number - 1], *whole[number:])))
    yield key("no cipher", errno.EINVAL, direction(5), direction(6), cipher=0)
    yield key("no key to encrypt", errno.EINVAL, direction(5, key=False), direction(6))
    yield key("no nonce tail to decrypt", errno.EINVAL, direction(5), direction(6, tail=False))
    yield key("unknown peer", errno.ENOENT, direction(5), direction(6), peer=unknown)
    yield key("AES key of 17 bytes", errno.EINVAL, direction(5, 17), direction(6, 17))
    yield key("ChaCha20 key of 16 bytes", errno.EINVAL, direction(5), direction(6), cipher=2)
    yield "KEY_GET: unknown peer", errno.ENOENT, None, O.KEY_GET, (dev, nest(KEYCONF, unknown, u32(2, 0)))
    yield "KEY_GET: no slot", errno.EINVAL, 2, O.KEY_GET, (dev, nest(KEYCONF, u32(1, 1)))
    yield "KEY_GET: an empty slot", errno.ENOENT, None, O.KEY_GET, (dev, nest(KEYCONF, u32(1, 1), u32(2, 1)))
    for number in (3, 4):
        yield ("KEY_GET: attribute %d" % number, errno.EINVAL, None, O.KEY_GET,
               (dev, nest(KEYCONF, u32(1, 1), u32(2, 0), u32(number, 1))))
    yield "KEY_SWAP: unknown peer", errno.ENOENT, None, O.KEY_SWAP, (dev, nest(KEYCONF, unknown))
    yield "KEY_DEL: unknown peer", errno.ENOENT, None, O.KEY_DEL, (dev, nest(KEYCONF, unknown, u32(2, 0)))
    yield "KEY_DEL: no slot", errno.EINVAL, 2, O.KEY_DEL, (dev, nest(KEYCONF, u32(1, 1)))
    yield "SET_SOCK, which is private", errno.EOPNOTSUPP, None, 64, (dev, nest(PEER, u32(1, 1), u32(6, 0)))


def answer(family, command, parts, **how):
    try:
        family.call(command, *parts, **how)
    except Refused as err:
        return err
    return None


def errors():
    """every error of the interface: its number, a text, the attribute that is missing"""
    stage = Stage()
    family = stage.mp.door.family
    wrong, count = [], 0
    for table in (common, limits, crossed, new_peers, changes, the_rest):
        for what, want, missing, command, parts in table(stage):
            count += 1
            err = answer(family, command, parts)
            got = err.errno if err else 0
            if got != want:
                wrong.append("%s: %s, must be %s" % (what, name(got), name(want)))
            elif missing and err.missing != missing:
                wrong.append("%s: attribute %s is missing, must be %s" % (what, err.missing, missing))
            elif err and got != errno.EOPNOTSUPP and not err.text and not INTREE:
                wrong.append(what + ": no text")
    equal("of %d errors, wrong" % count, wrong, [])
    note("%s: %d errors" % ("the kernel's own module" if INTREE else "the module", count))
    for what, want, parts in (("no interface", errno.EINVAL, ()), ("no such interface", errno.ENODEV, (u32(1, 99999),)),
                              ("an interface of another kind", errno.EINVAL, (u32(1, 1),)),
                              ("an id", errno.EINVAL, (u32(1, stage.mp.index), nest(PEER, u32(1, 1))))):
        err = answer(family, O.PEER_GET, parts, dump=True)
        equal("dump, " + what, name(err.errno if err else 0), name(want))
    if not INTREE:
        equal("dump with an empty nest", len(family.call(O.PEER_GET, u32(1, stage.mp.index), nest(PEER), dump=True)), 2)
    equal("none of the refused has left a trace", sorted(p["id"] for p in stage.mp.door.peer_dump(stage.mp.index)), [1, 2])
    stage.one.passes("after all that")
    stage.close()


def successes():
    """what looks odd and is allowed"""
    with Tunnel(MP, Ovpn) as tunnel:
        peer = Peer(tunnel, 1, TCP, vpn4=VPN_FAR, key=False)
        door, index = tunnel.door, tunnel.index
        door.key_swap(index, 1)
        door.key_del(index, 1, PRIMARY)
        door.peer_set(index, id=1, vpn4=VPN_FAR)
        door.peer_set(index, id=1, vpn6="fd08::2")
        door.peer_set(index, id=1, vpn4="0.0.0.0")
        equal("an address family is cleared", ["vpn4" in peer.get(), peer.get()["vpn6"]], [False, "fd08::2"])
        for interval, timeout in ((0, 100), (100, 0), (0, 0)):
            door.peer_set(index, id=1, interval=interval, timeout=timeout)
            equal("keepalive", [peer.get()[k] for k in ("interval", "timeout")], [interval, timeout])
        peer.close()


def number(value):
    return struct.pack("=I", value)


def fields(nested):
    return [kind for kind, _ in nested]


def nested_reply(replies, number_of_nest=PEER):
    """What the one message says, as it stands."""
    (_, message), = replies
    equal("nothing but the nest", list(message), [number_of_nest])
    return attr_list(message[number_of_nest])


def raw(tunnel, id, family=None):
    return nested_reply((family or tunnel.door.family).call(O.PEER_GET, u32(1, tunnel.index), nest(PEER, u32(1, id))))


COUNTERS = [16, 18, 17, 19, 20, 22, 21, 23]


def described():
    """PEER_GET and KEY_GET, field by field, in the order of the kernel's own module"""
    with Tunnel(MP, Ovpn) as tunnel:
        peer = Peer(tunnel, 7, TCP, vpn4=VPN_FAR, vpn6="fd08::2", interval=30, timeout=90, tx_id=12)
        local = peer.near.getsockname()[1]
        family, dev = tunnel.door.family, u32(1, tunnel.index)
        for what, inner in (("PEER_GET", raw(tunnel, 7)), ("dump", nested_reply(family.call(O.PEER_GET, dev, dump=True)))):
            equal(what + ": order", fields(inner), [1, 24, 8, 9, 13, 14, 12 | BIG_ENDIAN] + COUNTERS)
            equal(what + ": values", [v for _, v in inner[:7]],
                  [number(7), number(12), packed(VPN_FAR), packed("fd08::2"), number(30), number(90), struct.pack("!H", local)])
            equal(what + ": counters of 4 bytes", {len(v) for _, v in inner[7:]}, {4})
        inner = nested_reply(family.call(O.KEY_GET, dev, nest(KEYCONF, u32(1, 7), u32(2, 0))), KEYCONF)
        equal("KEY_GET", inner, [(1, number(7)), (2, number(0)), (3, number(0)), (4, number(1))])
        peer.close()
        with netns(NEAR):
            udp4_sock, udp6_sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        udp4_sock.bind((NEAR_ADDRESS, 0))
        udp6_sock.bind(("fd01::2", 0))
        door, index = tunnel.door, tunnel.index
        door.peer_new(index, id=1, fd=udp4_sock.fileno(), remote4=FAR_ADDRESS, port=1195, local4=NEAR_ADDRESS, vpn4="10.8.0.4")
        door.peer_new(index, id=2, fd=udp6_sock.fileno(), remote6="fd01::1", port=1196, scope=0, vpn4="10.8.0.5")
        inner = raw(tunnel, 1)
        equal("UDP over IPv4: order", fields(inner), [1, 24, 8, 13, 14, 2, 5 | BIG_ENDIAN, 10, 12 | BIG_ENDIAN] + COUNTERS)
        equal("UDP over IPv4: values", [v for _, v in inner[5:9]],
              [packed(FAR_ADDRESS), struct.pack("!H", 1195), packed(NEAR_ADDRESS), struct.pack("!H", udp4_sock.getsockname()[1])])
        inner = raw(tunnel, 2)
        equal("UDP over IPv6: order", fields(inner), [1, 24, 8, 13, 14, 3, 4, 5 | BIG_ENDIAN, 11, 12 | BIG_ENDIAN] + COUNTERS)
        equal("UDP over IPv6: values", [v for _, v in inner[5:10]],
              [packed("fd01::1"), number(0), struct.pack("!H", 1196), packed("::"), struct.pack("!H", udp6_sock.getsockname()[1])])
        door.peer_set(index, id=1, remote4=FAR_ADDRESS, port=1197)
        equal("PEER_SET moves it", raw(tunnel, 1)[6][1], struct.pack("!H", 1197))
        udp4_sock.close()
        udp6_sock.close()


def told(what, tunnel, command, *nested):
    """One notification with just this content; it is there already or comes soon."""
    found = []

    def arrived():
        found.extend(tunnel.watcher.family.take_messages())
        return found
    wait_for(what, 10, arrived)
    want = (command, [(1, number(tunnel.index)), (PEER | NESTED, b"".join(nested))])
    equal(what + ": content", found, [want])


def notified():
    """notifications, field by field"""
    with Tunnel(P2P, Ovpn) as tunnel:
        peer = Peer(tunnel, 5, TCP)
        tunnel.door.family.join("peers")
        peer.delete()
        equal("told before the answer", tunnel.door.deletions(tunnel.door.family.events_so_far()), [(tunnel.index, 5, "userspace")])
        told("deleted", tunnel, O.PEER_DEL_NTF, u32(15, 1), u32(1, 5))
        peer.close()
        first, second = Peer(tunnel, 6, TCP), Peer(tunnel, 7, TCP)
        told("replaced", tunnel, O.PEER_DEL_NTF, u32(15, 0), u32(1, 6))
        second.near.close()
        told("closed", tunnel, O.PEER_DEL_NTF, u32(15, 4), u32(1, 7))
        first.close()
        second.close()
        peer = Peer(tunnel, 8, TCP)
        # As OpenVPN does it, when the peer is there: told with it, the kernel's own module may look at its peers before it
        # has this one, and then never again.
        tunnel.door.peer_set(tunnel.index, id=8, interval=0 if not INTREE else 100, timeout=1)
        told("expired", tunnel, O.PEER_DEL_NTF, u32(15, 2), u32(1, 8))
        peer.close()


def monitoring():
    """The control tool, which hears of every peer through the native family; it listens when this returns."""
    tool = subprocess.Popen(["ip", "netns", "exec", NEAR, "/lab/ovpn-mptcp-ctl", "monitor", "--json"], stdout=subprocess.PIPE)
    cleanups.append(tool.kill)
    equal("monitor", json.loads(tool.stdout.readline())["event"], "listening")
    return tool


def floated():
    """an authentic datagram from another port is told"""
    tool = None if INTREE else monitoring()
    for family, near_address, far_address, scope in ((socket.AF_INET, NEAR_ADDRESS, FAR_ADDRESS, b""),
                                                     (socket.AF_INET6, "fd01::2", "fd01::1", u32(4, 0))):
        with Tunnel(P2P, Ovpn) as tunnel:
            with netns(NEAR):
                near = socket.socket(family, socket.SOCK_DGRAM)
            with netns(FAR):
                far = socket.socket(family, socket.SOCK_DGRAM)
            near.bind((near_address, 0))
            far.bind((far_address, 0))
            remote = "remote4" if family == socket.AF_INET else "remote6"
            tunnel.door.peer_new(tunnel.index, id=3, fd=near.fileno(), port=1198, **{remote: far_address})
            key = Key()
            tunnel.door.key_new(tunnel.index, 3, PRIMARY, key)
            far.sendto(key.seal(udp4(VPN_FAR, VPN_NEAR, 5000, b"from elsewhere"), peer=3), near.getsockname()[:2])
            told("floated to " + far_address, tunnel, O.PEER_FLOAT_NTF,
                 u32(1, 3), in4(2 if family == socket.AF_INET else 3, far_address), scope,
                 attr(5 | BIG_ENDIAN, struct.pack("!H", far.getsockname()[1])))
            if tool:
                event = json.loads(tool.stdout.readline())
                equal("monitor", [event[k] for k in ("event", "dev", "peer", "remote", "remote_port")],
                      ["peer-float", tunnel.dev.name, 3, far_address, far.getsockname()[1]])
            far.close()
            near.close()
            key.close()
            if tool:
                equal("monitor", json.loads(tool.stdout.readline())["event"], "peer-del")
    if tool:
        cleanups.remove(tool.kill)
        tool.kill()
        tool.wait()


def moved():
    """the device in another namespace than the socket: notifications go where the socket is"""
    ip("netns", "add", THIRD)
    tunnel = Tunnel(P2P, Ovpn)
    peer = Peer(tunnel, 4, TCP)
    with netns(THIRD):
        there = Ovpn()
        there.family.join("peers")
        natives = [] if INTREE else [Native()]
    for native in natives:
        native.family.join("peers")
    ip("-n", NEAR, "link", "set", tunnel.dev.name, "netns", THIRD)
    with netns(THIRD):
        tunnel.index = socket.if_nametoindex(tunnel.dev.name)
    refused("the caller's namespace has it no more", errno.ENODEV, tunnel.door.peer_get, tunnel.index + 1000, 4)
    inner = raw(tunnel, 4, there.family)
    equal("PEER_GET names the namespace of the socket first", fields(inner)[:2], [7, 1])
    there.peer_del(tunnel.index, 4)
    told("the socket's namespace is told", tunnel, O.PEER_DEL_NTF, u32(15, 1), u32(1, 4))
    equal("the device's is not", there.family.take_messages(0.1), [])
    for native in natives:
        equal("the native family tells that of the device", native.deletions(native.family.take_events(0.1)), [(tunnel.index, 4, "userspace")])
        native.close()
    ip("-n", THIRD, "link", "set", tunnel.dev.name, "netns", NEAR)
    with netns(NEAR):
        tunnel.dev.index = socket.if_nametoindex(tunnel.dev.name)
    there.close()
    peer.close()
    tunnel.close()
    ip("netns", "del", THIRD)


def carrier():
    """a P2P device has its carrier while it has its peer"""
    with Tunnel(P2P, Ovpn) as tunnel:
        need("none at first", not tunnel.running())
        peer = Peer(tunnel, 1, TCP)
        wait_for("on with the peer", 10, tunnel.running)
        peer.delete()
        wait_for("off without it", 10, lambda: not tunnel.running())
        peer.close()


run((errors, successes, described, notified, floated, moved, carrier))
if not INTREE and subprocess.run(["modinfo", "ovpn"], capture_output=True).returncode == 0:
    os.environ["ENGINE_INTREE"] = "yes"
    os.execv(sys.executable, [sys.executable, "-u", *sys.argv])
