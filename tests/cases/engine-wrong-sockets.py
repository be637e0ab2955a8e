# topic: each kind of wrong socket is refused with its own errno and text, and works on as an ordinary socket
# kernels: first
# timeout: 120
import errno
import os
import socket

from engine import module
from engine.check import equal, need, refused, run
from engine.doors import MP, V2, Ovpn
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, Peer, Tunnel
from engine.net import MPTCP, TCP, connected, listening, netns

module.modprobe("tls", "sctp")
SCTP = 132
texts = {}


def near_socket(*kind):
    with netns(NEAR):
        return socket.socket(*kind)


def echo(what, near, far):
    """A socket that was refused is an ordinary socket still."""
    near.settimeout(10)
    far.settimeout(10)
    near.sendall(b"there")
    need(what + ": still sends", far.recv(100) == b"there")
    far.sendall(b"and back")
    need(what + ": still receives", near.recv(100) == b"and back")


def try_all(what, number, fd, same_text_as=None):
    """All doors refuse: the native one says why, those of OpenVPN know one answer, and 2.7 is told the text, too."""
    text = refused("native, " + what, number, native.door.peer_new, native.index, id=1, fd=fd, vpn4="10.8.0.3")
    need(what + ": there is a text", text)
    if same_text_as:
        need("%s: same text as %s" % (what, same_text_as), texts[same_text_as] == text, text)
    else:
        need(what + ": a text of its own", text not in texts.values(), text)
    texts[what] = text
    refused("v2, " + what, errno.ENOTSOCK, v2.door.peer_new, v2.index, id=1, fd=fd, vpn4="10.8.0.3")
    addresses = number == errno.EDESTADDRREQ
    again = refused("ovpn, " + what, errno.EINVAL if addresses else errno.ENOTSOCK, ovpn.door.peer_new, ovpn.index, id=1, fd=fd, vpn4="10.8.0.3")
    equal(what + ": the same text", again, text)


def descriptors():
    """what is no socket"""
    with open("/dev/null") as null:
        try_all("a file", errno.ENOTSOCK, null.fileno())
        try_all("a pipe", errno.ENOTSOCK, os.pipe()[0], "a file")
    gone = os.dup(0)
    os.close(gone)
    try_all("a closed descriptor", errno.EBADF, gone)
    try_all("descriptor -1", errno.EBADF, -1, "a closed descriptor")
    path = os.open("/", os.O_PATH)
    try_all("a path descriptor", errno.EBADF, path, "a closed descriptor")
    os.close(path)


def families():
    """sockets of protocols that cannot carry a peer"""
    one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try_all("a UNIX socket", errno.EPROTONOSUPPORT, one.fileno())
    echo("a UNIX socket", one, two)
    with near_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
        try_all("a raw socket", errno.EPROTONOSUPPORT, raw.fileno(), "a UNIX socket")
    with near_socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0) as packet:
        try_all("a packet socket", errno.EPROTONOSUPPORT, packet.fileno(), "a UNIX socket")
    with near_socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as nl:
        try_all("a netlink socket", errno.EPROTONOSUPPORT, nl.fileno(), "a UNIX socket")
    near, far = connected(NEAR, NEAR_ADDRESS, SCTP, FAR, FAR_ADDRESS)
    try_all("an SCTP socket", errno.EPROTONOSUPPORT, near.fileno(), "a UNIX socket")
    echo("an SCTP socket", near, far)
    near.close()
    far.close()


def datagrams():
    """UDP, connected"""
    near = near_socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.bind((NEAR_ADDRESS, 0))
    with netns(FAR):
        far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.bind((FAR_ADDRESS, 0))
    near.connect(far.getsockname())
    far.connect(near.getsockname())
    try_all("a UDP socket", errno.EDESTADDRREQ, near.fileno())
    echo("a UDP socket", near, far)
    near.close()
    far.close()


