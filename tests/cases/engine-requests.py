# topic: what a request may say: strict attributes, ids and addresses in use, dumps; refusals explain themselves
# kernels: first
# timeout: 120
import errno
import socket
import struct

from engine.check import equal, name, need, ok, refused, run
from engine.doors import MP, P2P, PRIMARY, V2, Native, Ovpn
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Peer, Tunnel
from engine.net import netns
from engine.netlink import Refused, attr, attrs, nest, u8, u16, u32
from engine.wire import Key

N, V = Native, V2


def says(what, number, action, *args, **kw):
    need(what + ": there is a text", refused(what, number, action, *args, **kw))


def call(tunnel, command, *parts):
    return tunnel.door.family.call(command, *parts)


def devices():
    """which device a request is about"""
    with Tunnel(MP) as native, Tunnel(MP, V2, address="10.9.0.1/24") as v2:
        for tunnel, command, number in ((native, N.PEER_GET, N.PEER), (v2, V.GET_PEER, 8)):
            door = type(tunnel.door).__name__
            says(door + ": no device", errno.EINVAL, call, tunnel, command, nest(number, u32(1, 1)))
            says(door + ": no such device", errno.ENODEV, call, tunnel, command, u32(1, 99999), nest(number, u32(1, 1)))
            says(door + ": another kind of device", errno.EINVAL, call, tunnel, command, u32(1, 1), nest(number, u32(1, 1)))
            says(door + ": no nest", errno.EINVAL, call, tunnel, command, u32(1, tunnel.index))
            says(door + ": no id", errno.EINVAL, call, tunnel, command, u32(1, tunnel.index), nest(number))
            says(door + ": no such peer", errno.ENOENT, tunnel.door.peer_get, tunnel.index, 77)
            says(door + ": dump of no device", errno.EINVAL, tunnel.door.family.call, command, dump=True)
            says(door + ": dump of no such device", errno.ENODEV, tunnel.door.family.call, command, u32(1, 99999), dump=True)
            for wrong in (1, 2, 3, 4) if door == "Native" else (1, 2, 3, 4, 5, 6):
                if wrong != command:
                    refused("%s: dump with command %d" % (door, wrong), errno.EOPNOTSUPP, tunnel.door.family.call, wrong,
                            u32(1, tunnel.index), dump=True)
        says("v2: a device of the native kind", errno.EINVAL, v2.door.peer_get, native.index, 1)
        says("native: sees the devices of OpenVPN 2.6", errno.ENOENT, native.door.peer_get, v2.index, 1)
        with Tunnel(MP, Ovpn, address="10.10.0.1/24") as ovpn:
            says("native: sees the devices of OpenVPN 2.7", errno.ENOENT, native.door.peer_get, ovpn.index, 1)
            for index in (native.index, v2.index):
                says("ovpn: a device of another kind", errno.EINVAL, ovpn.door.peer_get, index, 1)
            says("v2: a device of OpenVPN 2.7", errno.EINVAL, v2.door.peer_get, ovpn.index, 1)
        with netns(FAR):
            elsewhere = Native()
            there = [index for index, _ in socket.if_nameindex()]
        need("an index that the other namespace does not have", v2.index not in there, there)
        says("a device of another namespace", errno.ENODEV, elsewhere.peer_get, v2.index, 1)
        elsewhere.close()


