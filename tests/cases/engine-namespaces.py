# topic: device and sockets in different namespaces, namespaces that go, a device that goes under load, and one whose maker is killed
# timeout: 180
import errno
import os
import signal
import socket
import subprocess
import threading
import time

from engine.check import SLOW, equal, errno_of, need, note, refused, run, wait_for
from engine.doors import MP, P2P, V2, Native, Ovpn
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, THIRD, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP, Device, connected, ip, netns

CANARY = "canary9_" + NEAR[1:]


def third_open():
    """A namespace with a path to the far one, and a device outside that goes when it goes."""
    ip("netns", "add", THIRD)
    ip("-n", THIRD, "link", "set", "lo", "up")
    ip("link", "add", CANARY, "type", "veth", "peer", "name", "canary", "netns", THIRD)
    ip("link", "add", "p9c", "netns", THIRD, "type", "veth", "peer", "name", "p9s", "netns", FAR)
    for ns, name, address in ((THIRD, "p9c", "10.1.9.2/24"), (FAR, "p9s", "10.1.9.1/24")):
        ip("-n", ns, "addr", "add", address, "dev", name)
        ip("-n", ns, "link", "set", name, "up")


def third_connection(protocol):
    return connected(THIRD, "10.1.9.2", protocol, FAR, "10.1.9.1")


def third_is_gone():
    return subprocess.run(["ip", "link", "show", CANARY], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0


def socket_elsewhere():
    """the socket in another namespace than the device; the socket's namespace loses its name and goes with the socket"""
    for what, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
        third_open()
        with Tunnel(P2P) as tunnel:
            peer = Peer(tunnel, 1, pair=third_connection(protocol))
            peer.passes(what)
            need(what + ": PEER_GET has the namespace of the socket", "netnsid" in peer.get(), peer.get())
            ip("netns", "del", THIRD)
            peer.passes(what + ", after the socket's namespace lost its name")
            need(what + ": it is held by the socket", not third_is_gone())
            peer.close()
            tunnel.expect_deletion(1, "disconnect")
            wait_for(what + ": it goes with the socket", 30, third_is_gone)


def device_elsewhere():
    """the device's namespace is deleted: the peer is gone, the socket at its end"""
    for door in (Native, V2):
        third_open()
        tunnel = Tunnel(P2P, door, ns=THIRD)
        peer = Peer(tunnel, 1)
        peer.passes(door.__name__)
        with Tunnel(P2P, address="10.9.0.1/24") as bystander:
            tunnel.dev.forget()
            tunnel.hang_up()
            ip("netns", "del", THIRD)
            wait_for(door.__name__ + ": the namespace goes", 30, third_is_gone)
            wait_for("the reader meets the end", 5, lambda: errno_of(peer.read_now)[0] == 0)
            equal("the end", peer.read_now(), b"")
            # The socket can carry a peer of another device: it is whole.
            number = errno_of(bystander.door.peer_new, bystander.index, id=1, fd=peer.near.fileno())[0]
            equal("the same socket on another device", number, 0)
            peer.close()


def all_inside():
    """device and socket in one namespace that loses its name: it lives until the socket is closed"""
    third_open()
    tunnel = Tunnel(P2P, ns=THIRD)
    peer = Peer(tunnel, 1, pair=third_connection(MPTCP))
    peer.passes("before")
    ip("netns", "del", THIRD)
    peer.passes("after the namespace lost its name")
    tunnel.dev.forget()
    tunnel.inner.close()
    tunnel.door.close()
    peer.near.close()
    wait_for("told", 5, lambda: tunnel.deletions() == [(1, "disconnect")])
    tunnel.watcher.close()
    peer.close()
    wait_for("the namespace goes, and the device with it", 30, third_is_gone)


def link_deleted():
    """ip link del with twenty peers under load: at once, each peer told once"""
    for door in (Native, V2):
        tunnel = Tunnel(MP, door)
        peers = [Peer(tunnel, i, MPTCP if i % 2 else TCP, vpn4="10.8.0.%d" % (i + 2), vpn="10.8.0.%d" % (i + 2)) for i in range(20)]
        stop = threading.Event()

        def load():
            while not stop.is_set():
                for peer in peers:
                    # Nobody reads at the far end: the streams fill up.
                    errno_of(tunnel.send, bytes(1400), peer.vpn)
        thread = threading.Thread(target=load)
        thread.start()
        try:
            wait_for(door.__name__ + ": the streams are full", 30, lambda: all(p["queue_bytes"] for p in tunnel.door.peer_dump(tunnel.index))
                     if door is Native else peers[0].get()["link_tx_packets"] > 100)
            start = time.monotonic()
            tunnel.dev.delete()
            took = time.monotonic() - start
        finally:
            stop.set()
            thread.join()
        note("%s: a device with 20 peers under load was deleted in %.2f s" % (door.__name__, took))
        need("deleted in time", took < 2 * SLOW, took)
        equal(door.__name__ + ": each told once", sorted(tunnel.deletions(0.2)), [(i, "teardown") for i in range(20)])
        refused("the device is gone", errno.ENODEV, peers[0].get)
        for peer in peers:
            wait_for("reader of peer %d meets the end" % peer.id, 5, lambda: errno_of(peer.read_now)[0] == 0)
            peer.close()
        tunnel.hang_up()


def maker(kind, door):
    """A process that makes a device, talks to a door if it may, and waits to be killed; its pid."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with netns(NEAR):
                made = [Device(NEAR, "made", kind.KIND, MP)] + ([kind()] if door else [])
            os.write(tell, b"r" if made else b"")
            signal.pause()
        finally:
            os._exit(1)
    os.close(tell)
    equal("the device is made", os.read(ready, 1), b"r")
    os.close(ready)
    return pid


def is_there(name):
    with netns(NEAR):
        return name in subprocess.run(["ip", "-o", "link", "show"], check=True, capture_output=True, text=True).stdout


def maker_killed():
    """a device of OpenVPN's doors goes with the process that made it and talks to its door, unless somebody else makes a peer on it"""
    for kind, door, shared, stays in ((V2, True, False, False), (Ovpn, True, False, False), (Native, True, False, True),
                                      (V2, False, False, True), (Ovpn, True, True, True)):
        what = "%s%s%s" % (kind.__name__, ", its maker talks to it" if door else "", ", another one has a peer" if shared else "")
        pid = maker(kind, door)
        if shared:
            with netns(NEAR):
                ours, index = kind(), socket.if_nametoindex("made")
            pair = connected(NEAR, NEAR_ADDRESS, TCP, FAR, FAR_ADDRESS)
            ours.peer_new(index, id=1, fd=pair[0].fileno(), vpn4=VPN_FAR)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        equal(what + ": it is there", is_there("made"), stays)
        if shared:
            equal(what + ": the peer", [peer["id"] for peer in ours.peer_dump(index)], [1])
            for sock in pair + (ours,):
                sock.close()
            need(what + ": it stays without a peer", is_there("made"))
        if stays:
            ip("-n", NEAR, "link", "del", "made")


run((socket_elsewhere, device_elsewhere, all_inside, link_deleted, maker_killed))
