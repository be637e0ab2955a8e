# topic: options that were on their way when the module got a TCP socket, and that would change whose it is, are refused
# timeout: 60
import ctypes
import errno
import mmap
import os
import select
import socket
import struct
import threading

from engine import module
from engine.check import equal, fail, need, note, run
from engine.fixture import FAR, NEAR, Peer, Tunnel
from engine.net import TCP, connected

module.modprobe("tls")
# linux/userfaultfd.h
SYSCALL = {"x86_64": 323, "aarch64": 282}[os.uname().machine]
UFFDIO_API, UFFDIO_REGISTER, UFFDIO_COPY = 0xC018AA3F, 0xC020AA00, 0xC028AA03
API, MISSING = 0xAA, 1
IPV6_ADDRFORM, TCP_ULP = 1, 31
MAPPED = ("::ffff:10.1.1.2", "::ffff:10.1.1.1")
libc = ctypes.CDLL(None, use_errno=True)


class Page:
    """Memory that whoever reads it waits for: also the kernel, for what it copies."""

    def __init__(self):
        self.fd = libc.syscall(SYSCALL, os.O_CLOEXEC | os.O_NONBLOCK)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "userfaultfd")
        self.memory = mmap.mmap(-1, mmap.PAGESIZE)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.ioctl(UFFDIO_API, struct.pack("QQQ", API, 0, 0))
        self.ioctl(UFFDIO_REGISTER, struct.pack("QQQQ", self.start, mmap.PAGESIZE, MISSING, 0))

    def ioctl(self, request, arguments):
        if libc.ioctl(self.fd, ctypes.c_ulong(request), ctypes.create_string_buffer(arguments, len(arguments))) < 0:
            raise OSError(ctypes.get_errno(), "userfaultfd: ioctl")

    def wanted(self):
        """Somebody waits."""
        return bool(select.select([self.fd], [], [], 20)[0]) and os.read(self.fd, 32)

    def give(self, data):
        source = ctypes.create_string_buffer(data, mmap.PAGESIZE)
        self.ioctl(UFFDIO_COPY, struct.pack("QQQQq", self.start, ctypes.addressof(source), mmap.PAGESIZE, 0, 0))


def late(what, addresses, level, option, value, want):
    """The call is in the kernel, through the operations that the socket had, before the module gets it."""
    with Tunnel() as tunnel:
        pair = connected(NEAR, addresses[0], TCP, FAR, addresses[1])
        page, answers = Page(), []

        def body():
            failed = libc.setsockopt(pair[0].fileno(), level, option, ctypes.c_void_p(page.start), len(value))
            answers.append(ctypes.get_errno() if failed else 0)
        thread = threading.Thread(target=body, daemon=True)
        thread.start()
        need(what + ": the kernel waits for the value", page.wanted())
        peer = Peer(tunnel, 1, TCP, pair=pair)
        page.give(value)
        thread.join(20)
        equal(what + ": the late call", answers, [want])
        peer.passes(what + ": after it")
        peer.near.close()
        tunnel.expect_deletion(1, "disconnect")
        peer.close()
        os.close(page.fd)


def family():
    """IPV6_ADDRFORM makes an IPv6 socket one of IPv4, with the operations of one"""
    late("IPV6_ADDRFORM", MAPPED, socket.IPPROTO_IPV6, IPV6_ADDRFORM, struct.pack("i", socket.AF_INET), errno.EBUSY)


def upper_layer():
    """TCP_ULP gives the operations to kernel TLS"""
    for addresses in (("10.1.1.2", "10.1.1.1"), MAPPED):
        late("TCP_ULP", addresses, socket.IPPROTO_TCP, TCP_ULP, b"tls", errno.EEXIST)


def listens():
    """a socket that carries a peer, or did, becomes no listener"""
    with Tunnel() as tunnel:
        peer = Peer(tunnel, 1, TCP)
        for _ in range(2):
            answer = libc.listen(peer.near.fileno(), 1)
            equal("listen()", (answer, ctypes.get_errno()), (-1, errno.EOPNOTSUPP))
            if tunnel.door.peer_dump(tunnel.index):
                peer.delete()
                tunnel.expect_deletion(1, "userspace")
        peer.close()


def all_topics():
    try:
        os.close(Page().fd)
    except OSError as err:
        if err.errno != errno.ENOSYS:
            fail(str(err))
        note("not run but for listen(): this kernel has no userfaultfd")
        return (listens,)
    return (family, upper_layer, listens)


run(all_topics())