def attributes():
    """strict validation: unknown, too short, too long, out of range, not marked as a nest"""
    with Tunnel(MP) as tunnel:
        peer = Peer(tunnel, 1, vpn4=VPN_FAR)
        dev = u32(1, tunnel.index)
        one = u32(1, 1)
        cases = (
            ("unknown top level attribute", errno.EINVAL, N.PEER_GET, (dev, nest(N.PEER, one), u32(9, 0))),
            ("unknown attribute in the nest", errno.EINVAL, N.PEER_GET, (dev, nest(N.PEER, one, u32(90, 0)))),
            ("attribute that is only for replies", errno.EINVAL, N.PEER_NEW, (dev, nest(N.PEER, u32(1, 2), u32(6, 0), u32(16, 0)))),
            ("nest without its mark", errno.EINVAL, N.PEER_GET, (dev, attr(N.PEER, one))),
            ("id of 2 bytes", errno.EINVAL, N.PEER_GET, (dev, nest(N.PEER, u16(1, 1)))),
            ("id of 8 bytes", errno.EINVAL, N.PEER_GET, (dev, nest(N.PEER, attr(1, bytes(8))))),
            ("id of 25 bits", errno.ERANGE, N.PEER_GET, (dev, nest(N.PEER, u32(1, 1 << 24)))),
            ("get with more than the id", errno.EINVAL, N.PEER_GET, (dev, nest(N.PEER, one, u32(13, 1)))),
            ("keepalive of more than a day", errno.ERANGE, N.PEER_SET, (dev, nest(N.PEER, one, u32(13, 86401), u32(14, 1)))),
            ("interval without timeout", errno.EINVAL, N.PEER_SET, (dev, nest(N.PEER, one, u32(13, 1)))),
            ("socket in a change", errno.EINVAL, N.PEER_SET, (dev, nest(N.PEER, one, u32(6, 0)))),
            ("VPN address of 3 bytes", errno.EINVAL, N.PEER_SET, (dev, nest(N.PEER, one, attr(8, b"abc")))),
            ("VPN IPv6 address of 8 bytes", errno.EINVAL, N.PEER_SET, (dev, nest(N.PEER, one, attr(9, bytes(8))))),
            ("slot 2", errno.ERANGE, N.KEY_SWAP + 2, (dev, nest(N.KEYCONF, one, u32(2, 2)))),
            ("key id 8", errno.ERANGE, N.KEY_NEW, (dev, nest(N.KEYCONF, one, u32(2, 0), u32(3, 8)))),
            ("cipher 3", errno.ERANGE, N.KEY_NEW, (dev, nest(N.KEYCONF, one, u32(4, 3)))),
            ("key without its parts", errno.EINVAL, N.KEY_NEW, (dev, nest(N.KEYCONF, one, u32(2, 0), u32(3, 0), u32(4, 1)))),
            ("key of 257 bytes", errno.ERANGE, N.KEY_NEW, (dev, nest(N.KEYCONF, one, nest(5, attr(1, bytes(257)))))),
            ("nonce tail of 7 bytes", errno.EINVAL, N.KEY_NEW, (dev, nest(N.KEYCONF, one, nest(5, attr(2, bytes(7)))))),
            ("key command with the nest of a peer", errno.EINVAL, N.KEY_SWAP, (dev, nest(N.PEER, one))),
        )
        for what, number, command, parts in cases:
            got = 0
            try:
                call(tunnel, command, *parts)
            except Refused as err:
                got, text = err.errno, err.text
            # What the core checks has no fixed errno between the two.
            need("%s: %s" % (what, name(number)), got == number or {got, number} == {errno.EINVAL, errno.ERANGE}, name(got))
            need(what + ": there is a text", text)
        refused("unknown command", errno.EOPNOTSUPP, call, tunnel, 60, dev)
        peer.passes("after all that")
        peer.close()
    with Tunnel(MP, V2) as tunnel:
        dev, one = u32(1, tunnel.index), u32(1, 1)
        for what, number, command, parts in (
                ("unknown attribute", errno.EINVAL, V.GET_PEER, (dev, nest(8, one, u32(9, 1)))),
                ("nest without its mark", errno.EINVAL, V.GET_PEER, (dev, attr(8, one))),
                ("slot of 4 bytes", errno.EINVAL, V.DEL_KEY, (dev, nest(7, one, u32(2, 0)))),
                ("slot 2", errno.ERANGE, V.DEL_KEY, (dev, nest(7, one, u8(2, 2)))),
                ("id of 25 bits", errno.EINVAL, V.NEW_PEER, (dev, nest(2, u32(1, 1 << 24), u32(3, 0), attr(4, bytes(4))))),
                ("no socket", errno.EINVAL, V.NEW_PEER, (dev, nest(2, one, attr(4, b"abcd")))),
                ("no VPN address", errno.EINVAL, V.NEW_PEER, (dev, nest(2, one, u32(3, 0)))),
                ("crossed nest", errno.EINVAL, V.NEW_KEY, (dev, nest(4, u32(2, 1))))):
            refused("v2: " + what, number, call, tunnel, command, *parts)


