# topic: who may do what: users without CAP_NET_ADMIN nothing, the root of a user namespace all in its own network and nothing in another's
# kernels: first
# timeout: 90
import contextlib
import ctypes
import errno
import os
import socket
import struct
import types

from engine.check import equal, errno_of, fail, name, need, refused, run, wait_for
from engine.datagram import UdpPeer, far_socket, near_socket
from engine.doors import MP, P2P, PRIMARY, V2, Native, Ovpn
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, PORT, THIRD, VPN_FAR, VPN_NEAR, Peer, Tunnel
from engine.net import CLONE_NEWNET, MPTCP, TCP, Device, connected, ip, netns, setns
from engine.netlink import NLM_F_CREATE, NLM_F_EXCL, Netlink, attr, u8, u32
from engine.wire import Key

DOORS = (Native, Ovpn, V2)
CLONE_NEWUSER = 0x10000000
IFLA_NET_NS_FD = 28
RTM_NEWLINK, RTM_DELLINK = 16, 17
NOBODY = 65534
# What netns() takes for a name: where the process is already.
HERE = "../../proc/self/ns/net"
_libc = ctypes.CDLL(None, use_errno=True)
# Where a machine starts from an initramfs, nobody but root can look up a path.
os.chmod("/", 0o755)


def in_child(what, body):
    """What a child in the near namespace asserts counts; it may give up its privileges."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            setns("/run/netns/" + NEAR)
            body()
            code = 0
        except BaseException as err:
            print("%s: %s: %s" % (what, type(err).__name__, err), flush=True)
        finally:
            os._exit(code)
    return pid


def succeeds(what, pid):
    equal(what + ": exit status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def become_root_of(flags):
    """An ordinary user makes namespaces and is root there."""
    become_nobody()
    # PR_SET_DUMPABLE: else a process that has changed its user may not write its own maps.
    _libc.prctl(4, 1)
    if _libc.unshare(CLONE_NEWUSER | flags):
        fail("unshare: " + os.strerror(ctypes.get_errno()))
    for file, text in (("setgroups", "deny"), ("uid_map", "0 %d 1" % NOBODY), ("gid_map", "0 %d 1" % NOBODY)):
        with open("/proc/self/" + file, "w") as setting:
            setting.write(text)
    equal("its user", os.getuid(), 0)


def zero_key():
    key = Key.__new__(Key)
    key.key_id, key.cipher = 0, 1
    key.encrypt = key.decrypt = type("Half", (), {"key": bytes(16), "tail": bytes(8)})
    return key


def commands(door, index, fd, other=None):
    """Every command of a door: (name, call), the last one deletes. Peer 1 exists; the sockets are for PEER_NEW and SET_SOCK."""
    other = fd if other is None else other
    found = [("PEER_NEW", lambda: door.peer_new(index, id=2, fd=fd, vpn4="10.8.0.3")),
             ("PEER_SET", lambda: door.peer_set(index, id=1, interval=50, timeout=500)),
             ("PEER_GET", lambda: door.peer_get(index, 1)), ("PEER_GET, dump", lambda: door.peer_dump(index)),
             ("KEY_NEW", lambda: door.key_new(index, 1, PRIMARY, zero_key()))]
    if isinstance(door, Native):
        found.append(("KEY_GET", lambda: door.key_get(index, 1, PRIMARY)))
    if type(door) is Native:
        found.append(("SET_SOCK", lambda: door.set_sock(index, id=1, fd=other)))
    return found + [("KEY_SWAP", lambda: door.key_swap(index, 1)), ("KEY_DEL", lambda: door.key_del(index, 1, PRIMARY)),
                    ("PEER_DEL", lambda: door.peer_del(index, 1))]


def link_new(nl, kind, *more):
    nl.request(RTM_NEWLINK, struct.pack("=BBHiII", 0, 0, 0, 0, 0, 0) + attr(3, b"mine\0") +
               attr(18, attr(1, kind.KIND.encode()) + attr(2, u8(1, P2P))) + b"".join(more), NLM_F_CREATE | NLM_F_EXCL)


def link_del(nl, index):
    nl.request(RTM_DELLINK, struct.pack("=BBHiII", 0, 0, 0, index, 0, 0))


def link_move(nl, index, ns_fd):
    nl.request(RTM_NEWLINK, struct.pack("=BBHiII", 0, 0, 0, index, 0, 0) + u32(IFLA_NET_NS_FD, ns_fd))


def all_refused(what, kind, door, nl, index, fd):
    """No command, no device, no news."""
    for command, call in commands(door, index, fd):
        refused("%s, %s" % (what, command), errno.EPERM, call)
    refused(what + ", a new device", errno.EPERM, link_new, nl, kind)
    refused(what + ", deleting the device", errno.EPERM, link_del, nl, index)
    refused(what + ", the news", errno.EPERM, door.family.join, "peers")


@contextlib.contextmanager
def occupied(kind):
    """A device with a peer that must be the same afterwards."""
    with Tunnel(MP, kind) as tunnel:
        peer = Peer(tunnel, 1, vpn4=VPN_FAR)
        peer.passes(kind.__name__)
        before = peer.get()
        yield tunnel, peer
        equal(kind.__name__ + ": the peer", peer.get(), before)
        peer.passes(kind.__name__ + ", afterwards")
        equal(kind.__name__ + ": told", tunnel.deletions(), [])
        peer.close()


def another_user():
    """a user without CAP_NET_ADMIN, through root's netlink sockets and through its own: EPERM for all it may ask"""
    for kind in DOORS:
        with occupied(kind) as (tunnel, peer):
            def body():
                become_nobody()
                fd = peer.near.fileno()
                all_refused(kind.__name__ + ", root's", kind, tunnel.door, tunnel.dev.nl, tunnel.index, fd)
                all_refused(kind.__name__ + ", its own", kind, kind(), Netlink(0), tunnel.index, fd)
            succeeds(kind.__name__, in_child(kind.__name__, body))


