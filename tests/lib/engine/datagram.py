"""Peers on UDP: one socket near for many of them, and for each the other end, played by the test."""
import socket

from .check import fail, need, wait_for
from .doors import PRIMARY
from .fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, PORT, VPN_FAR, VPN_NEAR
from .net import netns
from .wire import CONTROL_V1, Key, payload_of, udp4

UNNAMED = 0xFFFFFF


def datagram_socket(ns, address, port=0, family=None):
    with netns(ns):
        sock = socket.socket(family or (socket.AF_INET6 if ":" in address else socket.AF_INET), socket.SOCK_DGRAM)
    sock.bind((address, port))
    sock.settimeout(10)
    # SO_RCVBUFFORCE: a burst must not get lost in the test's own socket.
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)
    return sock


def near_socket(address=NEAR_ADDRESS, **how):
    return datagram_socket(NEAR, address, **how)


def far_socket(address=FAR_ADDRESS):
    return datagram_socket(FAR, address)


def packets(sock, seconds=0.2):
    """All datagrams that come until none comes for so long."""
    found = []
    sock.settimeout(seconds)
    while True:
        try:
            found.append(sock.recv(1 << 16))
        except TimeoutError:
            return found


class UdpPeer:
    """A peer of a tunnel on a UDP socket (near) and the other end (far)."""

    def __init__(self, tunnel, near, id=0, far=None, vpn=VPN_FAR, key=True, remote=None, to=None, **args):
        self.tunnel, self.near, self.id, self.vpn = tunnel, near, id, vpn
        self.far = far or far_socket()
        self.key = Key()
        # where the near end listens, for the far one
        self.to = to or near.getsockname()[:2]
        remote = remote or self.far.getsockname()[:2]
        args["remote6" if ":" in remote[0] else "remote4"], args["port"] = remote
        tunnel.door.peer_new(tunnel.index, id=id, fd=near.fileno(), **args)
        if key:
            self.install(self.key)

    def install(self, key, slot=PRIMARY):
        self.tunnel.door.key_new(self.tunnel.index, self.id, slot, key)

    def remove_key(self, slot=PRIMARY):
        self.tunnel.door.key_del(self.tunnel.index, self.id, slot)

    def get(self):
        return self.tunnel.door.peer_get(self.tunnel.index, self.id)

    def drops(self):
        """Those that are not 0."""
        return {reason: n for reason, n in self.get()["drops"].items() if n}

    def remote(self):
        got = self.get()
        return got.get("remote4") or got.get("remote6"), got.get("port")

    def delete(self):
        self.tunnel.door.peer_del(self.tunnel.index, self.id)

    def close(self):
        self.far.close()
        self.key.close()

    def data(self, payload, peer=None, **how):
        """A complete, authentic packet."""
        return self.key.seal(udp4(self.vpn, VPN_NEAR, PORT, payload), peer=self.id if peer is None else peer, **how)

    def far_send(self, data, sock=None):
        (sock or self.far).sendto(data, self.to)

    def far_packet(self, seconds=10, sock=None):
        """The next datagram at the far end; None when none comes."""
        sock = sock or self.far
        sock.settimeout(seconds)
        try:
            return sock.recv(1 << 16)
        except TimeoutError:
            return None

    # As on a stream, so that a test may take either.
    far_record = far_packet

    def arrives(self, what, payload, sock=None, **how):
        self.far_send(self.data(payload, **how), sock)
        got = self.tunnel.received()
        need("%s: a packet comes in" % what, got == payload, got)

    def leaves(self, what, payload, sock=None):
        self.tunnel.send(payload, self.vpn)
        packet = self.far_packet(sock=sock) or fail("%s: no packet goes out" % what)
        got = payload_of(self.key.open(packet)[3])
        need("%s: a packet goes out" % what, got == (self.vpn, PORT, payload), got)

    def passes(self, what, payload=None):
        """A data packet and a control packet arrive in each direction."""
        payload = payload or b"passes " + what.encode()
        wait_for(what + ": the device runs", 10, self.tunnel.running)
        self.arrives(what, payload)
        self.leaves(what, payload)
        control = bytes([CONTROL_V1 << 3]) + payload
        self.far_send(control)
        self.near.settimeout(10)
        got = self.near.recv(1 << 16)
        need("%s: a control packet comes in" % what, got == control, got)
        self.near.sendto(control, self.far.getsockname()[:2])
        got = self.far_packet()
        need("%s: a control packet goes out" % what, got == control, got)
