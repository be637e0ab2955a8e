# topic: UDP: peers share a socket, float only when it is authentic and newer, obey mark and device, and leave the socket as it was
# paths: 2
# timeout: 240
import errno
import os
import resource
import socket
import threading
import time

from engine.check import equal, errno_of, need, note, refused, run, wait_for
from engine.datagram import UNNAMED, UdpPeer, datagram_socket, far_socket, near_socket, packets
from engine.doors import MP, P2P, Native, Ovpn
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, PORT, VPN_FAR, Peer, Tunnel
from engine.net import TCP, connected, ip, netns
from engine.wire import CONTROL_V1

NEAR6, FAR6 = "fd01::2", "fd01::1"
# the same ends by the second link
NEAR2, FAR2 = "10.1.2.2", "10.1.2.1"
UDP_ENCAP, UDP_ENCAP_ESPINUDP = 100, 2
SO_MARK = 36


def in_ns(ns, *command):
    ip("netns", "exec", ns, *command)


def families():
    """IPv4, IPv6, and IPv4 on a socket of both: packets of data and control pass, and the peer shows its addresses"""
    for what, near, far in (("IPv4", near_socket, FAR_ADDRESS), ("IPv6", lambda: near_socket(NEAR6), FAR6),
                            ("IPv4 on a socket of both", lambda: near_socket("::"), FAR_ADDRESS)):
        near = near()
        with Tunnel(P2P) as tunnel:
            far = far_socket(far)
            to = (NEAR_ADDRESS, near.getsockname()[1]) if "both" in what else None
            mapped = ("::ffff:" + FAR_ADDRESS, far.getsockname()[1]) if "both" in what else None
            peer = UdpPeer(tunnel, near, 5, far, remote=mapped, to=to)
            if mapped:
                # the near end's own packets have to say so, too
                wait_for(what + ": the device runs", 10, tunnel.running)
                peer.arrives(what, b"in")
                peer.leaves(what, b"out")
            else:
                peer.passes(what)
            got = peer.get()
            equal(what + ": transport", got["transport"], "udp")
            equal(what + ": remote address", peer.remote(), far.getsockname()[:2])
            equal(what + ": local port", got["local_port"], near.getsockname()[1])
            equal(what + ": packets on the link", (got["link_rx_packets"], got["link_tx_packets"]), (1, 1))
            near.close()
            tunnel.expect_deletion(5, "disconnect")
            peer.close()


def large():
    """packets of 9000 bytes inside go out in fragments and arrive whole; what comes in fragments is taken"""
    for near, far in ((near_socket(), far_socket()), (near_socket(NEAR6), far_socket(FAR6))):
        with Tunnel(P2P) as tunnel:
            tunnel.dev.up(mtu=9000)
            peer = UdpPeer(tunnel, near, 1, far)
            wait_for("the device runs", 10, tunnel.running)
            payload = os.urandom(8900)
            peer.leaves("large", payload)
            peer.arrives("large", payload)
            near.close()
            peer.close()


def shared():
    """1000 peers on one socket: each has its own packets; closing the socket ends them all, each told once"""
    near = near_socket()
    # a key of the test takes four
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    with Tunnel(MP, address="10.8.0.1/16") as tunnel:
        far = far_socket()
        peers = []
        began = time.monotonic()
        for i in range(1000):
            vpn = "10.8.%d.%d" % (1 + i // 200, 1 + i % 200)
            # all at one remote address: only the peer id tells them apart
            peers.append(UdpPeer(tunnel, near, i, far, vpn=vpn, vpn4=vpn, key=i % 100 == 7))
        note("1000 peers in %.2f s" % (time.monotonic() - began))
        equal("peers", len(tunnel.door.peer_dump(tunnel.index)), 1000)
        for peer in peers[7::100]:
            peer.passes("peer %d" % peer.id)
        # What is addressed to one does not come to another.
        one, other = peers[107], peers[207]
        one.far_send(one.data(b"misdirected", peer=other.id))
        wait_for("a packet with another peer's id is not authentic", 5, lambda: other.drops() == {"rx_auth": 1})
        tunnel.deletions()
        # SO_RCVBUFFORCE: the notifications come faster than anybody reads
        tunnel.watcher.family.nl.sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)
        began = time.monotonic()
        near.close()
        note("the socket with 1000 peers was closed in %.2f s" % (time.monotonic() - began))
        found = []

        def all_told():
            found.extend(tunnel.deletions(0.1))
            return len(found) >= 1000
        wait_for("1000 notifications", 10, all_told)
        found.extend(tunnel.deletions(0.2))
        equal("each peer is told once", sorted(found), [(i, "disconnect") for i in range(1000)])
        equal("peers that are left", tunnel.door.peer_dump(tunnel.index), [])
        for peer in peers:
            peer.key.close()
        far.close()