def in_use():
    """ids and VPN addresses that are in use, wrong addresses"""
    with Tunnel(MP) as tunnel:
        one = Peer(tunnel, 1, vpn4=VPN_FAR, vpn6="fd08::2")
        says("the same id", errno.EEXIST, Peer, tunnel, 1, vpn4="10.8.0.3")
        says("the same IPv4 address", errno.EADDRINUSE, Peer, tunnel, 2, vpn4=VPN_FAR)
        says("the same IPv6 address", errno.EADDRINUSE, Peer, tunnel, 2, vpn4="10.8.0.3", vpn6="fd08::2")
        two = Peer(tunnel, 2, vpn="10.8.0.3", vpn4="10.8.0.3")
        says("a change to an address in use", errno.EADDRINUSE, tunnel.door.peer_set, tunnel.index, id=2, vpn4=VPN_FAR)
        says("a change of both, one in use", errno.EADDRINUSE, tunnel.door.peer_set, tunnel.index, id=2, vpn4="10.8.0.4", vpn6="fd08::2")
        two.passes("nothing has changed")
        tunnel.door.peer_set(tunnel.index, id=2, vpn4="10.8.0.5")
        two.vpn = "10.8.0.5"
        two.passes("a change to a free address")
        tunnel.door.peer_set(tunnel.index, id=1, vpn4="10.8.0.3")
        one.vpn = "10.8.0.3"
        one.passes("its old address is free again")
        says("a change that leaves no address", errno.EINVAL, tunnel.door.peer_set, tunnel.index, id=2, vpn4="0.0.0.0")
        for address in ("224.0.0.1", "255.255.255.255", "127.0.0.1"):
            says("address " + address, errno.EADDRNOTAVAIL, Peer, tunnel, 3, vpn4=address)
        for address in ("ff02::1", "::1", "::ffff:10.0.0.1"):
            says("address " + address, errno.EADDRNOTAVAIL, Peer, tunnel, 3, vpn6=address)
        says("no address", errno.EINVAL, Peer, tunnel, 3)
        says("address 0.0.0.0 alone", errno.EINVAL, Peer, tunnel, 3, vpn4="0.0.0.0")
        says("a remote address", errno.EISCONN, Peer, tunnel, 3, vpn4="10.8.0.9", remote4="10.1.1.1", port=1194)
        says("no socket", errno.EINVAL, tunnel.door.peer_new, tunnel.index, id=3, vpn4="10.8.0.9")
        equal("none of the refused is there", sorted(p["id"] for p in tunnel.door.peer_dump(tunnel.index)), [1, 2])
        one.close()
        two.close()
    with Tunnel(P2P) as tunnel:
        says("P2P: a VPN address", errno.EINVAL, Peer, tunnel, 1, vpn4=VPN_FAR)
        says("P2P: no such peer", errno.ENOENT, tunnel.door.peer_set, tunnel.index, id=1, interval=1, timeout=1)
    with Tunnel(MP, V2) as tunnel:
        one = Peer(tunnel, 1, vpn4=VPN_FAR)
        says("v2: the same id", errno.EEXIST, Peer, tunnel, 1, vpn4="10.8.0.3")
        says("v2: the same address", errno.EADDRINUSE, Peer, tunnel, 2, vpn4=VPN_FAR)
        one.passes("v2, after refusals")
        one.close()
    with Tunnel(P2P, V2) as tunnel:
        one = Peer(tunnel, 1, vpn4=VPN_FAR, vpn6="fd08::2")
        one.passes("v2, P2P with VPN addresses that are not needed")
        one.close()


