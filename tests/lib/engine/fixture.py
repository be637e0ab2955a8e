"""A device with peers in one namespace; the other ends of their connections, played by the test, in another."""
import fcntl
import itertools
import json
import socket
import struct
import subprocess
import sys
import time

from .check import fail, need, wait_for
from .doors import P2P, PRIMARY, Native
from .net import MPTCP, Device, connected, listening, netns
from .wire import Key, Records, control, payload_of, record, udp4

NEAR, FAR = sys.argv[1:3] if len(sys.argv) > 2 else ("near", "far")
NEAR_ADDRESS, FAR_ADDRESS = "10.1.1.2", "10.1.1.1"
VPN_NEAR, VPN_FAR = "10.8.0.1", "10.8.0.2"
# For a namespace that a case makes; named like those of the test, so that a failed one is cleaned up with them.
THIRD = NEAR[0] + "9_" + NEAR[1:]
PORT = 5000
SIOCGIFFLAGS, IFF_RUNNING = 0x8913, 0x40
_names = itertools.count()


def tight_pair(protocol):
    """A connection that holds little: it is full soon."""
    listener = listening(FAR, FAR_ADDRESS, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    near, far = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS, listener=listener)
    listener.close()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4608)
    return near, far


class Tunnel:
    """A device of the module and the netlink sockets that belong to it."""

    def __init__(self, mode=P2P, door=Native, ns=NEAR, address=VPN_NEAR + "/24"):
        with netns(ns):
            self.door = door()
            self.watcher = door()
            self.inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.watcher.family.join("peers")
        self.dev = Device(ns, "e%d" % next(_names), door.KIND, mode)
        self.index = self.dev.index
        self.silence(ns)
        self.dev.up(address)
        self.inner.bind((address.split("/")[0], PORT))
        self.inner.settimeout(10)
        # SO_SNDBUFFORCE: packets that wait in the module must not stop the sender;
        # SO_RCVBUFFORCE: packets must not get lost behind it.
        self.inner.setsockopt(socket.SOL_SOCKET, 32, 1 << 26)
        self.inner.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)

    def silence(self, ns):
        """No packets but those of the test; not to be forgotten when the device has moved."""
        self.set_ipv6("disable_ipv6", "1", ns)

    def set_ipv6(self, name, value, ns=NEAR):
        with netns(ns), open("/proc/sys/net/ipv6/conf/%s/%s" % (self.dev.name, name), "w") as setting:
            setting.write(value)

    def close(self):
        self.inner.close()
        self.dev.delete()
        self.hang_up()

    def hang_up(self):
        """Closes what goes with a device that is gone, or goes without being deleted here."""
        for sock in (self.inner, self.door, self.watcher):
            sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.close()

    def deletions(self, seconds=0):
        """Notifications since the last call: (peer, reason). All must be about this device."""
        found = self.watcher.deletions(self.watcher.family.take_events(seconds))
        if any(index != self.index for index, _, _ in found):
            fail("a notification names another device: %s" % found)
        return [(peer, reason) for _, peer, reason in found]

    def expect_deletion(self, peer, *reasons, seconds=5):
        """One notification, with one of these reasons, and no other."""
        found = []

        def arrived():
            found.extend(self.deletions())
            return found
        wait_for("peer %d: notified of %s" % (peer, " or ".join(reasons)), seconds, arrived)
        # A second one would come at once or never.
        found.extend(self.deletions(0.05))
        if len(found) != 1 or found[0] not in [(peer, reason) for reason in reasons]:
            fail("notifications are %s, must be one of peer %d, %s" % (found, peer, " or ".join(reasons)))

    def running(self):
        """The carrier of a P2P device comes with the peer, and the kernel opens its queue some time after that."""
        request = struct.pack("16sH14x", self.dev.name.encode(), 0)
        return struct.unpack("16sH14x", fcntl.ioctl(self.inner, SIOCGIFFLAGS, request))[1] & IFF_RUNNING

    def dropped(self):
        """What the interface's own statistics say: (received, sent)."""
        shown = subprocess.run(["ip", "-n", self.dev.ns, "-s", "-j", "link", "show", "dev", self.dev.name], check=True,
                               capture_output=True)
        stats = json.loads(shown.stdout)[0]["stats64"]
        return stats["rx"]["dropped"], stats["tx"]["dropped"]

    def send(self, payload, to=VPN_FAR):
        """A packet into the tunnel."""
        self.inner.sendto(payload, (to, PORT))

    def received(self, seconds=10):
        """Content of the next packet out of the tunnel; None when none comes."""
        self.inner.settimeout(seconds)
        try:
            return self.inner.recv(65536)
        except (socket.timeout, BlockingIOError):
            return None