def given_back():
    """one device a socket; when the last peer has gone the socket is as it was, and goes to another device"""
    near = near_socket()
    with Tunnel(MP) as one, Tunnel(P2P, address="10.9.0.1/24") as other:
        first = UdpPeer(one, near, 1, vpn4="10.8.0.2")
        second = UdpPeer(one, near, 2, vpn="10.8.0.3", vpn4="10.8.0.3")
        first.passes("first")
        second.passes("second")
        refused("a second device", errno.EBUSY, UdpPeer, other, near, 1)
        one.door.peer_del(one.index, 1)
        one.expect_deletion(1, "userspace")
        refused("a second device while one peer is left", errno.EBUSY, UdpPeer, other, near, 1)
        first.far_send(first.data(b"late"))
        second.passes("the other one goes on")
        equal("a data packet of the one that is gone is not for userspace", packets(near), [])
        one.door.peer_del(one.index, 2)
        one.expect_deletion(2, "userspace")
        packet = second.data(b"late")
        second.far_send(packet)
        near.settimeout(10)
        equal("now data packets are for the owner", near.recv(1 << 16), packet)
        equal("IP_MULTICAST_LOOP is as it was", near.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP), 1)
        third = UdpPeer(other, near, 3)
        equal("IP_MULTICAST_LOOP is off as long as there are peers",
              near.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP), 0)
        wait_for("the second device runs", 10, other.running)
        other.inner.sendto(b"x", ("10.9.0.2", PORT))
        need("the second device sends on it", third.far_packet())
        other.door.peer_del(other.index, 3)
        near.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
        refused("a socket that carries IPsec", errno.EBUSY, UdpPeer, other, near, 4)
        for peer in (first, second, third):
            peer.close()
    near.close()


def floats(tunnel, seconds=0.0):
    return tunnel.watcher.floats(tunnel.watcher.family.take_events(seconds))


def to_and_fro():
    """a peer whose packets come from two ways by turns is followed, but not with each packet"""
    near = near_socket()
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 9)
        peer.passes("before")
        ways = (far_socket(), peer.far)
        begun = time.monotonic()
        for i in range(200):
            peer.arrives("packet", b"%d" % i, sock=ways[i % 2])
        most = 4 * (time.monotonic() - begun) + 1
        told = len(floats(tunnel, 0.2))
        need("told 1 to %d times of 200 moves" % most, 1 <= told <= most, told)
        last = peer.remote()
        other = next(way for way in ways if way.getsockname()[:2] != last)
        wait_for("it moves again", 5, lambda: peer.arrives("packet", b"again", sock=other) or
                 peer.remote() == other.getsockname()[:2])
        ways[0].close()
        near.close()
        peer.close()


def removed_meanwhile():
    """a peer gets another remote address and is removed in the same moment"""
    near = near_socket()
    with Tunnel(MP) as tunnel:
        with netns(NEAR):
            door = Native()
        ends = False

        def body():
            while not ends:
                errno_of(door.peer_set, tunnel.index, id=3, remote4=FAR_ADDRESS, port=5)
        thread = threading.Thread(target=body)
        thread.start()
        far = far_socket()
        for _ in range(200):
            UdpPeer(tunnel, near, 3, far, vpn4=VPN_FAR).delete()
        ends = True
        thread.join()
        equal("told of each", len(tunnel.deletions(0.5)), 200)
        far.close()
        door.close()
    near.close()


