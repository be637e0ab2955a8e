# topic: an hour of fifty tunnels with new keys, new connections and a path that comes and goes; at the end all is as at the start
# paths: 2
# vm: icount
# timeout: 4500
import os
import subprocess
import time

from engine.check import fail, need, note, run, wait_for
from engine.doors import MP, P2P, PRIMARY, SECONDARY
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, PORT, VPN_NEAR, Tunnel
from engine.measure import free_kib, iperf_serve
from engine.net import MPTCP, connected, ip, listening
from engine.paths import allow_subflows
from engine.wire import Key

TUNNELS = 50
# All of these are seconds, of the machine's clock.
LASTS = int(os.environ.get("SOAK_SECONDS") or 3600)
KEY_LASTS = 5
CONNECTION_LASTS = 600
# The second path: so often it goes, and so long it is away.
PATH_EVERY, PATH_AWAY = 40, 8
WARM_UP = 60
# What the kernel's own caches may take more or less (KiB), and a measurement vary (part of the whole).
MEMORY_SLACK, SPEED_SLACK = 2048, 0.05


class Line:
    """One tunnel: a peer of the server's device, and a device in a namespace of its own."""

    def __init__(self, number, server, listener):
        self.number, self.server, self.listener = number, server, listener
        self.vpn, self.key_id, self.sent, self.arrived = "10.8.0.%d" % (number + 2), 0, [0, 0], [0, 0]
        self.ns = "%s%d_%s" % (FAR[0], number, FAR[1:])
        ip("netns", "add", self.ns)
        self.client = Tunnel(P2P, ns=self.ns, address=self.vpn + "/24")
        self.client.inner.setblocking(False)
        self.socks = ()
        self.connect()

    def connect(self):
        self.disconnect()
        self.socks = connected(NEAR, NEAR_ADDRESS, MPTCP, FAR, FAR_ADDRESS, listener=self.listener)
        self.server.door.peer_new(self.server.index, id=self.number, fd=self.socks[0].fileno(), vpn4=self.vpn, interval=10, timeout=60)
        self.client.door.peer_new(self.client.index, id=self.number, fd=self.socks[1].fileno(), interval=10, timeout=60)
        self.install(PRIMARY)

    def install(self, slot):
        """A new key for both ends."""
        key = Key(self.key_id)
        self.server.door.key_new(self.server.index, self.number, slot, key)
        self.client.door.key_new(self.client.index, self.number, slot, key.mirrored())
        key.close()

    def disconnect(self):
        if self.socks:
            self.server.door.peer_del(self.server.index, self.number)
            self.client.door.peer_del(self.client.index, self.number)
        for sock in self.socks:
            sock.close()

    def rekey(self):
        """Both ends know the new key before one of them uses it; the old one stays good for what is under way."""
        self.key_id = self.key_id % 7 + 1
        self.install(SECONDARY)
        for end in (self.server, self.client):
            end.door.key_swap(end.index, self.number)

    def talk(self):
        """A packet in each direction."""
        self.client.inner.sendto(bytes([self.number]) + bytes(700), (VPN_NEAR, PORT))
        self.server.inner.sendto(bytes([self.number]) + bytes(700), (self.vpn, PORT))
        self.sent = [n + 1 for n in self.sent]
        try:
            while True:
                self.client.inner.recv(2000)
                self.arrived[0] += 1
        except BlockingIOError:
            pass

    def close(self):
        self.disconnect()
        self.client.close()
        ip("netns", "del", self.ns)


