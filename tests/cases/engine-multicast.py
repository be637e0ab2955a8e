# topic: multicast and broadcast packets of the host go to every client of a multi-peer device, within bounds, and as long as its flag says so
# timeout: 90
import json
import socket
import struct
import subprocess

from engine.check import equal, errno_of, need, note, run, wait_for
from engine.datagram import UdpPeer, far_socket, near_socket
from engine.doors import MP, P2P, V2, Native
from engine.fixture import FAR_ADDRESS, NEAR, PORT, VPN_FAR, VPN_NEAR, Peer, Tunnel
from engine.net import TCP, ip, netns
from engine.wire import payload_of, udp4

OTHER, THIRD_CLIENT = "10.8.0.3", "10.8.0.4"
GROUPS = ("224.0.0.251", "239.1.2.3", "255.255.255.255", "10.8.0.255", "ff02::fb")
ETH_P_IP = 0x0800
COUNT, BURST = 400, 3000


def link(tunnel):
    out = subprocess.run(["ip", "-n", NEAR, "-s", "-j", "link", "show", tunnel.dev.name], capture_output=True, check=True)
    return json.loads(out.stdout)[0]


def sender(tunnel):
    """A socket that sends by the device, wherever to."""
    with netns(NEAR):
        socks = {4: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 6: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)}
    for sock in socks.values():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, tunnel.dev.name.encode())
    socks[4].setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    return lambda payload, to: socks[6 if ":" in to else 4].sendto(payload, (to, PORT))


def with_ipv6(tunnel):
    """Without the reports of the kernel's own groups, which go the same way."""
    for name in ("disable_ipv6", "router_solicitations"):
        tunnel.set_ipv6(name, "0")


def inner(peer, seconds=10):
    """What the next packet carries for the port of the test; None when none comes."""
    while packet := peer.far_record(seconds):
        plain = peer.key.open(packet)[3]
        if plain[0] >> 4 == 6:
            if plain[6] == 17 and struct.unpack_from("!H", plain, 42)[0] == PORT:
                return socket.inet_ntop(socket.AF_INET6, plain[24:40]), plain[48:]
        elif plain[9] == 17:
            to, _, payload = payload_of(plain)
            return to, payload
    return None


def flags():
    """a device has the flags of a tun device, in both modes and through every door"""
    for door in (Native, V2):
        for mode in (P2P, MP):
            with Tunnel(mode, door) as tunnel:
                has = set(link(tunnel)["flags"])
                equal("%s, mode %d" % (door.__name__, mode), has & {"POINTOPOINT", "MULTICAST", "BROADCAST", "NOARP"},
                      {"POINTOPOINT", "MULTICAST", "NOARP"})


def clients(tunnel):
    with_ipv6(tunnel)
    ip("-n", NEAR, "addr", "add", "fd08::1/64", "dev", tunnel.dev.name, "nodad")
    near = near_socket()
    peers = [Peer(tunnel, 1, vpn4=VPN_FAR), Peer(tunnel, 2, TCP, vpn=OTHER, vpn4=OTHER),
             UdpPeer(tunnel, near, 3, vpn=THIRD_CLIENT, vpn4=THIRD_CLIENT)]
    for peer in peers:
        peer.passes("client %d" % peer.id)
    return near, peers