def moves():
    """an authentic packet that is newer than all others moves the peer, told once; forged, replayed and overtaken ones do not"""
    near = near_socket()
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 9)
        peer.passes("before")
        home = peer.far.getsockname()[:2]
        elsewhere = far_socket()
        there = elsewhere.getsockname()[:2]
        replayed, overtaken = peer.data(b"replayed"), None
        peer.far_send(replayed)
        equal("a packet", tunnel.received(), b"replayed")
        overtaken = peer.data(b"overtaken")
        peer.arrives("one that overtakes it", b"newer")
        forged = bytearray(peer.data(b"forged"))
        forged[-1] ^= 1
        for what, packet in (("forged", bytes(forged)), ("replayed", replayed), ("overtaken", overtaken)):
            before = peer.get()["link_rx_packets"]
            peer.far_send(packet, elsewhere)
            wait_for(what + ": it is looked at", 5, lambda: peer.get()["link_rx_packets"] == before + 1)
            equal(what + ": the peer stays", peer.remote(), home)
        equal("the one that was overtaken is good otherwise", tunnel.received(), b"overtaken")
        equal("drops", peer.drops(), {"rx_auth": 1, "rx_replay": 1})
        equal("nobody is told", floats(tunnel, 0.1), [])

        peer.arrives("from elsewhere", b"moved", sock=elsewhere)
        wait_for("the peer has moved", 5, lambda: peer.remote() == there)
        equal("told once", floats(tunnel, 0.2), [(tunnel.index, 9, there)])
        peer.leaves("it goes there", b"follows", sock=elsewhere)
        # Packets of the way that it left still come.
        late = [peer.data(b"late %d" % i) for i in range(20)]
        peer.arrives("newest", b"newest", sock=elsewhere)
        for packet in late:
            peer.far_send(packet)
        equal("late packets of the old way are taken", [tunnel.received() for _ in late], [b"late %d" % i for i in range(20)])
        equal("the peer does not go back for them", (peer.remote(), floats(tunnel, 0.2)), (there, []))

        # Userspace moves it, and nobody is told of that.
        tunnel.door.peer_set(tunnel.index, id=9, remote4=home[0], port=home[1])
        peer.leaves("moved by hand", b"home")
        equal("the peer is where it was put", (peer.remote(), floats(tunnel, 0.2)), (home, []))
        elsewhere.close()
        near.close()
        peer.close()


def own_address():
    """the peer answers from the address that was asked; a change of that alone is no float"""
    near = near_socket("0.0.0.0")
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 1, to=(NEAR_ADDRESS, near.getsockname()[1]))
        wait_for("the device runs", 10, tunnel.running)
        port = near.getsockname()[1]
        in_ns(NEAR, "ip", "addr", "add", "10.1.1.77/24", "dev", "p1c")
        for address in (NEAR_ADDRESS, "10.1.1.77", NEAR_ADDRESS, "10.1.1.77"):
            peer.to = (address, port)
            peer.arrives("to " + address, b"to")
            wait_for("learned " + address, 5, lambda: peer.get()["local4"] == address)
            tunnel.send(b"back", VPN_FAR)
            peer.far.settimeout(10)
            equal("the answer comes from", peer.far.recvfrom(1 << 16)[1], (address, port))
        equal("nobody is told", floats(tunnel, 0.1), [])
        in_ns(NEAR, "ip", "addr", "del", "10.1.1.77/24", "dev", "p1c")
        tunnel.send(b"back", VPN_FAR)
        equal("that address gone, it answers from another", peer.far.recvfrom(1 << 16)[1], (NEAR_ADDRESS, port))
        # As --multihome says it.
        in_ns(NEAR, "ip", "addr", "add", "10.1.1.78/24", "dev", "p1c")
        home = peer.far.getsockname()
        tunnel.door.peer_set(tunnel.index, id=1, remote4=home[0], port=home[1], local4="10.1.1.78")
        tunnel.send(b"back", VPN_FAR)
        equal("the address that it was given", peer.far.recvfrom(1 << 16)[1], ("10.1.1.78", port))
        in_ns(NEAR, "ip", "addr", "del", "10.1.1.78/24", "dev", "p1c")
        near.close()
        peer.close()


