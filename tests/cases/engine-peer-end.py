# topic: however a peer ends, userspace is told once and before the answer, the socket says so, and nothing is kept
# kernels: first
# vm: smp
# timeout: 180
import errno
import os
import signal
import socket
import struct
import time

from engine.check import cleanups, equal, errno_of, fail, name, need, note, refused, run, wait_for
from engine.doors import MP, P2P, PRIMARY, SECONDARY, V2, Native
from engine.fixture import FAR, FAR_ADDRESS, NEAR, VPN_FAR, Peer, Tunnel, tight_pair
from engine.net import MPTCP, TCP, listening, netns
from engine.wire import Key, control, payload_of

PROTOCOLS = (("MPTCP", MPTCP), ("TCP", TCP))


def peers(tunnel, **args):
    for what, protocol in PROTOCOLS:
        peer = Peer(tunnel, 1, protocol, **args)
        yield what, peer
        peer.close()


def at_end(what, peer):
    """The reader gets the end: at once or soon, and for good."""
    wait_for(what + ": the end is read", 5, lambda: errno_of(peer.read_now)[0] == 0)
    equal(what + ": and again", peer.read_now(), b"")
    refused(what + ": sending", errno.EPIPE, peer.near.send, control(b"late"), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)


def key_operations(what, peer, want):
    door, index = peer.tunnel.door, peer.tunnel.index
    for slot in (PRIMARY, SECONDARY):
        number = errno_of(peer.install, Key(3), slot)[0]
        need("%s: KEY_NEW says %s" % (what, name(want)), number == want, name(number))
    number = errno_of(door.key_swap, index, peer.id)[0]
    need("%s: KEY_SWAP says %s" % (what, name(want)), number == want, name(number))
    number = errno_of(door.key_del, index, peer.id, SECONDARY)[0]
    need("%s: KEY_DEL says %s" % (what, name(want)), number == want, name(number))


def deleted():
    """PEER_DEL: told before the answer, on both doors; afterwards nobody knows the peer"""
    for door in (Native, V2):
        with Tunnel(MP, door) as tunnel:
            tunnel.door.family.join("peers")
            for what, peer in peers(tunnel, vpn4=VPN_FAR):
                what = "%s, %s" % (door.__name__, what)
                peer.passes(what)
                tunnel.door.family.nl.events = []
                peer.delete()
                told = tunnel.door.deletions(tunnel.door.family.events_so_far())
                equal(what + ": told before the answer", told, [(tunnel.index, 1, "userspace")])
                tunnel.expect_deletion(1, "userspace")
                refused(what + ": PEER_DEL again", errno.ENOENT, peer.delete)
                refused(what + ": PEER_GET", errno.ENOENT, peer.get)
                key_operations(what, peer, errno.ENOENT)
                at_end(what, peer)
                peer.near.close()
                equal(what + ": closing is not told", tunnel.deletions(0.1), [])


def both_doors_hear():
    """a device of OpenVPN 2.6: its peers' end is told through both families"""
    with Tunnel(P2P, V2) as tunnel:
        with netns(NEAR):
            native = Native()
        native.family.join("peers")
        peer = Peer(tunnel, 1)
        peer.delete()
        tunnel.expect_deletion(1, "userspace")
        equal("native", native.deletions(native.family.take_events(0.1)), [(tunnel.index, 1, "userspace")])
        peer.close()
        native.close()


def same_socket_again():
    """PEER_DEL, then PEER_NEW on the same socket: the stream goes on at a record boundary in both directions"""
    with Tunnel(MP) as tunnel:
        for what, peer in peers(tunnel, vpn4=VPN_FAR):
            peer.passes(what + ", first life")
            begun = peer.data(b"begun in one life, completed in the next")
            peer.far_send(begun[:20])
            time.sleep(0.05)
            peer.delete()
            tunnel.expect_deletion(1, "userspace")
            peer.attach()
            peer.far_send(begun[20:])
            equal(what + ": a record over both lives", tunnel.received(), b"begun in one life, completed in the next")
            peer.passes(what + ", second life")
            peer.delete()
            tunnel.expect_deletion(1, "userspace")
        for what, protocol in PROTOCOLS:
            peer = Peer(tunnel, 1, protocol, pair=tight_pair(protocol), vpn4=VPN_FAR)
            for i in range(200):
                tunnel.send(b"%08d" % i * 100)
            wait_for(what + ": the stream is full", 5, lambda: peer.get()["queue_bytes"] > 20000)
            peer.delete()
            tunnel.expect_deletion(1, "userspace")
            peer.attach(key=False)
            second = Key(1)
            peer.install(second)
            tunnel.send(b"second life")
            first_count = 0
            while True:
                packet = peer.far_record() or fail(what + ": the record of the second life does not arrive")
                key = peer.key if packet[0] & 7 == 0 else second
                content = payload_of(key.open(packet)[3])[2]
                if key is second:
                    break
                if content != b"%08d" % first_count * 100:
                    fail("%s: record %d of the first life is changed" % (what, first_count))
                first_count += 1
            equal(what + ": %d records of the first life, then" % first_count, content, b"second life")
            need(what + ": the queue of the first life was dropped", first_count < 200, first_count)
            peer.delete()
            tunnel.expect_deletion(1, "userspace")
            peer.close()


