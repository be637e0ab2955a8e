# topic: what a client may send from: its addresses, networks that routes or the policy of the server lead to it, and nothing else
# timeout: 90
import contextlib
import socket
import struct

from engine.check import equal, run, wait_for
from engine.doors import MP
from engine.fixture import NEAR, PORT, VPN_FAR, VPN_NEAR, Peer, Tunnel
from engine.net import ip
from engine.wire import record, udp4

OTHER, LAN_A, LAN_B = "10.8.0.3", "192.168.101.9", "192.168.102.9"
tunnel = Tunnel(MP)
one = Peer(tunnel, 1, vpn4=VPN_FAR, vpn6="fd08::2")
two = Peer(tunnel, 2, vpn=OTHER, vpn4=OTHER, vpn6="fd08::3")


def udp6(source, destination, port, payload, sport=4000):
    """An IPv6 packet; nobody here looks at its checksum."""
    udp = struct.pack("!HHHH", sport, port, 8 + len(payload), 0xFFFF) + payload
    return struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(
        socket.AF_INET6, destination) + udp


def sends(what, peer, source, destination, passes, tos=0):
    """The packet is given to the stack, or counted as one of a source that is not the peer's."""
    packet = bytearray((udp6 if ":" in source else udp4)(source, destination, PORT, b"from a network"))
    if tos:
        packet[1] = tos
    before = peer.get()
    peer.far_send(record(peer.key.seal(bytes(packet), peer=peer.id)))
    moved = {}

    def counted():
        after = peer.get()
        moved["passed"] = after["vpn_rx_packets"] - before["vpn_rx_packets"]
        moved["rx_source"] = after["drops"]["rx_source"] - before["drops"]["rx_source"]
        return any(moved.values())
    wait_for("%s: peer %d, from %s to %s: counted" % (what, peer.id, source, destination), 10, counted)
    equal("%s: peer %d, from %s to %s" % (what, peer.id, source, destination), moved, {"passed": int(passes), "rx_source": int(not passes)})


def route(*words, family="-4"):
    ip(family, "-n", NEAR, "route", "add", *words)


@contextlib.contextmanager
def rule(*words, family="-4"):
    ip(family, "-n", NEAR, "rule", "add", *words)
    try:
        yield
    finally:
        ip(family, "-n", NEAR, "rule", "del", *words)


def networks():
    """two networks behind this machine, and addresses of version 6"""
    for name, number in (("lana", 101), ("lanb", 102)):
        ip("-n", NEAR, "link", "add", name, "type", "veth", "peer", "name", name + "x")
        ip("-n", NEAR, "link", "set", name + "x", "up")
        ip("-n", NEAR, "link", "set", name, "up")
        ip("-n", NEAR, "addr", "add", "192.168.%d.1/24" % number, "dev", name)
        ip("-n", NEAR, "addr", "add", "fd%d::1/64" % (number - 90), "dev", name, "nodad")
    tunnel.set_ipv6("disable_ipv6", "0")
    ip("-n", NEAR, "addr", "add", "fd08::1/64", "dev", tunnel.dev.name, "nodad")


def addresses():
    """its own addresses, and nobody else's"""
    for peer, mine, other in ((one, VPN_FAR, OTHER), (two, OTHER, VPN_FAR), (one, "fd08::2", "fd08::3"), (two, "fd08::3", "fd08::2")):
        to = "fd08::1" if ":" in mine else VPN_NEAR
        sends("its address", peer, mine, to, True)
        sends("that of another", peer, other, to, False)
        sends("this machine's", peer, to, to, False)
    sends("without a route", one, "192.168.1.5", VPN_NEAR, False)


def routes():
    """networks behind clients by the main table, also by a route that is never taken, and by several next hops"""
    name = tunnel.dev.name
    route("192.168.7.0/24", "via", VPN_FAR, "dev", name)
    route("fd07::/64", "via", "fd08::2", "dev", name, family="-6")
    for source, to in (("192.168.7.5", VPN_NEAR), ("192.168.7.5", LAN_A), ("fd07::5", "fd08::1"), ("fd07::5", "fd11::9")):
        sends("a route", one, source, to, True)
        sends("a route to another", two, source, to, False)
    route("default", "dev", "lana", "metric", "1")
    route("default", "via", OTHER, "dev", name, "metric", "10000")
    sends("a route that a better one hides", two, "203.0.113.9", LAN_A, True)
    sends("a route that a better one hides", one, "203.0.113.9", LAN_A, False)
    ip("-n", NEAR, "route", "del", "default", "metric", "10000")
    sends("the route is gone", two, "203.0.113.9", LAN_A, False)
    route("198.18.0.0/24", "nexthop", "via", VPN_FAR, "dev", name, "nexthop", "via", OTHER, "dev", name)
    for host in range(1, 17):
        for peer in (one, two):
            sends("two next hops", peer, "198.18.0.%d" % host, VPN_NEAR, True)


def policy():
    """rules by source, incoming interface, type of service and port: what is routed to a client may come from it"""
    name = tunnel.dev.name
    for table, via, via6 in (("101", VPN_FAR, "fd08::2"), ("102", OTHER, "fd08::3")):
        route("192.168.1.0/24", "via", via, "dev", name, "table", table)
        route("2001:db8::/32", "via", via6, "dev", name, "table", table, family="-6")
    for source, lan_a, lan_b, family in (("192.168.1.5", LAN_A, LAN_B, "-4"), ("2001:db8::5", "fd11::9", "fd12::9", "-6")):
        sends("no rule", one, source, lan_a, False)
        with rule("iif", "lana", "lookup", "101", family=family), rule("iif", "lanb", "lookup", "102", family=family):
            for peer, right, wrong in ((one, lan_a, lan_b), (two, lan_b, lan_a)):
                sends("networks that overlap", peer, source, right, True)
                sends("networks that overlap", peer, source, wrong, False)
        net = "192.168.101.0/24" if family == "-4" else "fd11::/64"
        with rule("from", net, "lookup", "102", family=family):
            sends("a rule by source", two, source, lan_a, True)
            sends("a rule by source", one, source, lan_a, False)
            sends("a rule by source", two, source, lan_b, False)
        mine = VPN_NEAR if family == "-4" else "fd08::1"
        with rule("from", mine, "lookup", "101", family=family):
            sends("a rule for this machine itself", one, source, mine, True)
            sends("a rule for this machine itself", two, source, mine, False)
        # An answer goes to the port that the packet is from.
        with rule("ipproto", "udp", "dport", "4000", "lookup", "101", family=family):
            sends("a rule by port", one, source, lan_a, True)
        with rule("ipproto", "udp", "dport", str(PORT), "lookup", "101", family=family):
            sends("a rule by another port", one, source, lan_a, False)
        sends("no rule any more", one, source, lan_a, False)
    with rule("tos", "0x10", "lookup", "101"):
        sends("a rule by type of service", one, "192.168.1.5", LAN_A, True, tos=0x10)
        sends("a rule by type of service", one, "192.168.1.5", LAN_A, False)
    route("default", "via", OTHER, "dev", name, "table", "103")
    with rule("from", "192.168.102.0/24", "lookup", "103"):
        sends("a client is the way out for a network", two, "203.0.113.9", LAN_B, True)
        sends("a client is the way out for a network", two, "203.0.113.9", LAN_A, False)
        sends("a client is the way out for a network", one, "203.0.113.9", LAN_B, False)
        # Not on the way to a network that is routed elsewhere.
        sends("a multicast from there", two, "203.0.113.9", "239.1.2.3", False)


run((networks, addresses, routes, policy))
for peer in (one, two):
    peer.close()
tunnel.close()
