# topic: whatever the network or a confused daemon sends, the kernel log gets a few lines, not one a packet
# kernels: first
# timeout: 60
import errno
import os
import socket

from engine.check import equal, errno_of, need, note, run, wait_for
from engine.datagram import UdpPeer, near_socket
from engine.doors import MP, P2P, V2
from engine.fixture import NEAR, VPN_FAR, VPN_NEAR, PORT, Peer, Tunnel
from engine.net import MPTCP, TCP, ip
from engine.wire import Key, record, udp4

FLOOD = 300
# The kernel's own limit for what comes from the network: ten lines, and more only after five seconds.
BURST = 10


class Log:
    """Lines of the kernel log from now on, without what a busy host makes the emulated machine say of its clock."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        found = []
        while True:
            try:
                found.append(os.read(self.fd, 8192).split(b";", 1)[1].split(b"\n")[0].decode())
            except BlockingIOError:
                os.close(self.fd)
                return [line for line in found if not line.startswith("clocksource:")]


def quiet(what, flood, most=0):
    log = Log()
    flood()
    lines = log.lines()
    note("%s: %d lines in the log" % (what, len(lines)))
    need("%s: at most %d lines" % (what, most), len(lines) <= most, lines[:3])
    return lines


def says(what, text, action):
    """The limit is one for all: what came before may have used it up for some seconds."""
    def said():
        log = Log()
        action()
        return any(text in line for line in log.lines())
    wait_for("%s: the log has '%s'" % (what, text), 15, said)


def bad_packets(peer):
    """What each kind of packet that is dropped looks like, and the reason it is counted under."""
    key, good, stranger = peer.key, udp4(VPN_FAR, VPN_NEAR, PORT, b"good"), Key(0)

    def seal(plain, by=key, **how):
        return by.seal(plain, peer=peer.id, **how)
    replayed = seal(good)
    yield "rx_auth", [seal(good)[:-1] + b"\0", seal(good, stranger, pktid=9)]
    yield "rx_runt", [seal(good)[:6], seal(good)[:20]]
    yield "rx_replay", [replayed]
    yield "rx_no_key", [seal(good, key_id=5)]
    yield "rx_empty", [seal(b"") for _ in range(FLOOD)]
    yield "rx_not_ip", [seal(b"\xf0" + bytes(40)) for _ in range(FLOOD)]
    yield "rx_source", [seal(udp4("10.99.0.1", VPN_NEAR, PORT, b"x")) for _ in range(FLOOD)]
    stranger.close()


def from_the_network():
    """packets that are dropped for each reason, by the hundred, on streams and on UDP: not a line"""
    with Tunnel(MP) as tunnel:
        near = near_socket()
        for datagrams in (False, True):
            peer = UdpPeer(tunnel, near, 1, vpn4=VPN_FAR) if datagrams else Peer(tunnel, 1, MPTCP, vpn4=VPN_FAR)
            peer.passes("before")
            for reason, packets in bad_packets(peer):
                def flood():
                    for i in range(FLOOD):
                        packet = packets[i % len(packets)]
                        peer.far_send(packet if datagrams else record(packet))
                    wait_for(reason + ": counted", 10, lambda: peer.drops().get(reason, 0) >= FLOOD - 1, peer.drops)
                quiet("%s, %s" % ("UDP" if datagrams else "MPTCP", reason), flood)
            # The first of those that were repeated was good.
            while tunnel.received(0.05):
                pass
            peer.passes("afterwards")
            peer.delete()
            tunnel.expect_deletion(1, "userspace")
            peer.close()
        near.close()


def broken_streams():
    """streams that are no OpenVPN, one after the other: a few lines; connections that are reset: none"""
    def flood():
        with Tunnel(MP) as tunnel:
            for i in range(40):
                peer = Peer(tunnel, 1, (MPTCP, TCP)[i % 2], key=False, vpn4=VPN_FAR)
                if i % 4 < 2:
                    peer.far_send(b"GET / HTTP/1.0\r\n\r\n" + bytes(100))
                else:
                    peer.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    peer.far.close()
                wait_for("it ends", 5, tunnel.deletions)
                peer.close()
    lines = quiet("broken streams", flood, 2 * BURST + 2)
    equal("what is said of a reset", [line for line in lines if "no OpenVPN stream" not in line and "suppressed" not in line], [])


def refused_requests():
    """sockets that the door of OpenVPN 2.6 refuses: the log says why, a few times"""
    with Tunnel(MP, V2) as tunnel, open("/dev/null") as null:
        def ask():
            return errno_of(tunnel.door.peer_new, tunnel.index, id=1, fd=null.fileno(), vpn4=VPN_FAR)[0]

        def flood():
            equal("refused", {ask() for _ in range(FLOOD)}, {errno.ENOTSOCK})
        # Twice the burst: on a slow machine it may take more than five seconds.
        quiet("refused requests", flood, 2 * BURST + 2)
        says("refused requests", "peer 1 cannot be offloaded: the file descriptor is not a socket", ask)


def own_loop():
    """a tunnel whose own packets are routed into it: dropped, with a few lines"""
    near = near_socket()
    with Tunnel(P2P) as tunnel:
        peer = UdpPeer(tunnel, near, 1)
        peer.passes("before")
        ip("-n", NEAR, "route", "add", "10.1.1.1/32", "dev", tunnel.dev.name)

        # The tunnel's packets, and those that the socket's owner sends, which the stack leads into the tunnel.
        for what, text, send in (("its packets", "its own address is routed into the tunnel", lambda: tunnel.send(bytes(100))),
                                 ("its owner's", "its own transport is routed into the tunnel",
                                  lambda: near.sendto(bytes(100), peer.far.getsockname()))):
            def lost():
                return peer.drops().get("tx_loop", 0)

            def flood(times=FLOOD):
                before = lost()
                for _ in range(times):
                    send()
                wait_for("%s: dropped and counted" % what, 10, lambda: lost() - before >= times - 1, peer.drops)
            quiet("a loop, " + what, flood, 2 * BURST + 2)
            says("a loop, " + what, text, lambda: flood(2))
        ip("-n", NEAR, "route", "delete", "10.1.1.1/32", "dev", tunnel.dev.name)
        near.close()
        peer.close()


run((from_the_network, broken_streams, refused_requests, own_loop))