def replaced():
    """P2P: a new peer replaces the old one, whatever their ids and sockets; a refused one does not"""
    for door in (Native, V2):
        with Tunnel(P2P, door) as tunnel:
            tunnel.door.family.join("peers")
            old = Peer(tunnel, 3)
            old.passes(door.__name__ + ", first")
            with open("/dev/null") as null:
                number = errno_of(tunnel.door.peer_new, tunnel.index, id=4, fd=null.fileno())[0]
                equal("a wrong socket is refused", number, errno.ENOTSOCK)
            old.passes(door.__name__ + ", after a refused replacement")
            for new_id, protocol in ((3, TCP), (4, MPTCP), (2, MPTCP)):
                tunnel.door.family.nl.events = []
                new = Peer(tunnel, new_id, protocol, key=False)
                told = tunnel.door.deletions(tunnel.door.family.events_so_far())
                equal("told before the answer", told, [(tunnel.index, old.id, "teardown")])
                tunnel.expect_deletion(old.id, "teardown")
                new.install(new.key)
                new.passes("%s, peer %d" % (door.__name__, new_id))
                if new_id != old.id:
                    refused("the old id", errno.ENOENT, old.get)
                at_end("the old one", old)
                old.close()
                equal("its close is not told", tunnel.deletions(0.05), [])
                old = new
            # The same socket once more, with the same id and another.
            for new_id in (2, 9):
                tunnel.door.peer_new(tunnel.index, id=new_id, fd=old.near.fileno())
                tunnel.expect_deletion(old.id, "teardown")
                old.id = new_id
                old.key = Key(new_id & 7)
                old.install(old.key)
                old.passes("%s, the same socket as peer %d" % (door.__name__, new_id))
            old.near.close()
            tunnel.expect_deletion(9, "disconnect")
            old.close()


def closed():
    """close(fd): the peer is gone when close() returns"""
    for door in (Native, V2):
        with Tunnel(MP, door) as tunnel:
            for what, peer in peers(tunnel, vpn4=VPN_FAR):
                what = "%s, %s" % (door.__name__, what)
                peer.passes(what)
                peer.near.close()
                refused(what + ": PEER_GET", errno.ENOENT, peer.get)
                tunnel.expect_deletion(1, "disconnect")
                key_operations(what, peer, errno.ENOENT)
                refused(what + ": PEER_DEL", errno.ENOENT, peer.delete)
                peer.far.settimeout(5)
                equal(what + ": the far end reads the end", peer.far.recv(100), b"")


def dead_until_closed(what, tunnel, peer):
    """What holds for a peer that died by itself: keys are taken without harm until the socket is closed."""
    key_operations(what, peer, 0)
    tunnel.send(b"into the void")
    at_end(what, peer)
    equal(what + ": nothing more is told", tunnel.deletions(0.05), [])


def remote_ends():
    """the far end goes: orderly, by a reset, with unread data; keys are still taken until the socket is closed"""
    def orderly(far):
        far.close()

    def half(far):
        far.shutdown(socket.SHUT_WR)

    def reset(far):
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
        far.close()

    for how, reason in ((orderly, "disconnect"), (half, "disconnect"), (reset, "error")):
        for ending in ("close", "delete"):
            with Tunnel(MP) as tunnel:
                for what, peer in peers(tunnel, vpn4=VPN_FAR):
                    what = "%s, %s, then %s" % (how.__name__, what, ending)
                    peer.passes(what)
                    how(peer.far)
                    tunnel.expect_deletion(1, reason)
                    if reason == "error":
                        errno_of(peer.read_now)
                    dead_until_closed(what, tunnel, peer)
                    if ending == "delete":
                        peer.delete()
                    else:
                        peer.near.close()
                    refused(what + ": gone", errno.ENOENT, peer.get)
                    key_operations(what, peer, errno.ENOENT)
                    peer.near.close()
                    equal(what + ": told once only", tunnel.deletions(0.05), [])
    with Tunnel(MP) as tunnel:
        for what, peer in peers(tunnel, vpn4=VPN_FAR):
            # Unread data at the far end makes its close an abort.
            for i in range(50):
                tunnel.send(b"unread" * 100)
            wait_for(what + ": sent", 5, lambda: peer.get()["link_tx_packets"] == 50)
            time.sleep(0.1)
            peer.far.close()
            found = []
            wait_for(what + ": told", 5, lambda: found.extend(tunnel.deletions()) or found)
            found += tunnel.deletions(0.05)
            need(what + ": unread data: told once", found in ([(1, "error")], [(1, "disconnect")]), found)
            note("%s: closed with unread data: %s" % (what, found[0][1]))
            errno_of(peer.read_now)
            dead_until_closed(what + ", unread data", tunnel, peer)