def states():
    """streams that are not connected, or no longer"""
    for name, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
        again = {} if protocol == MPTCP else {"same_text_as": "a fresh MPTCP socket"}
        with near_socket(socket.AF_INET, socket.SOCK_STREAM, protocol) as sock:
            try_all("a fresh %s socket" % name, errno.ENOTCONN, sock.fileno(), **again)
        with listening(NEAR, NEAR_ADDRESS, protocol) as sock:
            again = {} if protocol == MPTCP else {"same_text_as": "a listening MPTCP socket"}
            try_all("a listening %s socket" % name, errno.EINVAL, sock.fileno(), **again)
            near, far = connected(FAR, FAR_ADDRESS, protocol, NEAR, NEAR_ADDRESS, listener=sock)
            echo("the listening %s socket" % name, near, far)
            near.close()
            far.close()
        with near_socket(socket.AF_INET, socket.SOCK_STREAM, protocol) as sock:
            sock.setblocking(False)
            # Nobody answers there.
            sock.connect_ex(("10.1.1.77", 9))
            try_all("a connecting %s socket" % name, errno.ENOTCONN, sock.fileno(), "a fresh MPTCP socket")
        for side in ("far", "near"):
            what = "a %s socket shut down by the %s end" % (name, side)
            near, far = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
            near.sendall(b"before")
            need(what + ": connected", far.recv(100) == b"before")
            closer, other = (far, near) if side == "far" else (near, far)
            closer.shutdown(socket.SHUT_WR)
            other.settimeout(10)
            need(what + ": the end arrived", other.recv(100) == b"")
            first = "a MPTCP socket shut down by the far end"
            try_all(what, errno.ESHUTDOWN, near.fileno(), None if what == first else first)
            other.sendall(b"one way")
            closer.settimeout(10)
            need(what + ": still carries the other direction", closer.recv(100) == b"one way")
            near.close()
            far.close()


def kernel_tls():
    """a TCP socket with the kernel's TLS"""
    near, far = connected(NEAR, NEAR_ADDRESS, TCP, FAR, FAR_ADDRESS)
    near.setsockopt(socket.IPPROTO_TCP, 31, b"tls")
    try_all("a TCP socket with kernel TLS", errno.EBUSY, near.fileno())
    echo("a TCP socket with kernel TLS", near, far)
    near.close()
    far.close()


def twice():
    """a socket that carries a peer already"""
    for protocol in (MPTCP, TCP):
        name = "MPTCP" if protocol == MPTCP else "TCP"
        peer = Peer(native, 7, protocol, vpn4="10.8.0.2")
        first = {} if protocol == MPTCP else {"same_text_as": "an attached MPTCP socket"}
        try_all("an attached %s socket" % name, errno.EALREADY, peer.near.fileno(), **first)
        peer.passes("after the second attempt")
        peer.delete()
        peer.close()
    # A connection that was refused once is accepted when the reason has gone.
    peer = Peer(native, 7, attach=False, vpn4="10.8.0.2")
    refused("no such peer to delete", errno.ENOENT, peer.delete)
    peer.attach()
    peer.passes("attached at the second attempt")
    peer.close()


def accepted():
    """each kind of stream that can carry a peer, on both ends of a connection"""
    kinds = (("mptcp", MPTCP, MPTCP), ("tcp", TCP, TCP), ("mptcp-fallback", MPTCP, TCP), ("tcp", TCP, MPTCP))
    for transport, mine, other in kinds:
        pair = connected(NEAR, NEAR_ADDRESS, mine, FAR, FAR_ADDRESS, other)
        peer = Peer(native, 9, pair=pair, vpn4="10.8.0.2")
        equal("connecting %d to %d: transport" % (mine, other), peer.get()["transport"], transport)
        peer.passes("connecting end, %d to %d" % (mine, other))
        peer.delete()
        peer.close()
    # An MPTCP listener hands out a plain TCP socket for a plain TCP client.
    kinds = (("mptcp", MPTCP, MPTCP), ("tcp", TCP, TCP), ("tcp", TCP, MPTCP), ("tcp", MPTCP, TCP))
    for transport, client, listener in kinds:
        far, near = connected(FAR, FAR_ADDRESS, client, NEAR, NEAR_ADDRESS, listener)
        peer = Peer(native, 9, pair=(near, far), vpn4="10.8.0.2")
        equal("accepting %d from %d: transport" % (listener, client), peer.get()["transport"], transport)
        peer.passes("accepting end, %d from %d" % (listener, client))
        peer.delete()
        peer.close()
    peer = Peer(native, 9, pair=connected(NEAR, "fd01::2", MPTCP, FAR, "fd01::1"), vpn4="10.8.0.2")
    peer.passes("IPv6")
    peer.delete()
    peer.close()
    # An IPv6 listener with a client of IPv4.
    with netns(NEAR):
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, MPTCP)
    listener.bind(("::", 0))
    listener.listen()
    with netns(FAR):
        far = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    far.connect((NEAR_ADDRESS, listener.getsockname()[1]))
    near = listener.accept()[0]
    listener.close()
    peer = Peer(native, 9, pair=(near, far), vpn4="10.8.0.2")
    peer.passes("IPv4 client of an IPv6 listener")
    peer.delete()
    peer.close()


native = Tunnel(MP)
v2 = Tunnel(MP, V2, address="10.9.0.1/24")
ovpn = Tunnel(MP, Ovpn, address="10.10.0.1/24")
run((descriptors, families, datagrams, states, kernel_tls, accepted, twice))
native.close()
v2.close()
ovpn.close()