class Soak:
    def __init__(self):
        self.server = Tunnel(MP, address=VPN_NEAR + "/24")
        self.server.inner.setblocking(False)
        self.listener = listening(FAR, "0.0.0.0", MPTCP)
        self.lines = [Line(i, self.server, self.listener) for i in range(TUNNELS)]
        self.counts = {"rekey": 0, "connect": 0, "path": 0}

    def listen(self):
        """What has come to the server."""
        try:
            while True:
                self.lines[self.server.inner.recv(2000)[0]].arrived[1] += 1
        except BlockingIOError:
            pass

    def path(self, up):
        """The second path goes with its link; once that is back, the server announces its address again."""
        self.counts["path"] += 1
        ip("-n", NEAR, "link", "set", "p2c", "up" if up else "down")
        if up:
            ip("-n", FAR, "mptcp", "endpoint", "flush")
            ip("-n", FAR, "mptcp", "endpoint", "add", "10.1.2.1", "dev", "p2s", "signal")

    def second(self, now):
        """What happens in this second; every line has its own."""
        for line in self.lines:
            if (now + line.number) % KEY_LASTS == 0:
                line.rekey()
                self.counts["rekey"] += 1
            if (now + line.number * CONNECTION_LASTS // TUNNELS) % CONNECTION_LASTS == 0:
                line.connect()
                self.counts["connect"] += 1
            line.talk()
        self.listen()
        if now % PATH_EVERY in (0, PATH_AWAY):
            self.path(now % PATH_EVERY == PATH_AWAY)

    def run(self, seconds):
        begin = time.monotonic()
        for now in range(seconds):
            # The beat of the test; nothing is waited for here.
            time.sleep(max(0, begin + now - time.monotonic()))
            self.second(now)
        self.path(True)

    def totals(self):
        return [sum(line.sent[way] for line in self.lines) for way in (0, 1)], [
            sum(line.arrived[way] for line in self.lines) for way in (0, 1)]

    def close(self):
        for line in self.lines:
            line.close()
        self.listener.close()
        self.server.close()


def speed(line):
    """Mbit/s of one TCP flow through a tunnel, without its beginning."""
    server = iperf_serve(NEAR, "-1", "-B", VPN_NEAR)
    said = subprocess.run(("ip", "netns", "exec", line.ns, "iperf3", "-c", VPN_NEAR, "-t", "2", "-O", "1", "-f", "m"),
                          check=True, capture_output=True, text=True).stdout
    server.wait()
    return float(next(text.split()[-3] for text in said.splitlines() if text.endswith("receiver")))


def references():
    with open("/sys/module/ovpn_dco_mptcp/refcnt") as count:
        return int(count.read())


def sockets():
    """TCP sockets of all kinds, of both ends; what TCP itself keeps of a connection for a minute is none."""
    return sum(len(subprocess.run(("ip", "netns", "exec", ns, "ss", "-Htan", "exclude", "time-wait"), check=True,
                                  capture_output=True).stdout.splitlines()) for ns in (NEAR, FAR))


def inventory(weather):
    """What must not have changed, once nothing is under way."""
    want = 1 + 2 * 2 * TUNNELS

    def complete():
        # To ask takes long where a second is a number of instructions.
        time.sleep(1)
        return sockets() == want
    wait_for("two paths for everybody, and no old socket", 60, complete, sockets)
    found = {"sockets": sockets(), "references": references(),
             "descriptors": len(os.listdir("/proc/self/fd"))}
    found["Mbit/s"] = speed(weather.lines[0])
    found["free KiB"] = free_kib()
    return found


def compare(before, after):
    for what in ("sockets", "references", "descriptors"):
        need("as many %s as at the start" % what, before[what] == after[what], "%s, then %s" % (before[what], after[what]))
    lost = before["free KiB"] - after["free KiB"]
    need("memory as at the start", lost <= MEMORY_SLACK, "%d KiB less" % lost)
    slower = 1 - after["Mbit/s"] / before["Mbit/s"]
    need("as fast as at the start", slower <= SPEED_SLACK, "%.1f %% slower" % (slower * 100))


def soak():
    """an hour of everything"""
    allow_subflows()
    ip("-n", FAR, "mptcp", "endpoint", "add", "10.1.2.1", "dev", "p2s", "signal")
    weather = Soak()
    wait_for("the devices run", 20, lambda: all(line.client.running() for line in weather.lines))
    weather.run(WARM_UP)
    before = inventory(weather)
    note("after %d s: %s" % (WARM_UP, before))
    weather.run(LASTS)
    after = inventory(weather)
    note("after %d s more: %s" % (LASTS, after))
    weather.listen()
    sent, arrived = weather.totals()
    note("%s; packets sent %s, arrived %s" % (weather.counts, sent, arrived))
    for way in (0, 1):
        # Those under way when a connection is replaced are lost with it.
        if arrived[way] < sent[way] - 2 * weather.counts["connect"] - 2 * TUNNELS:
            fail("packets are lost: %d of %d" % (sent[way] - arrived[way], sent[way]))
    compare(before, after)
    weather.close()


run([soak])