def all_allowed(what, kind):
    """A device with a peer and its other end, all here: every command, the news, packets."""
    door, watcher, device = kind(), kind(), Device(HERE, "own", kind.KIND, MP)
    watcher.family.join("peers")
    ip("link", "set", "own", "up")
    ip("addr", "add", VPN_NEAR + "/24", "dev", "own")
    near, far = connected(HERE, "127.0.0.1", TCP, HERE, "127.0.0.1")

    def told(reason):
        wait_for("%s: told of %s" % (what, reason), 5,
                 lambda: watcher.deletions(watcher.family.take_events()) == [(device.index, 1, reason)])
    for life in range(2):
        door.peer_new(device.index, id=1, fd=near.fileno(), vpn4=VPN_FAR)
        door.key_new(device.index, 1, PRIMARY, zero_key())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inner:
            inner.sendto(b"out", (VPN_FAR, PORT))
        far.settimeout(10)
        equal(what + ": a record goes out", len(far.recv(4096)), 2 + 24 + 28 + 3)
        if life:
            break
        for command, call in commands(door, device.index, near.fileno()):
            # The socket has a peer already: that is what these two say who are not refused.
            wants = {"PEER_NEW": errno.EALREADY if kind is Native else errno.ENOTSOCK, "SET_SOCK": errno.EALREADY}
            equal("%s, %s" % (what, command), name(errno_of(call)[0]), name(wants.get(command, 0)))
        told("userspace")
    near.close()
    told("disconnect")
    return device


def own_namespace():
    """the root of a user namespace in a network namespace of its own: everything, and what it leaves behind goes"""
    for kind in DOORS:
        def body():
            become_root_of(CLONE_NEWNET)
            ip("link", "set", "lo", "up")
            all_allowed(kind.__name__, kind).delete()
            all_allowed(kind.__name__ + ", left behind", kind)
        succeeds(kind.__name__, in_child(kind.__name__, body))


