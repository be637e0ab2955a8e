"""Network namespaces, tunnel devices, and connected sockets."""
import contextlib
import ctypes
import os
import socket
import struct
import subprocess

from .check import cleanups
from .netlink import NLM_F_CREATE, NLM_F_EXCL, Netlink, attr, u8

MPTCP, TCP = 262, 6
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def setns(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        if _libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + path)
    finally:
        os.close(fd)


@contextlib.contextmanager
def netns(name):
    """What is made inside belongs to this namespace for good; the thread comes back."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    setns("/run/netns/" + name)
    try:
        yield
    finally:
        if _libc.setns(home, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns home")
        os.close(home)


def ip(*args):
    subprocess.run(("ip",) + args, check=True)


class Device:
    """A tunnel device of one of the module's link kinds."""

    def __init__(self, ns, name, kind, mode):
        self.ns, self.name = ns, name
        with netns(ns):
            self.nl = Netlink(0)
            data = attr(18, attr(1, kind.encode()) + attr(2, u8(1, mode)))
            self.nl.request(16, struct.pack("=BBHiII", 0, 0, 0, 0, 0, 0) + attr(3, name.encode() + b"\0") + data,
                            NLM_F_CREATE | NLM_F_EXCL)
            self.index = socket.if_nametoindex(name)
        cleanups.append(self.delete)

    def up(self, *addresses, mtu=None):
        if mtu:
            ip("-n", self.ns, "link", "set", self.name, "mtu", str(mtu))
        ip("-n", self.ns, "link", "set", self.name, "up")
        for address in addresses:
            ip("-n", self.ns, "addr", "add", address, "dev", self.name, *(["nodad"] if ":" in address else []))

    def delete(self):
        cleanups.remove(self.delete)
        self.nl.request(17, struct.pack("=BBHiII", 0, 0, 0, self.index, 0, 0))
        self.nl.close()

    def forget(self):
        """It goes with its namespace, or with the module."""
        cleanups.remove(self.delete)
        self.nl.close()


def connected(ns, address, protocol, remote_ns, remote_address, remote_protocol=None, listener=None):
    """A connection: (socket in ns, accepted socket in remote_ns)."""
    family = socket.AF_INET6 if ":" in remote_address else socket.AF_INET
    own = listener is None
    if own:
        listener = listening(remote_ns, remote_address, protocol if remote_protocol is None else remote_protocol)
    with netns(ns):
        near = socket.socket(family, socket.SOCK_STREAM, protocol)
        near.bind((address, 0))
    near.settimeout(20)
    # The listener may be one for any address.
    near.connect((remote_address, listener.getsockname()[1]))
    far = listener.accept()[0]
    near.setblocking(True)
    if own:
        listener.close()
    return near, far


def listening(ns, address, protocol):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with netns(ns):
        sock = socket.socket(family, socket.SOCK_STREAM, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, 0))
    sock.listen(64)
    sock.settimeout(20)
    return sock