def copies():
    """every client gets one, whatever carries it; what is for one client goes to that one; the flag switches it off"""
    with Tunnel(MP) as tunnel:
        near, peers = clients(tunnel)
        send = sender(tunnel)

        def only(what, to, wanted, payload):
            send(payload, to)
            for peer in peers:
                if peer in wanted:
                    equal("%s: client %d" % (what, peer.id), inner(peer), (to, payload))
            # Another one would come with it or never.
            for wait, peer in zip((0.2, 0.02, 0.02), peers):
                equal("%s: client %d gets no other" % (what, peer.id), inner(peer, wait), None)

        for to in GROUPS:
            only(to, to, peers, b"for all, " + to.encode())
        for peer in peers:
            only("unicast", peer.vpn, [peer], b"for one")
        dropped = link(tunnel)["stats64"]["tx"]["dropped"]
        only("nobody's address", "10.8.0.77", [], b"for nobody")
        equal("nobody's address is counted", link(tunnel)["stats64"]["tx"]["dropped"] - dropped, 1)

        peers[1].delete()
        only("a client has gone", GROUPS[1], [peers[0], peers[2]], b"for those who are left")
        ip("-n", NEAR, "link", "set", tunnel.dev.name, "multicast", "off")
        for to in GROUPS:
            dropped = link(tunnel)["stats64"]["tx"]["dropped"]
            only("switched off, " + to, to, [], b"for nobody")
            need("switched off: counted", link(tunnel)["stats64"]["tx"]["dropped"] > dropped)
        only("switched off, unicast", VPN_FAR, [peers[0]], b"for one")
        # A route of the administrator's says who gets it, without any copy.
        ip("-n", NEAR, "route", "add", "239.9.0.0/16", "via", THIRD_CLIENT, "dev", tunnel.dev.name)
        only("a group that is routed to a client", "239.9.1.1", [peers[2]], b"for one")
        ip("-n", NEAR, "link", "set", tunnel.dev.name, "multicast", "on")
        only("switched on again", GROUPS[0], [peers[0], peers[2]], b"for all")
        for peer in peers:
            peer.close()
        near.close()


def point_to_point():
    """the one peer gets them"""
    with Tunnel(P2P) as tunnel:
        with_ipv6(tunnel)
        peer = Peer(tunnel, 1)
        peer.passes("before")
        send = sender(tunnel)
        for to in GROUPS:
            send(b"for one", to)
            equal(to, inner(peer), (to, b"for one"))
        peer.close()


def bound():
    """more than can be copied to hundreds of clients: each of them is told how many it missed, and the others went its way"""
    with Tunnel(MP, address="10.8.0.1/16") as tunnel:
        near, far = near_socket(), far_socket()
        remote = {"remote4": FAR_ADDRESS, "port": far.getsockname()[1]}
        for i in range(COUNT):
            tunnel.door.peer_new(tunnel.index, id=i, fd=near.fileno(), vpn4="10.8.%d.%d" % (1 + i // 200, 1 + i % 200), **remote)
        with netns(NEAR):
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        # SO_SNDBUFFORCE: what waits must not stop the sender.
        sock.setsockopt(socket.SOL_SOCKET, 32, 1 << 26)
        packet = udp4(VPN_NEAR, "239.1.2.3", PORT, bytes(100))
        refusals = sum(errno_of(sock.sendto, packet, (tunnel.dev.name, ETH_P_IP))[0] != 0 for _ in range(BURST))
        equal("the sender is told of no error", refusals, 0)

        def drops(i):
            return {reason: n for reason, n in tunnel.door.peer_get(tunnel.index, i)["drops"].items() if n}
        for i in (0, COUNT // 2, COUNT - 1):
            wait_for("client %d: all are accounted for" % i, 30, lambda: sum(drops(i).values()) == BURST, lambda: drops(i))
            need("client %d: some missed the copying" % i, drops(i).get("tx_multicast"), drops(i))
            # They have no key.
            need("client %d: others came as far as its cipher" % i, drops(i).get("tx_no_key"), drops(i))
        note("of %d packets %s" % (BURST, drops(0)))
        # The device goes while packets wait to be copied.
        for _ in range(100):
            sock.sendto(packet, (tunnel.dev.name, ETH_P_IP))
    sock.close()
    near.close()
    far.close()


def loop():
    """clients whose transport is a multicast address that leads back into the tunnel: each packet goes once"""
    with Tunnel(MP) as tunnel:
        near = near_socket()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, tunnel.dev.name.encode())
        peer = UdpPeer(tunnel, near, 1, remote=("239.7.7.7", 4000), vpn4=VPN_FAR)
        tunnel.send(b"round and round", VPN_FAR)
        wait_for("it is dropped and counted", 10, lambda: peer.drops() == {"tx_loop": 1}, peer.drops)
        equal("packets that went out", peer.get()["vpn_tx_packets"], 1)
        peer.close()
        near.close()


run((flags, copies, point_to_point, bound, loop))
