# topic: the tracepoints tell of attach and detach, states, drops with their reason, the room of the writer and its refusal
# timeout: 60
import contextlib
import errno
import os
import socket

from engine.check import equal, need, note, refused, run, wait_for
from engine.doors import DROPS, MP
from engine.fixture import PORT, VPN_FAR, VPN_NEAR, Peer, Tunnel, tight_pair
from engine.net import MPTCP, TCP
from engine.trace import WHERE, mount, traced
from engine.wire import Key, control, record, udp4

EVENTS = ("ovpn_attach", "ovpn_detach", "ovpn_drop", "ovpn_peer_state", "ovpn_refusal", "ovpn_room")
SYSTEM = "ovpn_dco_mptcp"
tunnel = Tunnel(MP)


def of(events, name, peer=1):
    """What was recorded of one event, and all of it about this device and peer."""
    fields = [fields for found, fields in events() if found == name]
    for one in fields:
        equal(name + ": device and peer", (one.pop("dev"), one.pop("peer")), (tunnel.dev.name, str(peer)))
    return fields


def show(count):
    """The last lines as a user would read them."""
    with open(WHERE + "/trace") as file:
        for line in file.read().splitlines()[-count:]:
            note(line)


def names():
    """the events are there, and each reason for a drop has the name that the tool gives it"""
    mount()
    equal("events", sorted(name for name in os.listdir("%s/events/%s" % (WHERE, SYSTEM)) if name.startswith("ovpn_")),
          sorted(EVENTS))
    with open("%s/events/%s/ovpn_drop/format" % (WHERE, SYSTEM)) as file:
        text = file.read()
    for number, name in enumerate(DROPS, 1):
        need("%d is %s" % (number, name), '{ %d, "%s" }' % (number, name) in text)


def life():
    """a peer comes, dies with its connection, and goes; a socket that is refused"""
    for protocol, transport in ((MPTCP, "mptcp"), (TCP, "tcp")):
        with traced(*("%s/%s" % (SYSTEM, name) for name in ("ovpn_attach", "ovpn_detach", "ovpn_peer_state"))) as events:
            peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
            equal(transport + ": attach", of(events, "ovpn_attach"), [{"transport": transport, "err": "0"}])
            equal(transport + ": it lives", of(events, "ovpn_peer_state"), [{"from": "new", "to": "live"}])
            equal(transport + ": no detach yet", of(events, "ovpn_detach"), [])
            peer.far.close()
            tunnel.expect_deletion(1, "disconnect", "error")
            wait_for(transport + ": detach", 5, lambda: of(events, "ovpn_detach"))
            equal(transport + ": one", of(events, "ovpn_detach"), [{"transport": transport}])
            equal(transport + ": it is dead", of(events, "ovpn_peer_state")[1:], [{"from": "live", "to": "dead"}])
            peer.near.close()
            wait_for(transport + ": it is gone", 5, lambda: of(events, "ovpn_peer_state")[2:] == [{"from": "dead", "to": "gone"}])
            peer.key.close()
    with traced(SYSTEM + "/ovpn_attach") as events, open("/dev/null") as file, \
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as pipe:
        refused("a file", errno.ENOTSOCK, tunnel.door.peer_new, tunnel.index, id=1, fd=file.fileno(), vpn4=VPN_FAR)
        equal("no attach", of(events, "ovpn_attach"), [])
        refused("a socket of another kind", errno.EPROTONOSUPPORT, tunnel.door.peer_new, tunnel.index, id=1, fd=pipe.fileno(), vpn4=VPN_FAR)
        equal("a refused attach", of(events, "ovpn_attach"), [{"transport": "none", "err": str(-errno.EPROTONOSUPPORT)}])


def drops():
    """a drop is told once, with its reason and number, as it is counted"""
    peer = Peer(tunnel, 1, vpn4=VPN_FAR)
    peer.passes("before")
    stranger = Key()
    with traced(SYSTEM + "/ovpn_drop") as events:
        peer.far_send(record(stranger.seal(peer.packet(b"forged"), peer=1)) + peer.data(b"behind"))
        equal("what comes behind it", tunnel.received(), b"behind")
        equal("a forged packet", of(events, "ovpn_drop"), [{"reason": "rx_auth", "packets": "1"}])
        peer.far_send(record(b"\x48\0\0\0") + peer.data(b"behind"))
        equal("what comes behind it", tunnel.received(), b"behind")
        equal("a short one", of(events, "ovpn_drop")[1:], [{"reason": "rx_runt", "packets": "1"}])
        other = udp4("10.9.9.9", VPN_NEAR, PORT, b"of a network that is not routed to the peer")
        peer.far_send(record(peer.key.seal(other, peer=1)) + peer.data(b"behind"))
        equal("what comes behind it", tunnel.received(), b"behind")
        equal("a wrong source", of(events, "ovpn_drop")[2:], [{"reason": "rx_source", "packets": "1"}])
        show(1)
        counted = {}
        for one in of(events, "ovpn_drop"):
            counted[one["reason"]] = counted.get(one["reason"], 0) + int(one["packets"])
        equal("as counted", counted, peer.drops())
    with traced() as events:
        peer.far_send(record(b"\x48\0\0\0") + peer.data(b"behind"))
        equal("what comes behind it", tunnel.received(), b"behind")
        equal("switched off, nothing is recorded", events(), [])
    stranger.close()
    peer.close()
    tunnel.expect_deletion(1, "disconnect")


def writer():
    """the writer: its room while all is well, and the refusal of a socket that is full, with what waits behind it"""
    peer = Peer(tunnel, 1, TCP, pair=tight_pair(TCP), vpn4=VPN_FAR)
    peer.passes("before")
    with traced(SYSTEM + "/ovpn_room", SYSTEM + "/ovpn_refusal") as events:
        tunnel.send(b"one packet", VPN_FAR)
        need("it goes out", peer.far_record() is not None)
        equal("no refusal", of(events, "ovpn_refusal"), [])
        rooms = of(events, "ovpn_room")
        need("room was looked at", rooms and all(int(one["room"]) > 0 for one in rooms), rooms)

        peer.near.setblocking(True)

        def full():
            # Control records are written whether there is room or not.
            with contextlib.suppress(BlockingIOError):
                while True:
                    peer.near.send(control(bytes(1200)), socket.MSG_DONTWAIT)
            return of(events, "ovpn_refusal")
        refusals = wait_for("a far end that reads nothing: refused", 20, full)
        equal("why", refusals[0]["err"], str(-errno.EAGAIN))
        need("what could not be written", int(refusals[0]["batch"]) > 0, refusals[0])
        need("and what the socket holds", int(refusals[0]["held"]) > 0, refusals[0])
        wait_for("it is tried again all the time", 5, lambda: len(of(events, "ovpn_refusal")) > 3)
        show(4)
    peer.close()
    tunnel.expect_deletion(1, "disconnect")


run((names, life, drops, writer))
tunnel.close()
