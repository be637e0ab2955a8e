# topic: calls of the cipher, of the socket and of the routes fail, each in its turn: a clean error, or a counted drop, and no more
# with: faults
# timeout: 120
import errno
import itertools

from engine.calls import calls, exists, failed, failing, faults
from engine.check import equal, fail, name, need, note, refused, run, wait_for
from engine.datagram import UdpPeer, far_socket, near_socket
from engine.doors import MP, SECONDARY, V2, Native
from engine.fixture import FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP, Device
from engine.wire import AES_GCM, CHACHA20_POLY1305, Key, control, payload_of

NEAR6, FAR6 = "fd01::2", "fd01::1"


def each(what, function, error, action):
    """Every call of the function that the action makes fails in its turn, and with it the action."""
    for nth in itertools.count(1):
        with failing(function, error, nth=nth):
            try:
                action()
            except OSError as err:
                equal("%s: call %d of %s fails" % (what, nth, function), name(err.errno), name(error))
                need("by the fault", failed() == 1, failed())
                continue
            if failed():
                fail("%s: call %d of %s fails, and nobody hears of it" % (what, nth, function))
        need("%s calls %s" % (what, function), nth > 1)
        return


def device():
    """a device is made, or it is not there"""
    for kind, function, error in ((V2.KIND, "security_tun_dev_create", errno.EPERM), (Native.KIND, "rhashtable_init", errno.ENOMEM)):
        if not exists(function):
            note("this kernel has no %s" % function)
            continue
        made = []

        def make():
            made.append(Device(NEAR, "t%d" % len(made), kind, MP))
        each("a new device", function, error, make)
        equal("devices", len(made), 1)
        made[0].delete()
    with Tunnel() as tunnel:
        Peer(tunnel, 1).passes("then a tunnel")


def key_new():
    """a key that cannot be used changes nothing"""
    for cipher in ((AES_GCM, 16), (CHACHA20_POLY1305, 32)):
        with Tunnel() as tunnel:
            peer = Peer(tunnel, 1, cipher=cipher)
            other = Key(1, *cipher)
            for function, error in (("crypto_alloc_aead", errno.ENOENT), ("crypto_aead_setkey", errno.EINVAL),
                                    ("crypto_aead_setauthsize", errno.EINVAL)):
                each("KEY_NEW", function, error, lambda: tunnel.door.key_new(tunnel.index, 1, SECONDARY, other))
                tunnel.door.key_del(tunnel.index, 1, SECONDARY)
                refused("there is no second key", errno.ENOENT, tunnel.door.key_get, tunnel.index, 1, SECONDARY)
            peer.passes("the first key")
            peer.close()
            other.close()


def peer_new():
    """a peer that cannot be made leaves its socket as it was"""
    with Tunnel(MP) as tunnel:
        near, far = near_socket(), far_socket()

        def attach():
            tunnel.door.peer_new(tunnel.index, id=1, fd=near.fileno(), remote4=FAR_ADDRESS, port=far.getsockname()[1], vpn4=VPN_FAR)
        each("PEER_NEW over UDP", "dst_cache_init", errno.ENOMEM, attach)
        tunnel.door.peer_del(tunnel.index, 1)
        tunnel.deletions(0.05)
        peer = UdpPeer(tunnel, near, 1, far=far, vpn4=VPN_FAR)
        peer.passes("then it can")
        peer.close()
        near.close()


def numbered(count):
    return [b"number %03d" % i for i in range(count)]


def rising(what, found):
    need("%s: each once, in their order" % what, all(a < b for a, b in zip(found, found[1:])), found)


def third(peer, function, reason, counter, start):
    """While a third of the cipher's calls fail: sends, and returns how many packets were lost, when all are counted."""
    before = peer.get()[counter]
    # What the kernel's cipher passes on to another may fail there, too: every third call is not every third packet.
    with failing(function, errno.EIO, every=3):
        for payload in numbered(100):
            start(payload)
        wait_for("each packet is lost or not", 10,
                 lambda: peer.get()[counter] - before + peer.drops().get(reason, 0) == 100, lambda: (peer.get(), failed(), calls()))
        lost = peer.drops()[reason]
        equal("lost are those whose call failed", lost, failed())
    need("many were lost, and many were not", 20 < lost < 80, lost)
    return lost