def shut_down_by_owner():
    """shutdown() by the owner ends the peer, at the latest with the next packet"""
    for how, label in ((socket.SHUT_RD, "SHUT_RD"), (socket.SHUT_WR, "SHUT_WR"), (socket.SHUT_RDWR, "SHUT_RDWR")):
        with Tunnel(MP) as tunnel:
            for what, peer in peers(tunnel, vpn4=VPN_FAR):
                what = "%s, %s" % (what, label)
                peer.passes(what)
                peer.near.shutdown(how)
                tunnel.send(b"one more")
                errno_of(peer.far_send, peer.data(b"one more"))
                # TCP resets a connection on which data come in that nobody will read (RFC 9293, 3.6.1): which of the
                # two the module meets first is the network's choice.
                tunnel.expect_deletion(1, "disconnect", "error")
                dead_until_closed(what, tunnel, peer)
                # The last packet may have come in before the end; the next peer must not find it.
                while tunnel.received(0.1) is not None:
                    pass


def dead_makes_room():
    """the id, address and socket of a dead peer can be given to a new one"""
    with Tunnel(MP) as tunnel:
        dead = Peer(tunnel, 1, vpn4=VPN_FAR)
        dead.far.close()
        tunnel.expect_deletion(1, "disconnect")
        refused("its own socket is at its end", errno.ESHUTDOWN, dead.attach)
        live = Peer(tunnel, 1, vpn4=VPN_FAR)
        live.passes("the same id and address")
        dead.near.close()
        equal("nothing is told when the dead one is closed", tunnel.deletions(0.1), [])
        live.passes("the other's close does no harm")
        live.close()


children = set()
cleanups.append(lambda: [kill(pid) for pid in list(children)])


def in_child(action):
    """Runs it in a process of its own, which keeps what it returns and sleeps until it is killed; returns its pid."""
    ready, done = os.pipe()
    pid = os.fork()
    children.add(pid)
    if pid == 0:
        try:
            kept = action()
            os.write(done, b"+" if kept else b"-")
            while True:
                time.sleep(1000)
        finally:
            os._exit(1)
    os.close(done)
    if os.read(ready, 1) != b"+":
        fail("the child failed")
    os.close(ready)
    return pid


def kill(pid):
    children.discard(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def owner_killed():
    """kill -9 of the owner ends the peer; not if the socket was passed on"""
    with Tunnel(MP) as tunnel:
        for what, protocol in PROTOCOLS:
            listener = listening(FAR, FAR_ADDRESS, protocol)

            def own(give=None):
                with netns(NEAR):
                    near = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
                    door = Native()
                near.connect(listener.getsockname())
                door.peer_new(tunnel.index, id=1, fd=near.fileno(), vpn4=VPN_FAR)
                if give:
                    socket.send_fds(give, [b"x"], [near.fileno()])
                return near, door

            pid = in_child(own)
            far = listener.accept()[0]
            equal(what + ": the peer is there", tunnel.door.peer_get(tunnel.index, 1)["id"], 1)
            kill(pid)
            tunnel.expect_deletion(1, "disconnect")
            refused(what + ": the peer went with its owner", errno.ENOENT, tunnel.door.peer_get, tunnel.index, 1)
            far.close()

            here, there = socket.socketpair(socket.AF_UNIX)
            pid = in_child(lambda: own(there))
            far = listener.accept()[0]
            near = socket.socket(fileno=socket.recv_fds(here, 1, 1)[1][0])
            kill(pid)
            equal(what + ": nothing is told", tunnel.deletions(0.1), [])
            peer = Peer(tunnel, 1, pair=(near, far), attach=False)
            peer.install(peer.key)
            peer.passes(what + ", passed on, first owner killed")
            peer.near.close()
            tunnel.expect_deletion(1, "disconnect")
            peer.close()

            # On its way in a message, with no other owner, and the message is never read.
            pid = in_child(lambda: own(there))
            far = listener.accept()[0]
            kill(pid)
            equal(what + ": in a message: nothing is told", tunnel.deletions(0.1), [])
            here.close()
            there.close()
            tunnel.expect_deletion(1, "disconnect")
            far.close()
            listener.close()


run((deleted, both_doors_hear, same_socket_again, replaced, closed, remote_ends, shut_down_by_owner, dead_makes_room, owner_killed))
