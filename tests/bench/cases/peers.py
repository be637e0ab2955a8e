# topic: memory of an idle peer, and what a packet costs while 1, 100, 1000 and 4000 peers are attached, over TCP and MPTCP
# vm: icount mem=4G
# timeout: 300
import json
import resource
import subprocess
import time

from engine.check import fail, note, run, wait_for
from engine.doors import MP, P2P, PRIMARY
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Tunnel
from engine.measure import free_kib, iperf_serve
from engine.net import MPTCP, TCP, connected, listening
from engine.wire import Key

COUNTS = {"tcp": (1, 100, 1000, 4000), "mptcp": (1, 1000)}
PROTOCOLS = {"tcp": TCP, "mptcp": MPTCP}


def iperf():
    """Mbit/s of one TCP flow through the tunnel of the first peer, without its first fifth."""
    said = subprocess.run(("ip", "netns", "exec", NEAR, "iperf3", "-J", "-i", "0.1", "-t", "1", "-c", VPN_FAR),
                          check=True, capture_output=True).stdout
    parts = [part["sum"] for part in json.loads(said)["intervals"]][2:]
    return sum(part["bytes"] for part in parts) * 8 / sum(part["seconds"] for part in parts) / 1e6


class Crowd:
    """A device with many peers. The first one has a device at its far end, the others have but their sockets."""

    def __init__(self, kind, most):
        self.kind, self.attached = kind, 0
        listener = listening(FAR, FAR_ADDRESS, PROTOCOLS[kind])
        self.pairs = [connected(NEAR, NEAR_ADDRESS, PROTOCOLS[kind], FAR, FAR_ADDRESS, listener=listener)
                      for _ in range(most)]
        self.listener = listener
        self.near, self.far = Tunnel(MP, address="10.8.0.1/16"), Tunnel(P2P, ns=FAR, address=VPN_FAR + "/16")
        self.key = Key()
        self.addresses = [VPN_FAR] + ["10.8.%d.%d" % (1 + i // 250, 1 + i % 250) for i in range(1, most)]

    def attach(self, count):
        """Until there are so many."""
        for i in range(self.attached, count):
            self.near.door.peer_new(self.near.index, id=i, fd=self.pairs[i][0].fileno(), vpn4=self.addresses[i])
            self.near.door.key_new(self.near.index, i, PRIMARY, self.key)
        if not self.attached:
            self.far.door.peer_new(self.far.index, id=0, fd=self.pairs[0][1].fileno())
            self.far.door.key_new(self.far.index, 0, PRIMARY, self.key.mirrored())
        self.attached = count
        if len(self.near.door.peer_dump(self.near.index)) != count:
            fail("there are not %d peers" % count)

    def close(self):
        for pair in self.pairs:
            for sock in pair:
                sock.close()
        self.listener.close()
        self.near.close()
        self.far.close()


def measure(kind):
    counts = COUNTS[kind]
    crowd = Crowd(kind, counts[-1])
    crowd.attach(1)
    wait_for("the devices run", 10, lambda: crowd.near.running() and crowd.far.running())
    server = iperf_serve(FAR)
    for count in counts:
        # What fewer peers take may be in what the kernel has kept for such objects.
        last, had = count == counts[-1], crowd.attached
        before = free_kib() if last else None
        began = time.monotonic()
        crowd.attach(count)
        seconds = time.monotonic() - began
        if last:
            note("bench peers.%s.%d.kib %.1f" % (kind, count, (before - free_kib()) / (count - had)))
            note("%s: %d more peers attached in %.2f s" % (kind, count - had, seconds))
        note("bench peers.%s.%d.mbit %.1f" % (kind, count, iperf()))
    server.terminate()
    server.wait()
    crowd.close()


def tcp():
    """peers on TCP sockets"""
    measure("tcp")


def mptcp():
    """peers on MPTCP sockets"""
    measure("mptcp")


resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
run([mptcp, tcp])