def dumps():
    """a dump shows every peer once, in P2P mode, too; also when there are more than fit in one message"""
    for door in (Native, V2):
        with Tunnel(P2P, door) as tunnel:
            equal(door.__name__ + ": P2P, none", tunnel.door.peer_dump(tunnel.index), [])
            peer = Peer(tunnel, 5)
            found = tunnel.door.peer_dump(tunnel.index)
            equal(door.__name__ + ": P2P, one", [p["id"] for p in found], [5])
            equal(door.__name__ + ": as asked for by its id", found[0], peer.get())
            peer.close()
        with Tunnel(MP, door) as tunnel:
            many = [Peer(tunnel, i * i, key=False, vpn4="10.8.1.%d" % (i + 1)) for i in range(60)]
            found = [p["id"] for p in tunnel.door.peer_dump(tunnel.index)]
            equal(door.__name__ + ": MP, all of them once", found, [i * i for i in range(60)])
            for peer in many:
                peer.close()
            equal(door.__name__ + ": MP, none left", tunnel.door.peer_dump(tunnel.index), [])


def described():
    """what PEER_GET says about a peer"""
    with Tunnel(MP) as tunnel:
        peer = Peer(tunnel, 7, vpn4=VPN_FAR, vpn6="fd08::2", interval=30, timeout=90, tx_id=12)
        peer.passes("before")
        state = peer.get()
        for key, value in (("id", 7), ("tx_id", 12), ("vpn4", VPN_FAR), ("vpn6", "fd08::2"), ("interval", 30), ("timeout", 90),
                           ("transport", "mptcp"), ("subflows", 1), ("local_port", peer.near.getsockname()[1]), ("queue_bytes", 0),
                           ("vpn_rx_packets", 1), ("vpn_tx_packets", 1), ("link_rx_packets", 1), ("link_tx_packets", 1)):
            equal(key, state[key], value)
        size = len(peer.packet(b"passes before"))
        equal("bytes", (state["vpn_rx_bytes"], state["vpn_tx_bytes"], state["link_rx_bytes"], state["link_tx_bytes"]),
              (size, size, size + 24, size + 24))
        need("a token", state["token"])
        need("no netns id: the socket is in the namespace of the caller", "netnsid" not in state)
        peer.close()


def sockaddr4(address, port, family=socket.AF_INET):
    return struct.pack("=H", family) + struct.pack("!H", port) + socket.inet_aton(address) + bytes(8)


def sockaddr6(address, port, family=socket.AF_INET6):
    return struct.pack("=H", family) + struct.pack("!HI", port, 0) + socket.inet_pton(socket.AF_INET6, address) + bytes(4)


def addresses_of_v2():
    """v2: the remote address makes sense for UDP, and streams do not look at it"""
    with netns(NEAR):
        v4, v6 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    v4.bind((NEAR_ADDRESS, 0))
    v6.bind(("::", 0))
    remote4, remote6, own6 = sockaddr4(FAR_ADDRESS, 1194), sockaddr6("fd01::1", 1194), socket.inet_pton(socket.AF_INET6, "fd01::2")
    mapped, local4 = sockaddr6("::ffff:" + FAR_ADDRESS, 1194), socket.inet_aton(NEAR_ADDRESS)
    with Tunnel(P2P, V2) as tunnel:
        dev = u32(1, tunnel.index)

        def new(sock, remote, local):
            call(tunnel, V.NEW_PEER, dev, nest(2, u32(1, 1), u32(3, sock.fileno()), *([attr(2, remote)] if remote else []),
                                               *([attr(6, local)] if local else [])))
        senseless = (("no remote address", None, None), ("an address without a port", sockaddr4(FAR_ADDRESS, 0), None),
                     ("the family of the other address", sockaddr4(FAR_ADDRESS, 1194, socket.AF_INET6), None),
                     ("an address that is too long", remote4 + bytes(4), None), ("20 bytes of IPv6", remote6[:20], None),
                     ("a local address of 5 bytes", remote4, local4 + b"1"), ("local IPv6 for IPv4", remote4, own6),
                     ("local IPv4 for IPv6", remote6, local4))
        peer = Peer(tunnel, 1, attach=False)
        for what, remote, local in senseless:
            refused("UDP: " + what, errno.ENOTSOCK, new, v6, remote, local)
            new(peer.near, remote, local)
            ok("MPTCP: " + what)
        refused("UDP over IPv4: an IPv6 address", errno.ENOTSOCK, new, v4, remote6, None)
        equal("MPTCP: the reply has no address", set(shown(tunnel)) & {2, 5}, set())
        for what, sock, remote, local, reply in (
                ("IPv4", v4, remote4, None, (remote4, bytes(4))), ("IPv4 from an address", v4, remote4, local4, (remote4, local4)),
                ("IPv6", v6, remote6, None, (remote6, bytes(16))), ("IPv6 from an address", v6, remote6, own6, (remote6, own6)),
                ("mapped IPv4", v6, mapped, None, (remote4, bytes(4)))):
            new(sock, remote, local)
            said = shown(tunnel)
            equal("UDP: " + what, (said[2], said[5]), reply)
            equal("UDP: %s, local port" % what, said[6], struct.pack("!H", sock.getsockname()[1]))
        peer.close()
    v4.close()
    v6.close()