def foreign_namespace():
    """the root of a user namespace and what is another's: its device, its sockets, its netlink, and ways into it"""
    for kind in DOORS:
        with occupied(kind) as (tunnel, peer):
            fresh, far = connected(NEAR, NEAR_ADDRESS, TCP, FAR, FAR_ADDRESS)
            datagrams, near_fd = near_socket(), os.open("/run/netns/" + NEAR, os.O_RDONLY)
            what = kind.__name__

            def no_network():
                become_root_of(0)
                for whose, door, nl in (("root's", tunnel.door, tunnel.dev.nl), ("its own", kind(), Netlink(0))):
                    all_refused("%s, %s" % (what, whose), kind, door, nl, tunnel.index, fresh.fileno())
            succeeds(what + ", no network of its own", in_child(what, no_network))

            def own_network():
                become_root_of(CLONE_NEWNET)
                all_refused(what + ", root's", kind, tunnel.door, tunnel.dev.nl, tunnel.index, fresh.fileno())
                device, door, nl = Device(HERE, "own", kind.KIND, P2P), kind(), Netlink(0)
                says = errno.EPERM if kind is Native else errno.ENOTSOCK
                refused(what + ", a stream of the other namespace", says, door.peer_new, device.index, id=1, fd=fresh.fileno())
                if kind is not V2:
                    refused(what + ", UDP of the other namespace", says, door.peer_new, device.index, id=1,
                            fd=datagrams.fileno(), remote4=FAR_ADDRESS, port=1)
                refused(what + ", a device for the other namespace", errno.EPERM, link_new, nl, kind, u32(IFLA_NET_NS_FD, near_fd))
                refused(what + ", a device into the other namespace", errno.EPERM, link_move, nl, device.index, near_fd)
                equal(what + ": peers that came of it", door.peer_dump(device.index), [])
            succeeds(what + ", with a network of its own", in_child(what, own_network))
            fresh.sendall(b"untouched")
            equal(what + ": the socket", far.recv(100), b"untouched")
            for sock in (fresh, far, datagrams):
                sock.close()
            os.close(near_fd)


def socket_of_another_user():
    """who has a descriptor may hand it over, whoever made the socket; its maker's copy is one of an attached socket"""
    for kind in (Native, V2):
        what = kind.__name__
        with Tunnel(P2P, kind) as tunnel:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)

            def body():
                ours.close()
                become_nobody()
                with socket.create_server((NEAR_ADDRESS, 0)) as listener:
                    near = socket.create_connection(listener.getsockname())
                    far = listener.accept()[0]
                socket.send_fds(theirs, [b"s"], [near.fileno(), far.fileno()])
                theirs.recv(1)
                refused(what + ": data is not for its maker", errno.EAGAIN, near.recv, 4096, socket.MSG_DONTWAIT)
                near.send(b"\0\1\x20")
                theirs.send(b"w")
                theirs.recv(1)
            pid = in_child(what, body)
            theirs.close()
            fds = socket.recv_fds(ours, 1, 2)[1]
            peer = Peer(tunnel, 1, pair=[socket.socket(fileno=fd) for fd in fds])
            peer.passes(what)
            peer.far_send(peer.data(b"in"))
            equal(what + ": in", tunnel.received(), b"in")
            ours.send(b"a")
            equal(what + ": its maker goes on", ours.recv(1), b"w")
            equal(what + ": its maker's control record", peer.far_record(), b"\x20")
            peer.passes(what + ", afterwards")
            peer.near.close()
            equal(what + ": told while its maker has it", tunnel.deletions(0.1), [])
            ours.send(b"e")
            succeeds(what, pid)
            tunnel.expect_deletion(1, "disconnect")
            ours.close()
            peer.close()


# SECURITY.md has the same table.
NOTHING = ()
WITH_DEVICE = ("PEER_NEW", "PEER_GET", "PEER_GET, dump", "KEY_GET", "PEER_DEL")
EVERYTHING = WITH_DEVICE + ("PEER_SET", "KEY_NEW", "SET_SOCK", "KEY_SWAP", "KEY_DEL")
OUTER = ("remote", "remote4", "local", "local4", "port", "scope", "local_port", "token", "subflows")