class Peer:
    """A peer of a tunnel, its socket (near) and the other end (far)."""

    def __init__(self, tunnel, id=0, protocol=MPTCP, cipher=None, pair=None, attach=True, key=True, vpn=VPN_FAR, **args):
        self.tunnel, self.id, self.vpn = tunnel, id, vpn
        self.near, self.far = pair or connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
        self.args = args
        self.records = Records()
        self.waiting = []
        self.key = Key(0, *cipher) if cipher else Key()
        if attach:
            self.attach(key)

    def attach(self, key=True):
        self.tunnel.door.peer_new(self.tunnel.index, id=self.id, fd=self.near.fileno(), **self.args)
        if key:
            self.install(self.key)

    def install(self, key, slot=PRIMARY):
        self.tunnel.door.key_new(self.tunnel.index, self.id, slot, key)

    def delete(self):
        self.tunnel.door.peer_del(self.tunnel.index, self.id)

    def move(self, pair=None, protocol=MPTCP):
        """Gives the peer another connection; returns the sockets of the one it had."""
        pair = pair or connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
        self.tunnel.door.set_sock(self.tunnel.index, id=self.id, fd=pair[0].fileno())
        had = self.near, self.far
        self.near, self.far = pair
        self.records, self.waiting = Records(), []
        return had

    def get(self):
        return self.tunnel.door.peer_get(self.tunnel.index, self.id)

    def drops(self):
        """Those that are not 0."""
        return {reason: n for reason, n in self.get()["drops"].items() if n}

    def read(self, size, seconds=10):
        """So many bytes of the near end's control records."""
        got = b""
        self.near.settimeout(seconds)
        while len(got) < size:
            part = self.near.recv(size - len(got))
            if not part:
                fail("the near end meets the end of the stream after %d of %d bytes" % (len(got), size))
            got += part
        self.near.setblocking(True)
        return got

    def read_now(self, size=4096, flags=0):
        """One recv() that does not wait."""
        self.near.setblocking(True)
        return self.near.recv(size, flags | socket.MSG_DONTWAIT)

    def close(self):
        self.near.close()
        self.far.close()
        self.key.close()

    def packet(self, payload):
        """An IP packet as the far side would send it into the tunnel."""
        return udp4(self.vpn, VPN_NEAR, PORT, payload)

    def data(self, payload, **how):
        """A complete, authentic data record with a packet inside."""
        return record(self.key.seal(self.packet(payload), peer=self.id, **how))

    def far_send(self, data):
        self.far.sendall(data)

    def far_record(self, seconds=10):
        """Next record that the far end gets; None when none comes."""
        end = time.monotonic() + seconds
        while not self.waiting:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.far.settimeout(left)
            try:
                data = self.far.recv(1 << 16)
            except (socket.timeout, BlockingIOError):
                return None
            if not data:
                fail("the far end meets the end of the stream")
            self.waiting += self.records.feed(data)
        return self.waiting.pop(0)

    def passes(self, what, payload=None):
        """A packet in each direction and a control record in each direction arrive."""
        payload = payload or b"passes " + what.encode()
        wait_for(what + ": the device runs", 10, self.tunnel.running)
        self.far_send(self.data(payload))
        got = self.tunnel.received()
        need("%s: a packet comes in" % what, got == payload, got)
        self.tunnel.send(payload, self.vpn)
        got = payload_of(self.key.open(self.far_record() or fail("%s: no packet goes out" % what))[3])
        need("%s: a packet goes out" % what, got == (self.vpn, PORT, payload), got)
        self.far_send(control(payload))
        self.near.settimeout(10)
        got = self.near.recv(4096)
        need("%s: a control record comes in" % what, got == control(payload), got)
        self.near.send(control(b"back"))
        got = self.far_record()
        need("%s: a control record goes out" % what, got == control(b"back")[2:], got)