def shown(tunnel):
    """what GET_PEER says about peer 1, by number"""
    return attrs(call(tunnel, V.GET_PEER, u32(1, tunnel.index), nest(8, u32(1, 1)))[0][1][8])


def without_extack():
    """a client that asks for no extended ack gets the same errno; every command is answered"""
    with Tunnel(MP) as tunnel:
        with netns(NEAR):
            plain = Native(extack=False)
        refused("no such peer", errno.ENOENT, plain.peer_get, tunnel.index, 1)
        refused("no such peer", errno.ENOENT, plain.peer_del, tunnel.index, 1)
        equal("a dump", plain.peer_dump(tunnel.index), [])
        plain.close()


def too_many():
    """a device has so many peers at most; when one goes, there is room for another one"""
    file = "/sys/module/ovpn_dco_mptcp/parameters/peers_max"
    with open(file) as setting:
        before = setting.read()
    equal("so many as the documentation says", before, "16384\n")
    for kind in (Native, Ovpn, V2):
        what = kind.__name__
        with open(file, "w") as setting:
            setting.write("2")
        try:
            with Tunnel(MP, kind) as tunnel:
                peers = [Peer(tunnel, i, vpn4="10.8.0.%d" % (10 + i)) for i in range(2)]
                spare = Peer(tunnel, 2, vpn4="10.8.0.12", attach=False)
                says(what + ": a third peer", errno.ENOSPC if kind is Native else errno.ENOTSOCK, spare.attach)
                peers[0].delete()
                spare.attach()
                says(what + ": a third peer again", errno.ENOSPC if kind is Native else errno.ENOTSOCK, tunnel.door.peer_new,
                     tunnel.index, id=5, fd=peers[0].near.fileno(), vpn4="10.8.0.15")
                for peer in peers + [spare]:
                    peer.close()
        finally:
            with open(file, "w") as setting:
                setting.write(before)


def keys_are_erased():
    """what comes back behind an error is the kernel's copy of the request, which has no key any more"""
    for kind in (Native, Ovpn, V2):
        what, key, echoes = kind.__name__, Key(), []
        secrets = [part for half in (key.encrypt, key.decrypt) for part in (half.key, half.tail)]
        with Tunnel(MP, kind) as tunnel:
            peer = Peer(tunnel, 1, vpn4=VPN_FAR)
            # Without extended acks the whole request comes back.
            with netns(NEAR):
                door = kind(extack=False)
            verdict = door.family.nl._verdict
            door.family.nl._verdict = lambda *args: (echoes.append(args[2]), verdict(*args))
            refused(what + ": no such peer", errno.ENOENT, door.key_new, tunnel.index, 77, PRIMARY, key)
            key.cipher = 0
            refused(what + ": no encryption", errno.EINVAL, door.key_new, tunnel.index, 1, PRIMARY, key)
            need(what + ": the requests come back", len(echoes) == 2 and min(map(len, echoes)) > 120, [len(echo) for echo in echoes])
            need(what + ": without keys", not any(secret in echo for echo in echoes for secret in secrets), echoes)
            peer.passes(what)
            peer.close()
            door.close()


run((devices, attributes, in_use, dumps, described, addresses_of_v2, without_extack, too_many,
     keys_are_erased))
