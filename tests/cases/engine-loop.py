import time

from engine.check import equal, need, note, run, wait_for
from engine.doors import P2P
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, VPN_NEAR, PORT, Tunnel
from engine.net import MPTCP, connected, ip, listening
from engine.wire import Key


class Ends:
    """A tunnel between two devices of the module."""

    def __init__(self):
        self.near, self.far = Tunnel(P2P), Tunnel(P2P, ns=FAR, address=VPN_FAR + "/24")
        # Without a listener nobody answers further subflows.
        self.listener = listening(FAR, FAR_ADDRESS, MPTCP)
        self.socks = connected(NEAR, NEAR_ADDRESS, MPTCP, FAR, FAR_ADDRESS, listener=self.listener)
        key, other = Key(), Key()
        other.encrypt, other.decrypt = key.decrypt, key.encrypt
        for tunnel, sock, half in ((self.near, self.socks[0], key), (self.far, self.socks[1], other)):
            tunnel.door.peer_new(tunnel.index, id=1, fd=sock.fileno())
            tunnel.door.key_new(tunnel.index, 1, 0, half)
            wait_for("the device runs", 10, tunnel.running)

    def works(self, what):
        self.near.inner.sendto(b"there", (VPN_FAR, PORT))
        equal(what + ": there", self.far.received(), b"there")
        self.far.inner.sendto(b"back", (VPN_NEAR, PORT))
        equal(what + ": and back", self.near.received(), b"back")

    def state(self, tunnel):
        return tunnel.door.peer_get(tunnel.index, 1)

    def looped(self):
        return self.state(self.near)["drops"]["tx_loop"]

    def close(self):
        for sock in self.socks + (self.listener,):
            sock.close()
        self.near.close()
        self.far.close()


def own_address():
    """an endpoint with the tunnel's address, made while the tunnel is up"""
    ends = Ends()
    ends.works("before")
    equal("nothing loops", ends.looped(), 0)
    ip("-n", NEAR, "mptcp", "endpoint", "add", VPN_NEAR, "dev", ends.near.dev.name, "subflow")
    wait_for("packets of the connection itself are dropped and counted", 15, ends.looped, lambda: ends.state(ends.near))
    until = time.monotonic() + 5
    while time.monotonic() < until:
        ends.works("with the endpoint")
        time.sleep(0.25)
    states = [ends.state(tunnel) for tunnel in (ends.near, ends.far)]
    note("loop drops %d; packets in the tunnel: near %d out, far %d out" % (
        states[0]["drops"]["tx_loop"], states[0]["vpn_tx_packets"], states[1]["vpn_tx_packets"]))
    # The endless nesting of a loop would show here.
    need("the tunnel carries little but the test's packets", states[0]["vpn_tx_packets"] < 100 and states[1]["vpn_tx_packets"] < 100)
    ip("-n", NEAR, "mptcp", "endpoint", "flush")
    ends.works("after the endpoint was removed")
    ends.close()


run((own_address,))
