# topic: strangers, forgers and a client that does not read leave another client its throughput, beside one, a hundred and ten thousand peers
# paths: 2
# vm: icount
# timeout: 900
import contextlib
import itertools
import json
import os
import signal
import subprocess
import time

from engine.check import cleanups, need, note, run, wait_for
from engine.crowd import BURST, Crowd
from engine.doors import MP, PRIMARY
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Peer, Tunnel, tight_pair
from engine.measure import iperf_serve
from engine.net import MPTCP, connected, ip, netns
from engine.paths import shape
from engine.wire import Key

# The bystander has a path of its own.
shape(1, "20mbit", "5ms", 100)
BYSTANDER, DEAF, DEAF_ADDRESS = 1, 2, "10.9.255.1"
# of the throughput without a flood
SHARE = 0.9


class Bystander:
    """A peer on MPTCP of the same device, with a device of the module at its other end, and a flow through it."""

    def __init__(self, tunnel):
        self.far = Tunnel(ns=FAR, address=VPN_FAR + "/24")
        self.socks = connected(NEAR, NEAR_ADDRESS, MPTCP, FAR, FAR_ADDRESS)
        key = Key()
        tunnel.door.peer_new(tunnel.index, id=BYSTANDER, fd=self.socks[0].fileno(), vpn4=VPN_FAR)
        self.far.door.peer_new(self.far.index, id=BYSTANDER, fd=self.socks[1].fileno())
        tunnel.door.key_new(tunnel.index, BYSTANDER, PRIMARY, key)
        self.far.door.key_new(self.far.index, BYSTANDER, PRIMARY, key.mirrored())
        key.close()
        wait_for("the device runs", 10, self.far.running)
        self.server = iperf_serve(FAR)
        cleanups.append(self.server.kill)

    def rate(self):
        """Mbit/s that arrive."""
        done = subprocess.run(("ip", "netns", "exec", NEAR, "iperf3", "-J", "-t", "5", "-O", "1", "-c", VPN_FAR), check=True,
                              capture_output=True)
        return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"] / 1e6

    def close(self):
        cleanups.remove(self.server.kill)
        self.server.kill()
        self.server.wait()
        for sock in self.socks:
            sock.close()
        self.far.close()


@contextlib.contextmanager
def flood(burst):
    """Another process does this again and again, two hundred times a second at most."""
    def end():
        cleanups.remove(end)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    pid = os.fork()
    while not pid:
        burst()
        time.sleep(0.005)
    cleanups.append(end)
    try:
        yield
    finally:
        end()


def datagrams():
    """How many have come on the second path, which takes a burst as one packet."""
    with netns(NEAR), open("/proc/thread-self/net/dev") as devices:
        return BURST * next(int(line.split()[2]) for line in devices if line.strip().startswith("p2c:"))


def beside(what, bystander, burst, before, came):
    """What the flood leaves of a flow; came() counts its packets."""
    began, had = time.monotonic(), came()
    with flood(burst):
        rate = bystander.rate()
    flooded = (came() - had) / (time.monotonic() - began)
    note("%s, %d a second: %.1f of %.1f Mbit/s" % (what, flooded, rate, before))
    need(what + ": there was a flood", flooded > 1000, flooded)
    need(what + ": leaves the other peer its throughput", rate >= SHARE * before, rate)


def beside_floods(count):
    what = "%d peers" % count
    with Tunnel(MP) as tunnel:
        bystander, crowd = Bystander(tunnel), Crowd(tunnel, count)
        alone = bystander.rate()
        targets = itertools.cycle(crowd.ids[::1 + count // 100])
        beside(what + ", forged datagrams", bystander, lambda: crowd.forge(next(targets), 0), alone, datagrams)
        beside(what + ", keys that nobody has", bystander, lambda: crowd.forge(next(targets), 5), alone, datagrams)
        beside(what + ", control packets that nobody reads", bystander, crowd.strange, alone, datagrams)
        deaf = Peer(tunnel, DEAF, pair=tight_pair(MPTCP), vpn=DEAF_ADDRESS, vpn4=DEAF_ADDRESS)
        ip("-n", NEAR, "route", "add", DEAF_ADDRESS, "dev", tunnel.dev.name)
        beside(what + ", one that does not read", bystander, lambda: [tunnel.send(bytes(1000), deaf.vpn) for _ in range(BURST)], alone,
               lambda: deaf.get()["vpn_tx_packets"] + sum(deaf.drops().values()))
        deaf.close()
        bystander.close()
        crowd.close()


def one():
    """one peer"""
    beside_floods(1)


def hundred():
    """a hundred peers"""
    beside_floods(100)


def ten_thousand():
    """ten thousand peers"""
    beside_floods(10000)


run((one, hundred, ten_thousand))
