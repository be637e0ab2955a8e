# topic: netfilter outside and inside a tunnel: no mark and no state of a connection goes along, in or out
# kernels: first
# timeout: 60
import json
import socket
import subprocess

from engine import module
from engine.check import equal, need, note, run, wait_for
from engine.datagram import UdpPeer, near_socket
from engine.doors import P2P
from engine.fixture import NEAR, Peer, Tunnel
from engine.net import MPTCP, TCP

module.modprobe("nf_tables", "nft_ct")
SO_MARK = 36
OUTSIDE, INSIDE, SOCKET = 0x66, 0x77, 0x4D

# What is outside gets a mark and a connection; what is inside gets another one, and goes out untracked.
RULES = """
table ip watched {
	counter outer_in { }
	counter outer_out { }
	counter outer_out_wrong { }
	counter outer_out_inner { }
	counter inner_in { }
	counter inner_in_wrong { }
	counter inner_out { }
	chain early {
		type filter hook prerouting priority -350
		iifname "p1c" meta mark set %(outside)d counter name outer_in
		iifname "%(device)s" counter name inner_in
		iifname "%(device)s" meta mark != 0 counter name inner_in_wrong
	}
	chain leaving {
		type filter hook output priority -350
		oifname "%(device)s" meta mark set %(inside)d counter name inner_out
	}
	chain left {
		type filter hook postrouting priority 300
		oifname "p1c" counter name outer_out
		oifname "p1c" meta mark != %(socket)d counter name outer_out_wrong
		oifname "p1c" ip daddr 10.8.0.0/16 counter name outer_out_inner
	}
}
"""
CONNECTIONS = """
table ip connections {
	counter outer_in { }
	counter outer_in_known { }
	counter outer_out_known { }
	counter outer_out_wrong { }
	counter inner_in_new { }
	counter inner_in_wrong { }
	counter inner_out_untracked { }
	chain untrack {
		type filter hook output priority -310
		oifname "%(device)s" notrack
	}
	chain come {
		type filter hook prerouting priority -100
		iifname "p1c" counter name outer_in
		iifname "p1c" ct mark set %(outside)d
		iifname "p1c" ct state established counter name outer_in_known
		iifname "%(device)s" ct state new counter name inner_in_new
		iifname "%(device)s" ct state != new counter name inner_in_wrong
		iifname "%(device)s" ct mark != 0 counter name inner_in_wrong
	}
	chain left {
		type filter hook postrouting priority 300
		oifname "%(device)s" ct state untracked counter name inner_out_untracked
		oifname "p1c" ct state established counter name outer_out_known
		oifname "p1c" ct state { invalid, untracked } counter name outer_out_wrong
	}
}
"""


def nft(rules, **names):
    """False if this kernel cannot do that."""
    return subprocess.run(["ip", "netns", "exec", NEAR, "nft", "-f", "-"], input=(rules % names).encode(),
                          stderr=subprocess.DEVNULL).returncode == 0


def counters(table):
    listed = json.loads(subprocess.run(["ip", "netns", "exec", NEAR, "nft", "-j", "list", "counters", "table", "ip", table], check=True,
                                       capture_output=True).stdout)
    return {one["counter"]["name"]: one["counter"]["packets"] for one in listed["nftables"] if "counter" in one}


def exchange(what, tunnel, peer):
    """Packets of flows that nobody has seen yet, in and out."""
    for i in range(20):
        peer.far_send(peer.data(b"in %d" % i))
        equal("%s: in" % what, tunnel.received(), b"in %d" % i)
        tunnel.send(b"out %d" % i)
        need("%s: out" % what, peer.far_record())


def watched(what, tunnel, peer):
    names = {"device": tunnel.dev.name, "outside": OUTSIDE, "inside": INSIDE, "socket": SOCKET}
    peer.near.setsockopt(socket.SOL_SOCKET, SO_MARK, SOCKET)
    wait_for(what + ": the device runs", 10, tunnel.running)
    need(what + ": nft takes the rules", nft(RULES, **names))
    exchange(what, tunnel, peer)
    found = counters("watched")
    note("%s: %s" % (what, found))
    for counter in ("outer_in", "outer_out", "inner_in", "inner_out"):
        need("%s: %s" % (what, counter), found[counter] >= (20 if counter.startswith("inner") else 10), found)
    equal(what + ": packets inside with the mark of outside", found["inner_in_wrong"], 0)
    equal(what + ": packets outside without the mark of their socket", found["outer_out_wrong"], 0)
    equal(what + ": packets outside that should be inside", found["outer_out_inner"], 0)
    if not nft(CONNECTIONS, **names):
        note("this kernel tracks no connections")
    else:
        exchange(what + ", tracked", tunnel, peer)
        found = counters("connections")
        note("%s: %s" % (what, found))
        # The outer connection is known as soon as both sides have sent; the flow inside is never answered where it is tracked.
        need(what + ": outside a connection is tracked", found["outer_in_known"] >= 5 and found["outer_out_known"] >= 5, found)
        equal(what + ": outside nothing is untracked", found["outer_out_wrong"], 0)
        need(what + ": inside what comes is new, what goes is untracked", min(found["inner_in_new"], found["inner_out_untracked"]) >= 20, found)
        equal(what + ": inside nothing is known from outside", found["inner_in_wrong"], 0)
    subprocess.run(["ip", "netns", "exec", NEAR, "nft", "flush", "ruleset"], check=True)


def streams():
    """over MPTCP and TCP"""
    for what, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
        with Tunnel(P2P) as tunnel:
            peer = Peer(tunnel, 1, protocol)
            watched(what, tunnel, peer)
            peer.close()


def datagrams():
    """over UDP, whose packets come to the peer with all that the host knows of them"""
    near = near_socket()
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 1)
        watched("UDP", tunnel, peer)
        peer.close()
    near.close()


run((streams, datagrams))