class Container:
    """A process that is root of a user and a network namespace of its own. `body` gets a socket to talk to its maker."""

    def __init__(self, what, body):
        self.what = what
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)

        def serve():
            self.sock.close()
            become_root_of(CLONE_NEWNET)
            ip("link", "set", "lo", "up")
            theirs.send(b"r")
            body(theirs)
        self.pid = in_child(what, serve)
        theirs.close()
        equal(what + ": the container", self.sock.recv(1), b"r")
        # For netns().
        self.net = "../../proc/%d/ns/net" % self.pid

    def ask(self, word=b"g"):
        """Has it go on until it has something to say."""
        self.sock.send(word)
        return self.sock.recv(1)

    def end(self):
        self.sock.close()
        succeeds(self.what, self.pid)


def walk(what, may, door, index, pair):
    """Each command in turn, with sockets of who asks: granted if that one may, else refused."""
    pairs = [pair(), pair()]
    for command, call in commands(door, index, pairs[0][0].fileno(), pairs[1][0].fileno()):
        equal("%s, %s" % (what, command), name(errno_of(call)[0]), name(0 if command in may else errno.EPERM))
    for sock in sum(pairs, ()):
        sock.close()


def pair_here():
    return connected(HERE, "127.0.0.1", TCP, HERE, "127.0.0.1")


def pair_of_host():
    return connected(NEAR, NEAR_ADDRESS, MPTCP, FAR, FAR_ADDRESS)


def host_peers(what, kind, door, index):
    """Peers whose sockets are the host's: 1 on MPTCP, 3 on UDP. The host sees where they are."""
    near, far = pair_of_host()
    door.peer_new(index, id=1, fd=near.fileno(), vpn4=VPN_FAR)
    door.key_new(index, 1, PRIMARY, zero_key())
    seen = {key for key in OUTER if door.peer_get(index, 1).get(key)}
    equal(what + ": the host sees", seen, {"local_port", "token", "subflows"} if kind is Native else {"local_port"})
    if kind is V2:
        return [near, far], None
    datagrams = near_socket()
    udp = UdpPeer(types.SimpleNamespace(door=door, index=index), datagrams, 3, vpn4="10.8.0.4")
    equal(what + ": the host sees, UDP", udp.remote(), udp.far.getsockname())
    return [near, far, datagrams], udp


def owner_of_device(kind, index, door):
    what = kind.__name__ + ", the device's owner"
    shown = [door.peer_get(index, 1)] + door.peer_dump(index) + ([] if kind is V2 else [door.peer_get(index, 3)])
    equal(what + ": peers that it sees", [peer["id"] for peer in shown], [1, 1] if kind is V2 else [1, 1, 3, 3])
    equal(what + ": outer addresses that it sees", [{key: peer[key] for key in OUTER if peer.get(key)} for peer in shown],
          [{}] * len(shown))
    if kind is not V2:
        refused(what + ": another remote address", errno.EPERM, door.peer_set, index, id=3, remote4="127.0.0.1", port=1)
    walk(what, WITH_DEVICE, door, index, pair_here)


