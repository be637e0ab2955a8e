# topic: what waits is bounded, and memory that is denied, to a control group or to all sockets, costs packets and nothing else
# timeout: 90
import contextlib
import socket
import struct
import time

from engine.check import SLOW, equal, fail, need, note, ok, run, wait_for
from engine.datagram import UdpPeer, far_socket, near_socket
from engine.doors import MP, PRIMARY
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP, connected
from engine.scarce import group_made, machine_made, starved
from engine.wire import Key, payload_of

# src/early.c
EARLY_PACKETS, EARLY_BYTES = 1024, 1 << 20
# packets in a row: more than sockets may have in any case
BURST = 64


def early():
    """packets before their key: so many wait, the others are counted as lost"""
    for size, bound in ((40, EARLY_PACKETS), (1360, EARLY_BYTES // 1360)):
        with Tunnel() as tunnel:
            peer = Peer(tunnel, 1, TCP, key=False)
            wait_for("the device runs", 10, tunnel.running)
            sealed = [peer.data(bytes(size)) for _ in range(bound + 200)]
            peer.far_send(b"".join(sealed))
            wait_for("all have come", 10, lambda: peer.get()["link_rx_packets"] == len(sealed))
            lost = peer.drops().get("rx_no_key", 0)
            # Headers are inside the bound, too; and nothing waits for more than a second, which passes on a slow machine.
            most = 200 + bound // 10 if SLOW == 1 else len(sealed)
            need("of packets with %d bytes some must go" % size, 200 <= lost <= most, lost)
            peer.install(peer.key)
            arrived = 0
            while arrived < len(sealed) - lost and tunnel.received() is not None:
                arrived += 1
            gone = peer.drops().get("rx_no_key", 0)
            equal("what waited has arrived, or is counted", arrived + gone, len(sealed))
            need("none of them is lost", gone == lost or SLOW > 1, gone)
            peer.passes("after them")
            peer.close()


def keys_that_never_come():
    """forged packets with other key ids, one or thousands, are not in the way of those whose key comes"""
    with Tunnel() as tunnel:
        peer = UdpPeer(tunnel, near_socket(), 1, key=False)
        wait_for("the device runs", 10, tunnel.running)

        def waits(count):
            wait_for("%d have come" % count, 10, lambda: peer.get()["link_rx_packets"] == count)
        forged = [peer.data(bytes(20), key_id=key_id) for key_id in (5, 6)]
        peer.far_send(forged[0])
        for number in range(10):
            peer.far_send(peer.data(b"%d" % number))
        waits(11)
        peer.install(peer.key)
        equal("behind a forged one", [tunnel.received() for _ in range(10)], [b"%d" % number for number in range(10)])
        count = 11
        # A key that comes as another one's packets get too old.
        if SLOW == 1:
            wait_for("the forged one is dropped", 10, lambda: peer.drops() == {"rx_no_key": 1})
            peer.remove_key()
            peer.far_send(forged[0])
            time.sleep(0.5)
            peer.far_send(peer.data(b"half a second later"))
            count += 2
            waits(count)
            wait_for("the next forged one is dropped", 10, lambda: peer.drops().get("rx_no_key") != 1)
            peer.install(peer.key)
            equal("one that came later", tunnel.received(), b"half a second later")
            equal("dropped are", peer.drops(), {"rx_no_key": 2})
            equal("the interface counts them as received", tunnel.dropped(), (2, 0))
        peer.remove_key()
        for _ in range(EARLY_PACKETS):
            for packet in forged:
                peer.far_send(packet)
        for number in range(100):
            peer.far_send(peer.data(b"%d" % number))
        waits(count + 2 * EARLY_PACKETS + 100)
        peer.install(peer.key)
        behind = [b"%d" % number for number in range(100)]
        if SLOW == 1:
            equal("behind a flood", [tunnel.received() for _ in behind], behind)
        else:
            # Nothing waits for more than a second, which passes on a slow machine, also while the first ones are decrypted.
            got = list(iter(lambda: tunnel.received(1), None))
            need("behind a flood come some, in order", got and got == [one for one in behind if one in got], got)
        peer.near.close()
        peer.close()


def guessed_ids():
    """datagrams that nobody vouches for, for many peers: 16 MB of a device wait at most, and each peer gets some of it"""
    size, burst, count, rounds = 1400, 44, 32, 12
    with Tunnel(MP) as tunnel:
        near, far = near_socket(), far_socket()
        # UDP_SEGMENT: so many at once.
        far.setsockopt(socket.IPPROTO_UDP, 103, size)
        peers = [UdpPeer(tunnel, near, 1 + i, far, vpn4="10.8.1.%d" % i) for i in range(count)]

        def flood():
            for _ in range(rounds):
                for peer in peers:
                    peer.far_send(burst * (struct.pack("!II", 9 << 27 | peer.id, 1) + bytes(size - 8)))

        def counted():
            return [(peer["link_rx_packets"], peer["drops"]["rx_queue_full"], peer["drops"]["rx_no_key"])
                    for peer in tunnel.door.peer_dump(tunnel.index)]

        def told(what, kept):
            note("%s: %d of %d MB are kept" % (what, kept * size >> 20, rounds * burst * count * size >> 20))
            need(what + ": 16 MB at most", kept * size <= 1 << 24, kept * size)
        for what in ("the first time", "again"):
            before = counted()
            with starved():
                flood()
                after = counted()
            # A worker that had begun before may have looked at some.
            done = sum(got for got, _, _ in after) - sum(got for got, _, _ in before)
            note("%s: %d were looked at meanwhile" % (what, done))
            kept = [rounds * burst - full + had for (_, full, _), (_, had, _) in zip(after, before)]
            told(what, sum(kept) - done)
            need(what + ": each peer has some of it", min(kept) >= burst, min(kept))
            wait_for(what + ": all that was kept is looked at", 10, lambda: sum(got for got, _, _ in counted()) ==
                     sum(kept) + sum(got for got, _, _ in before))
        for peer in peers:
            peer.remove_key()
        before = counted()
        flood()
        wait_for("all is dropped, or waits for a key", 10, lambda: all(
            got - b_got + full - b_full == rounds * burst
            for (got, full, _), (b_got, b_full, _) in zip(counted(), before)))
        told("without a key", sum(got - b_got - gone for (got, _, gone), (b_got, _, _) in zip(counted(), before)))
        wait_for("none is kept for longer than a second", 10, lambda: all(
            got - b_got == gone for (got, _, gone), (b_got, _, _) in zip(counted(), before)))
        peers[0].install(peers[0].key)
        far.setsockopt(socket.IPPROTO_UDP, 103, 0)
        peers[0].vpn = "10.8.1.0"
        peers[0].arrives("afterwards", b"in")
        near.close()
        for peer in peers:
            peer.close()


def charged():
    """what a request makes the kernel keep is charged to the control group of who asks"""
    count, least = 500, 2000
    with group_made() as group, Tunnel(MP) as tunnel:
        near, far, key = near_socket(), far_socket(), Key()
        with group.inside():
            before = group.slab()
            for i in range(count):
                tunnel.door.peer_new(tunnel.index, id=i, fd=near.fileno(), remote4=FAR_ADDRESS, port=1 + i,
                                     vpn4="10.8.%d.%d" % (1 + i // 250, 1 + i % 250))
                tunnel.door.key_new(tunnel.index, i, PRIMARY, key)
            need("%d peers are charged with %d bytes each" % (count, least), group.slab() - before >= count * least,
                 group.slab() - before)
        for sock in (near, far, key):
            sock.close()


def both_ways(tunnel, peer, seconds):
    """As much as goes, in bursts, for so long. Returns how many packets have come through each way, and what is left of the record
    that the far end was sending."""
    came_in, went_out, rest, end = 0, 0, b"", time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(BURST):
            tunnel.send(bytes(1300), VPN_FAR)
        peer.far.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            for _ in range(BURST):
                rest = rest or peer.data(bytes(1300))
                rest = rest[peer.far.send(rest):]
        while peer.far_record(0.01):
            went_out += 1
        while tunnel.received(0):
            came_in += 1
    return came_in, went_out, rest


def marked(what, receive, marker):
    """Reads until the marker comes."""
    end = time.monotonic() + 30 * SLOW
    while time.monotonic() < end:
        got = receive()
        if got and marker in got:
            ok(what)
            return
    fail(what + ": never")


def rest_goes(tunnel, peer, rest):
    """Sends the rest of a record. A plain MPTCP socket of Linux 7.3 that had no memory goes on when something comes, not before."""
    peer.far.settimeout(1)
    end = time.monotonic() + 90 * SLOW
    while rest:
        try:
            rest = rest[peer.far.send(rest):]
        except TimeoutError:
            if time.monotonic() > end:
                fail("the far end's rest of %d bytes does not go: %s" % (len(rest), peer.get()))
            tunnel.send(b"something", VPN_FAR)


def stalls(protocol, memory):
    """no more memory for a while: traffic stalls, no peer ends, and it goes on when there is some"""
    with Tunnel() as tunnel:
        with memory.inside():
            pair = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
        peer = Peer(tunnel, 1, protocol, pair=pair)
        peer.passes("before")
        free = both_ways(tunnel, peer, 2 * SLOW)
        peer.far_send(free[2])
        denials = memory.denials()
        memory.deny()
        short = both_ways(tunnel, peer, 2 * SLOW)
        memory.allow()
        rest_goes(tunnel, peer, short[2])
        peer.far.settimeout(30 * SLOW)
        need("nobody was told of an end", not tunnel.deletions())
        peer.far_send(peer.data(b"marker in"))
        marked("the way in goes on", tunnel.received, b"marker in")
        tunnel.send(b"marker out", VPN_FAR)
        marked("the way out goes on", lambda: payload_of(peer.key.open(peer.far_record() or fail("nothing"))[3])[2], b"marker out")
        peer.passes("after it")
        again = both_ways(tunnel, peer, 2 * SLOW)
        note("packets in and out, in a while: %s, with no memory %s, after that %s" % (free[:2], short[:2], again[:2]))
        need("memory was short", memory.denials() > denials)
        need("and is not any more", sum(again[:2]) > sum(free[:2]) / 4)
        peer.close()


def denied_to_group():
    """the control group of the sockets may have no more memory"""
    with group_made() as group:
        for protocol in (TCP, MPTCP):
            stalls(protocol, group)


def denied_to_all():
    """all TCP sockets of the machine together may have no more memory (net.ipv4.tcp_mem)"""
    with machine_made() as machine:
        for protocol in (TCP, MPTCP):
            stalls(protocol, machine)


run((early, keys_that_never_come, guessed_ids, charged, denied_to_group, denied_to_all))