def ways():
    """the mark and the device of the socket choose the route, also when they change later"""
    near = near_socket("0.0.0.0")
    remote = datagram_socket(FAR, "0.0.0.0")
    in_ns(FAR, "ip", "addr", "add", "192.0.2.1/32", "dev", "lo")
    in_ns(NEAR, "ip", "route", "add", "192.0.2.1/32", "via", FAR_ADDRESS)
    in_ns(NEAR, "ip", "route", "add", "192.0.2.1/32", "via", FAR2, "table", "77")
    in_ns(NEAR, "ip", "route", "add", "192.0.2.1/32", "via", FAR2, "dev", "p2c", "metric", "500")
    in_ns(NEAR, "ip", "rule", "add", "fwmark", "0x4d", "table", "77")
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 1, remote, remote=("192.0.2.1", remote.getsockname()[1]))
        wait_for("the device runs", 10, tunnel.running)

        def source(what, want):
            tunnel.send(b"way", VPN_FAR)
            remote.settimeout(10)
            equal(what, remote.recvfrom(1 << 16)[1][0], want)
        source("without a mark", NEAR_ADDRESS)
        near.setsockopt(socket.SOL_SOCKET, SO_MARK, 0x4d)
        source("with a mark", NEAR2)
        near.setsockopt(socket.SOL_SOCKET, SO_MARK, 0)
        source("without it again", NEAR_ADDRESS)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"p2c\0")
        source("bound to the other device", NEAR2)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"\0")
        source("bound no more", NEAR_ADDRESS)

        in_ns(NEAR, "ip", "route", "replace", "unreachable", "192.0.2.1/32", "metric", "1")
        in_ns(NEAR, "ip", "route", "del", "192.0.2.1/32", "via", FAR_ADDRESS)
        tunnel.send(b"no way", VPN_FAR)
        wait_for("without a route it is dropped and counted", 5, lambda: peer.drops() == {"tx_no_route": 1})
        in_ns(NEAR, "ip", "route", "replace", "192.0.2.1/32", "dev", tunnel.dev.name, "metric", "1")
        tunnel.send(b"round and round", VPN_FAR)
        wait_for("routed into the tunnel itself it is dropped", 5,
                 lambda: peer.drops() == {"tx_no_route": 1, "tx_loop": 1})
        near.close()
        peer.close()


