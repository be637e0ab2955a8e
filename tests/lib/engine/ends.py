"""A tunnel between two devices of the module, each in a namespace of its own."""
import contextlib
import socket
import struct
import threading

from .check import SLOW, equal, fail, wait_for
from .doors import P2P, PRIMARY
from .fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, PORT, VPN_FAR, VPN_NEAR, Tunnel
from .net import MPTCP, TCP, connected, listening
from .wire import AES_GCM, Key


class Flow:
    """Numbers, one after the other, from one end of a connection to the other."""

    CHUNK = 1 << 14

    def __init__(self, source, sink):
        self.source, self.sink, self.over, self.chunks, self.arrived, self.wrong = source, sink, False, 0, 0, None
        # What is in the buffers at the end has to arrive.
        source.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        source.settimeout(60 * SLOW)
        sink.settimeout(60 * SLOW)
        self.threads = [threading.Thread(target=body) for body in (self._send, self._receive)]
        for thread in self.threads:
            thread.start()

    @classmethod
    def chunk(cls, number):
        return struct.pack("!Q", number) * (cls.CHUNK // 8)

    def _send(self):
        try:
            while not self.over:
                self.source.sendall(self.chunk(self.chunks))
                self.chunks += 1
            self.source.shutdown(socket.SHUT_WR)
        except OSError as err:
            self.wrong = "sending: %s" % err

    def _receive(self):
        number, data = 0, b""
        try:
            while more := self.sink.recv(self.CHUNK):
                data += more
                self.arrived += len(more)
                while len(data) >= self.CHUNK:
                    if data[:self.CHUNK] != self.chunk(number):
                        self.wrong = "chunk %d is not what was sent" % number
                        return
                    data = data[self.CHUNK:]
                    number += 1
            if data or number != self.chunks:
                self.wrong = "%d of %d chunks came, and %d bytes" % (number, self.chunks, len(data))
        except OSError as err:
            self.wrong = "receiving: %s" % err

    def end(self):
        """Lets what was sent arrive; returns what was wrong."""
        self.over = True
        for thread in self.threads:
            thread.join()
        return self.wrong


class Ends:
    """Its connection goes between these two addresses, its own are those of vpn."""

    def __init__(self, protocol=MPTCP, cipher=(AES_GCM, 16), addresses=(NEAR_ADDRESS, FAR_ADDRESS), vpn=(VPN_NEAR, VPN_FAR)):
        self.cipher, self.vpn = cipher, vpn
        self.near, self.far = (Tunnel(P2P, ns=ns, address=address + "/24") for ns, address in zip((NEAR, FAR), vpn))
        # Without a listener nobody answers further subflows, nor those to an address that it is not for.
        self.listener = listening(FAR, "::" if ":" in addresses[1] else "0.0.0.0", protocol)
        self.socks = connected(NEAR, addresses[0], protocol, FAR, addresses[1], listener=self.listener)
        for tunnel, sock in zip((self.near, self.far), self.socks):
            tunnel.door.peer_new(tunnel.index, id=1, fd=sock.fileno())
        self.install()
        for tunnel in (self.near, self.far):
            wait_for("the device runs", 10, tunnel.running)

    def install(self, key_id=0, slot=PRIMARY):
        """A new key for both ends."""
        key = Key(key_id, *self.cipher)
        self.near.door.key_new(self.near.index, 1, slot, key)
        self.far.door.key_new(self.far.index, 1, slot, key.mirrored())
        key.close()

    def swap(self):
        for tunnel in (self.near, self.far):
            tunnel.door.key_swap(tunnel.index, 1)

    def works(self, what):
        self.near.inner.sendto(b"there", (self.vpn[1], PORT))
        equal(what + ": there", self.far.received(), b"there")
        self.far.inner.sendto(b"back", (self.vpn[0], PORT))
        equal(what + ": and back", self.near.received(), b"back")

    def state(self, tunnel):
        return tunnel.door.peer_get(tunnel.index, 1)

    @contextlib.contextmanager
    def flowing(self):
        """Numbers flow through the tunnel, by TCP in both directions, until the end of the block; none may be missing or changed.
        Gives what tells how many bytes have arrived."""
        ends = connected(NEAR, self.vpn[0], TCP, FAR, self.vpn[1])
        flows = [Flow(*ends), Flow(*reversed(ends))]
        try:
            yield lambda: [flow.arrived for flow in flows]
        finally:
            wrong = [flow.end() for flow in flows]
            for sock in ends:
                sock.close()
        if any(wrong):
            fail("a flow through the tunnel: %s" % wrong)

    def close(self):
        for sock in self.socks + (self.listener,):
            sock.close()
        self.near.close()
        self.far.close()
