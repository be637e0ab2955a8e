# topic: a tunnel in a tunnel: a connection that goes through one device carries the peer of another
# kernels: first
# timeout: 90
from engine.check import need, note, run, wait_for
from engine.ends import Ends
from engine.fixture import VPN_FAR, VPN_NEAR
from engine.net import MPTCP, TCP

INNER, INMOST = ("10.9.0.1", "10.9.0.2"), ("10.10.0.1", "10.10.0.2")
BYTES = 1 << 18


def nest(*protocols):
    """Tunnels, each in the one before."""
    found = []
    for protocol, addresses, vpn in zip(protocols, (None, (VPN_NEAR, VPN_FAR), INNER), ((VPN_NEAR, VPN_FAR), INNER, INMOST)):
        found.append(Ends(protocol, vpn=vpn, **({"addresses": addresses} if addresses else {})))
    return found


def passes(what, ends):
    ends.works(what)
    with ends.flowing() as arrived:
        wait_for(what + ": bytes both ways", 30, lambda: min(arrived()) > BYTES, arrived)


def two():
    """each protocol in the other, ended from inside out and from outside in"""
    for what, protocols in (("MPTCP in TCP", (TCP, MPTCP)), ("TCP in MPTCP", (MPTCP, TCP))):
        outer, inner = nest(*protocols)
        passes(what, inner)
        passes(what + ", the outer one", outer)
        carried = outer.state(outer.near)["vpn_tx_bytes"]
        need(what + ": it went through both", carried > inner.state(inner.near)["vpn_tx_bytes"] > BYTES, carried)
        # The inner one's connection breaks with full buffers, or is closed before.
        for ends in (inner, outer) if protocols[0] == TCP else (outer, inner):
            ends.close()


def three():
    """three deep, all of them busy"""
    tunnels = nest(MPTCP, TCP, MPTCP)
    passes("three", tunnels[2])
    with tunnels[0].flowing() as one, tunnels[1].flowing() as two_, tunnels[2].flowing() as three_:
        wait_for("flows in all of them", 60, lambda: min(one() + two_() + three_()) > BYTES // 4, lambda: one() + two_() + three_())
    note("overhead: %d packets outside, %d in the middle, %d inside" % tuple(
        ends.state(ends.near)["vpn_tx_packets"] for ends in tunnels))
    for ends in tunnels:
        ends.close()


run((two, three))