def ciphers():
    """what cannot be encrypted or decrypted is counted; all else arrives, in order, and no packet id comes twice"""
    with Tunnel(MP) as tunnel:
        near = near_socket()
        makers = (lambda: Peer(tunnel, 1, MPTCP, vpn4=VPN_FAR), lambda: Peer(tunnel, 1, TCP, vpn4=VPN_FAR),
                  lambda: UdpPeer(tunnel, near, 1, vpn4=VPN_FAR))
        for make in makers:
            peer = make()
            peer.passes("before")
            gone = third(peer, "crypto_aead_encrypt", "tx_crypto", "link_tx_packets", tunnel.send)
            packets = [peer.key.open(peer.far_record() or fail("packet %d does not come" % i)) for i in range(100 - gone)]
            rising("packets go out", [payload_of(plain)[2] for _, _, _, plain in packets])
            rising("packet ids", [pktid for _, _, pktid, _ in packets])

            lost = third(peer, "crypto_aead_decrypt", "rx_crypto", "vpn_rx_packets", lambda payload: peer.far_send(peer.data(payload)))
            rising("packets come in", [tunnel.received() or fail("packet %d does not come" % i) for i in range(100 - lost)])
            equal("drops", peer.drops(), {"tx_crypto": gone, "rx_crypto": lost})
            peer.passes("afterwards")
            equal("nobody has ended", tunnel.deletions(0.05), [])
            peer.delete()
            tunnel.expect_deletion(1, "userspace")
            peer.close()
        near.close()


RECEIVE = {MPTCP: "mptcp_recvmsg", TCP: "tcp_recvmsg"}


def interrupted():
    """a socket that is full or interrupted again and again loses nothing, and changes no order"""
    sent = numbered(100)
    for protocol in (MPTCP, TCP):
        for error in (errno.EAGAIN, errno.EINTR):
            with Tunnel() as tunnel:
                peer = Peer(tunnel, 1, protocol)
                peer.passes("before")
                with failing("inet_sendmsg", error, every=2):
                    for payload in sent[:50]:
                        tunnel.send(payload)
                    # A whole one beside them.
                    peer.near.send(control(b"beside"))
                    for payload in sent[50:]:
                        tunnel.send(payload)
                    packets = [peer.far_record() or fail("packet %d does not come" % i) for i in range(len(sent) + 1)]
                    need("it was refused meanwhile", failed(), calls())
                equal("control records among them", packets.count(control(b"beside")[2:]), 1)
                packets.remove(control(b"beside")[2:])
                equal("all others", [payload_of(peer.key.open(one)[3])[2] for one in packets], sent)
                equal("drops", peer.drops(), {})
                peer.passes("afterwards")
                peer.close()

        with Tunnel() as tunnel:
            peer = Peer(tunnel, 1, protocol)
            peer.passes("before")
            with failing(RECEIVE[protocol], errno.EINTR, every=2):
                for payload in sent:
                    peer.far_send(peer.data(payload))
                equal("all come in", [tunnel.received() for _ in sent], sent)
                need("reading was interrupted meanwhile", failed(), calls())
            equal("drops", peer.drops(), {})
            peer.passes("afterwards")
            peer.close()


def broken():
    """a socket that fails ends its peer, once, and says why; the device and other peers go on"""
    with Tunnel(MP) as tunnel:
        other = Peer(tunnel, 2, vpn="10.8.0.3", vpn4="10.8.0.3")
        for protocol in (MPTCP, TCP):
            for function, error in (("inet_sendmsg", errno.EPIPE), ("inet_sendmsg", errno.ENOMEM), (RECEIVE[protocol], errno.ENOMEM),
                                    (RECEIVE[protocol], errno.ECONNRESET)):
                peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
                peer.passes("before")
                with failing(function, error, nth=1):
                    if function == "inet_sendmsg":
                        tunnel.send(b"out")
                    else:
                        peer.far_send(peer.data(b"in"))
                    wait_for("%s fails" % function, 10, failed)
                    tunnel.expect_deletion(1, "error", "disconnect")
                got = None
                try:
                    got = peer.near.recv(100)
                except OSError as err:
                    note("its socket says %s" % name(err.errno))
                need("its socket is at the end", not got, got)
                peer.close()
                refused("with its socket the peer has gone", errno.ENOENT, peer.get)
                other.passes("another peer goes on")
        other.close()


def routes():
    """no route: packets are counted as lost, and go again as soon as there is one"""
    with Tunnel(MP) as tunnel:
        for function, here, there in (("ip_route_output_flow", NEAR_ADDRESS, FAR_ADDRESS), ("ip6_dst_lookup_flow", NEAR6, FAR6)):
            near = near_socket(here)
            peer = UdpPeer(tunnel, near, 1, far=far_socket(there), vpn4=VPN_FAR)
            with failing(function, errno.ENETUNREACH, every=1):
                for payload in numbered(20):
                    tunnel.send(payload)
                wait_for("all are counted", 10, lambda: peer.drops() == {"tx_no_route": 20}, peer.drops)
                need("the route was asked for", failed())
            peer.passes("then there is a route")
            peer.delete()
            tunnel.expect_deletion(1, "userspace")
            peer.close()
            near.close()


with faults():
    run((device, key_new, peer_new, ciphers, interrupted, broken, routes))