def refusals():
    """what does not fit is refused, with what to do about it, and nothing is left behind"""
    near, tcp = near_socket(), connected(NEAR, NEAR_ADDRESS, TCP, FAR, FAR_ADDRESS)
    with Tunnel(P2P) as tunnel:
        door, dev = tunnel.door, tunnel.index
        text = refused("UDP without a remote address", errno.EDESTADDRREQ, door.peer_new, dev, id=1, fd=near.fileno())
        need("it says so", "needs a remote address" in text, text)
        text = refused("TCP with a remote address", errno.EISCONN, door.peer_new, dev, id=1, fd=tcp[0].fileno(),
                       remote4=FAR_ADDRESS, port=1)
        need("it says so", "leave the remote address out" in text, text)
        refused("IPv6 from a socket of IPv4", errno.EAFNOSUPPORT, door.peer_new, dev, id=1, fd=near.fileno(), remote6=FAR6,
                port=1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unbound:
            refused("a socket without a port", errno.EINVAL, door.peer_new, dev, id=1, fd=unbound.fileno(),
                    remote4=FAR_ADDRESS, port=1)
        stream = Peer(tunnel, 2, pair=tcp)
        refused("another address for a stream", errno.EINVAL, door.peer_set, dev, id=2, remote4=FAR_ADDRESS, port=1)
        refused("a UDP socket for a stream", errno.EOPNOTSUPP, door.set_sock, dev, id=2, fd=near.fileno())
        stream.passes("the stream goes on")
        stream.delete()
        stream.close()
        peer = UdpPeer(tunnel, near, 3)
        refused("another address of the other family", errno.EAFNOSUPPORT, door.peer_set, dev, id=3, remote6=FAR6, port=1)
        other = near_socket()
        refused("another socket for a UDP peer", errno.EOPNOTSUPP, door.set_sock, dev, id=3, fd=other.fileno())
        peer.passes("the peer goes on")
        other.close()
        peer.close()
    near.sendto(b"mine", (NEAR_ADDRESS, near.getsockname()[1]))
    equal("the socket outlives the device", near.recv(16), b"mine")
    near.close()


def oddities():
    """runts, unknown ids, senders without an id, keys that come late: nothing of it reaches userspace or is lost"""
    near = near_socket()
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 4, key=False)
        wait_for("the device runs", 10, tunnel.running)
        peer.far_send(peer.data(b"early"))
        wait_for("a packet without a key", 5, lambda: peer.get()["link_rx_packets"] == 1)
        tunnel.door.key_new(tunnel.index, 4, 0, peer.key)
        equal("its key come, it is taken", tunnel.received(), b"early")
        peer.far_send(peer.data(b"x")[:20])
        wait_for("a runt is counted", 5, lambda: peer.drops() == {"rx_runt": 1})
        peer.far_send(peer.data(b"x", peer=77))
        peer.far_send(peer.data(b"x")[:3])
        peer.far_send(b"")
        peer.arrives("without an id, from where the peer is", b"unnamed", peer=UNNAMED)
        stranger = far_socket()
        peer.far_send(peer.data(b"x", peer=UNNAMED), stranger)
        control = bytes([CONTROL_V1 << 3]) + b"last"
        peer.far_send(control)
        equal("only what is control reaches userspace", [p for p in packets(near) if p], [control])
        peer.passes("after all that")
        stranger.close()
        near.close()
        peer.close()


def silence():
    """a peer that falls silent expires; dead, it answers by its id and goes with its socket or its device"""
    near = near_socket()
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 6, interval=1, timeout=2)
        wait_for("pings go out", 10, lambda: peer.far_packet(0.2))
        tunnel.expect_deletion(6, "expired", seconds=10)
        equal("it still answers", peer.get()["id"], 6)
        near.close()
        wait_for("gone with the socket", 5, lambda: not tunnel.door.peer_dump(tunnel.index))
        equal("nobody is told twice", tunnel.deletions(0.1), [])
        peer.close()
    near = near_socket()
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 7, timeout=1, interval=0)
        tunnel.expect_deletion(7, "expired", seconds=10)
        wait_for("its socket stays open: it goes by itself", 20, lambda: not tunnel.door.peer_dump(tunnel.index))
        again = UdpPeer(tunnel, near, 7, far=peer.far, timeout=1, interval=0)
        tunnel.expect_deletion(7, "expired", seconds=10)
        began = time.monotonic()
    need("a device with a dead peer is deleted at once", time.monotonic() - began < 2)
    near.close()
    again.close()
    peer.close()


def silence_of_openvpn():
    """at the door of OpenVPN, which was told, no dump has a dead peer; by its id it answers, and at the native door it is there"""
    near = near_socket()
    with Tunnel(MP, Ovpn) as tunnel:
        with netns(NEAR):
            native = Native()
        peer = UdpPeer(tunnel, near, 6, vpn4=VPN_FAR, interval=0, timeout=1)
        other = UdpPeer(tunnel, near, 7, vpn4="10.8.0.3")
        tunnel.expect_deletion(6, "expired", seconds=10)
        equal("a dump", [p["id"] for p in tunnel.door.peer_dump(tunnel.index)], [7])
        equal("it answers", peer.get()["id"], 6)
        equal("a dump at the native door", [p["id"] for p in native.peer_dump(tunnel.index)], [6, 7])
        for thing in (near, native, peer, other):
            thing.close()


run([families, large, shared, given_back, moves, to_and_fro, removed_meanwhile, own_address, ways, refusals, oddities, silence,
     silence_of_openvpn])