def device_in_container():
    """a device that was moved to a container, peers on sockets of the host: its owner may look, add and delete"""
    for kind in DOORS:
        what = kind.__name__

        def body(theirs):
            theirs.recv(1)
            owner_of_device(kind, socket.if_nametoindex("moved"), kind())
            theirs.send(b"d")
            theirs.recv(1)
        container = Container(what, body)
        device = Device(NEAR, "moved", kind.KIND, MP)
        ip("-n", NEAR, "link", "set", "moved", "netns", str(container.pid))
        with netns(container.net):
            door, news, index = kind(), kind(), socket.if_nametoindex("moved")
        news.family.join("peers")
        with netns(NEAR):
            news_of_host, home = kind(), kind()
        news_of_host.family.join("peers")
        socks, udp = host_peers(what, kind, door, index)
        if kind is Native:
            refused(what + ": the host, by the index it was made with", errno.ENODEV, home.peer_dump, device.index)
        else:
            shown = [peer["id"] for peer in home.peer_dump(device.index)]
            equal(what + ": the host, by the index it was made with", shown, [1, 3] if udp else [1])
        if udp:
            moves_unseen(what, udp, news, news_of_host if kind is Ovpn else None)
        equal(what + ": the owner has tried", container.ask(), b"d")
        equal(what + ": peers that are left", [peer["id"] for peer in door.peer_dump(index)], [3] if udp else [])
        for sock in socks:
            sock.close()
        near, far = pair_of_host()
        door.peer_new(index, id=1, fd=near.fileno(), vpn4=VPN_FAR)
        door.key_new(index, 1, PRIMARY, zero_key())
        walk(what + ", the host's root", EVERYTHING, door, index, pair_of_host)
        # The device goes with the namespace.
        device.forget()
        container.sock.send(b"e")
        container.end()
        for thing in [near, far, door, news, news_of_host, home] + ([udp] if udp else []):
            thing.close()


def moves_unseen(what, udp, news, news_of_host):
    """Where a peer is now is told to who may know it."""
    other = far_socket()
    udp.far_send(udp.data(b"from elsewhere"), other)
    wait_for(what + ": the peer has moved", 10, lambda: udp.remote() == other.getsockname())
    equal(what + ": the device's owner is told", news.floats(news.family.take_events(0.1)), [])
    if news_of_host:
        told = [event[1:] for event in news_of_host.floats(news_of_host.family.take_events(0.1))]
        equal(what + ": the socket's owner is told", told, [(3, other.getsockname())])
    other.close()


def socket_from_container():
    """a device of the host, a peer on a container's socket: the container may do nothing, nor may another one, or a user"""
    for kind in DOORS:
        what = kind.__name__
        with Tunnel(MP, kind) as tunnel:
            def owner(theirs):
                near, far = pair_here()
                socket.send_fds(theirs, [b"s"], [near.fileno()])
                theirs.recv(1)
                walk(what + ", the socket's owner", NOTHING, tunnel.door, tunnel.index, pair_here)
                theirs.send(b"d")
                theirs.recv(1)
                far.close()

            def stranger(theirs):
                walk(what + ", another container", NOTHING, tunnel.door, tunnel.index, pair_here)

            def user():
                pairs = iter([pair_of_host(), pair_of_host()])
                become_nobody()
                walk(what + ", a user", NOTHING, tunnel.door, tunnel.index, lambda: next(pairs))
            container = Container(what, owner)
            fd = socket.recv_fds(container.sock, 1, 1)[1][0]
            tunnel.door.peer_new(tunnel.index, id=1, fd=fd, vpn4=VPN_FAR)
            tunnel.door.key_new(tunnel.index, 1, PRIMARY, zero_key())
            before = tunnel.door.peer_dump(tunnel.index)
            equal(what + ": the owner has tried", container.ask(), b"d")
            Container(what + ", another container", stranger).end()
            succeeds(what + ", a user", in_child(what, user))
            equal(what + ": the peer", tunnel.door.peer_dump(tunnel.index), before)
            walk(what + ", the host's root", EVERYTHING, tunnel.door, tunnel.index, pair_of_host)
            os.close(fd)
            container.sock.send(b"e")
            container.end()


