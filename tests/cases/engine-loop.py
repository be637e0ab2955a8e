# topic: the tunnel's own address as MPTCP endpoint: no packet of a connection goes through the tunnel that it carries
# kernels: first
# timeout: 90
import time

from engine.check import equal, need, note, run, wait_for
from engine.ends import Ends
from engine.fixture import NEAR, VPN_NEAR
from engine.net import ip
from engine.paths import allow_subflows


def looped(ends):
    return ends.state(ends.near)["drops"]["tx_loop"]


def own_address():
    """an endpoint with the tunnel's address, made while the tunnel is up"""
    allow_subflows()
    ends = Ends()
    ends.works("before")
    equal("nothing loops", looped(ends), 0)
    ip("-n", NEAR, "mptcp", "endpoint", "add", VPN_NEAR, "dev", ends.near.dev.name, "subflow")
    wait_for("packets of the connection itself are dropped and counted", 15, lambda: looped(ends), lambda: ends.state(ends.near))
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