def device_from_container():
    """a device that was made in a container and moved out of it: who made it may do nothing with it, but it goes with its maker"""
    for kind in DOORS:
        what = kind.__name__

        def body(theirs):
            device, door = Device(HERE, "left", kind.KIND, MP), kind()
            theirs.send(b"m")
            theirs.recv(1)
            near, far = pair_here()
            for command, call in commands(door, device.index, near.fileno()):
                refused("%s, %s of its maker" % (what, command), errno.ENODEV if kind is Native else errno.EPERM, call)
            theirs.send(b"d")
            theirs.recv(1)
        container = Container(what, body)
        equal(what + ": it is made", container.sock.recv(1), b"m")
        with netns(container.net):
            ip("link", "set", "left", "netns", NEAR)
        equal(what + ": its maker has tried", container.ask(), b"d")
        container.sock.send(b"e")
        container.end()
        with netns(NEAR):
            left = [name for _, name in socket.if_nameindex() if name == "left"]
        equal(what + ": left behind", left, ["left"] if kind is Native else [])
        for name in left:
            ip("-n", NEAR, "link", "del", name)


def go(tunnel, source, target):
    """The device to another namespace; the inner socket and the index follow."""
    ip("-n", source, "link", "set", tunnel.dev.name, "netns", target)
    tunnel.inner.close()
    with netns(target):
        tunnel.index = tunnel.dev.index = socket.if_nametoindex(tunnel.dev.name)
        tunnel.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tunnel.silence(target)
    ip("-n", target, "link", "set", tunnel.dev.name, "up")
    ip("-n", target, "addr", "add", VPN_NEAR + "/24", "dev", tunnel.dev.name)
    tunnel.inner.bind((VPN_NEAR, PORT))


def moved(kind):
    what = kind.__name__
    with Tunnel(MP, kind) as tunnel:
        peer = Peer(tunnel, 1, vpn4=VPN_FAR)
        others = [] if kind is V2 else [UdpPeer(tunnel, near_socket(), 2, vpn="10.8.0.3", vpn4="10.8.0.3")]
        peer.passes(what + ", before")
        here = tunnel.door
        with netns(THIRD):
            there, watcher = kind(), kind()
        watcher.family.join("peers")
        old = tunnel.index
        # The index is another one's there.
        ip("-n", THIRD, "link", "add", "taken", "index", str(old), "type", "veth", "peer", "name", "taken2")
        go(tunnel, NEAR, THIRD)
        need(what + ": it has another index", tunnel.index != old)
        if kind is Native:
            refused(what + ": asked where it was", errno.ENODEV, here.peer_get, old, 1)
        else:
            equal(what + ": asked where it was made", here.peer_get(old, 1)["id"], 1)
        tunnel.door = there
        need(what + ": asked where it is", "netnsid" in peer.get() if kind is not V2 else peer.get())
        peer.passes(what + ", from there")
        for other in others:
            other.arrives(what + ", UDP to there", b"in")
            other.leaves(what + ", UDP from there", b"out")
        with netns(THIRD), open("/proc/sys/net/ipv4/conf/%s/send_redirects" % tunnel.dev.name) as setting:
            equal(what + ": redirects there", setting.read(), "0\n")
        peer.delete()
        told = [door.deletions(door.family.take_events(0.1)) for door in (tunnel.watcher, watcher)]
        equal(what + ": told here, and there", told, [[], [(tunnel.index, 1, "userspace")]] if kind is Native else [[(old, 1, "userspace")], []])
        ip("-n", THIRD, "link", "del", "taken")
        go(tunnel, THIRD, NEAR)
        tunnel.door = here
        if kind is not Native:
            tunnel.index = old
        equal(what + ": home again", [p["id"] for p in here.peer_dump(tunnel.index)], [2] if others else [])
        for other in others:
            other.leaves(what + ", UDP, home again", b"out")
            other.near.close()
            tunnel.expect_deletion(2, "disconnect")
            other.close()
        there.close()
        watcher.close()
        peer.close()


def moved_device():
    """ip link set netns: peers go along; OpenVPN's doors answer where the device was made, too, and tell where its socket is"""
    ip("netns", "add", THIRD)
    try:
        for kind in DOORS:
            moved(kind)
    finally:
        ip("netns", "del", THIRD)


run((another_user, own_namespace, foreign_namespace, socket_of_another_user, device_in_container, socket_from_container,
     device_from_container, moved_device))
