# topic: every packet that must not pass is counted under its own reason and does no harm; keys do what their slots say
# kernels: first
# timeout: 180
import errno
import os
import struct

from engine.check import equal, need, refused, run, wait_for
from engine.doors import MP, PRIMARY, SECONDARY, V2
from engine.fixture import VPN_FAR, VPN_NEAR, PORT, Peer, Tunnel
from engine.net import MPTCP, TCP
from engine.wire import AES_GCM, CHACHA20_POLY1305, PING, Key, payload_of, record, udp4

CIPHERS = (("AES-128-GCM", (AES_GCM, 16)), ("AES-192-GCM", (AES_GCM, 24)), ("AES-256-GCM", (AES_GCM, 32)),
           ("ChaCha20-Poly1305", (CHACHA20_POLY1305, 32)))
OCC_EXIT = bytes.fromhex("287f346bd4ef7a812d56b8d3afc5459c06")
tunnel = Tunnel(MP)


class Watched:
    """Sends packets that must not pass, and sees that nothing but the right counter moves."""

    def __init__(self, what, peer):
        self.what, self.peer, self.good = what, peer, 0
        self.state = peer.get()

    def must_drop(self, what, packet, reason, expect_link=True):
        """@reason None: dropped without being counted as dropped."""
        what = "%s, %s" % (self.what, what)
        before = self.state
        self.peer.far_send(record(packet))
        self.peer.far_send(self.peer.data(b"good %d" % self.good))
        equal(what + ": the next good packet is the next that passes", tunnel.received(), b"good %d" % self.good)
        self.good += 1
        # It waits for its key for a second before it is counted.
        if reason == "rx_no_key":
            wait_for(what + ": counted", 10, lambda: self.peer.get()["drops"][reason] != before["drops"][reason])
        # The counters of a packet are there before the packet is.
        after = self.state = self.peer.get()
        moved = {key: after["drops"][key] - before["drops"][key] for key in after["drops"] if after["drops"][key] != before["drops"][key]}
        equal(what + ": counted", moved, {reason: 1} if reason else {})
        equal(what + ": inner packets", after["vpn_rx_packets"] - before["vpn_rx_packets"], 1)
        equal(what + ": outer packets", after["link_rx_packets"] - before["link_rx_packets"], 2 if expect_link else 1)


def refused_packets():
    """forged, truncated, replayed, old, of an unknown key, empty, not IP, with the address of somebody else"""
    for name, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
        peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
        key = peer.key
        key.sent = 10000
        peer.far_send(peer.data(b"first"))
        equal(name + ", first", tunnel.received(), b"first")
        watched = Watched(name, peer)
        drop = watched.must_drop

        good = peer.packet(b"must not pass")
        for where in (0, 1, 4, 7, 8, 23, 24, -1):
            forged = bytearray(key.seal(good))
            forged[where] ^= 1
            # A flipped bit in the first byte is another key id.
            drop("bit flipped in byte %d" % where, bytes(forged), "rx_no_key" if where == 0 else "rx_auth")
        drop("of another key", Key(key.key_id).seal(good, pktid=9), "rx_auth")
        drop("truncated by one", key.seal(good)[:-1], "rx_auth")
        drop("truncated to header and tag", key.seal(good)[:24], "rx_auth")
        for size in (23, 8, 4, 1):
            drop("truncated to %d bytes" % size, key.seal(good)[:size], "rx_runt", expect_link=False)
        for other in range(1, 8):
            drop("key id %d" % other, key.seal(good, key_id=other), "rx_no_key")

        drop("packet id 0", key.seal(good, pktid=0), "rx_replay")
        drop("the last packet id again", key.seal(good, pktid=key.sent), "rx_replay")
        twice = key.seal(peer.packet(b"once"))
        peer.far_send(record(twice))
        equal(name + ", a packet that is replayed later", tunnel.received(), b"once")
        watched.state = peer.get()
        drop("the very same packet again", twice, "rx_replay")
        highest = key.sent
        drop("2048 behind", key.seal(good, pktid=highest - 2048), "rx_replay")
        # must_drop moved the window by one with its good packet.
        highest = key.sent
        peer.far_send(record(key.seal(peer.packet(b"late"), pktid=highest - 2047)))
        equal(name + ", 2047 behind and not seen before", tunnel.received(), b"late")
        watched.state = peer.get()
        drop("2047 behind, seen", key.seal(good, pktid=highest - 2047), "rx_replay")

        drop("empty", key.seal(b""), "rx_empty")
        for what, plain in (("zeros", bytes(40)), ("a frame", b"\x02" * 60), ("IP version 5", b"\x55" + good[1:]),
                            ("a short IPv4 header", good[:19]), ("a short IPv6 header", b"\x60" + bytes(38)),
                            ("an OCC exit", OCC_EXIT), ("a long keepalive", PING + b"\0"), ("a short keepalive", PING[:15])):
            drop("not IP: " + what, key.seal(plain), "rx_not_ip")
        drop("a keepalive", key.seal(PING), None)
        drop("from another address", key.seal(udp4("10.8.0.77", VPN_NEAR, PORT, b"must not pass")), "rx_source")
        drop("from the tunnel's own address", key.seal(udp4(VPN_NEAR, VPN_NEAR, PORT, b"must not pass")), "rx_source")
        peer.passes(name + ", after all that")
        peer.delete()
        peer.close()
        tunnel.expect_deletion(1, "userspace")


def sent_header():
    """the first packet of a key has packet id 1, and the header says key and peer"""
    for peer_id, key_id, tx_id in ((1, 0, None), (0xABCDE, 3, None), (5, 7, 0xFFFFFE)):
        args = {"tx_id": tx_id} if tx_id else {}
        peer = Peer(tunnel, peer_id, key=False, vpn4=VPN_FAR, **args)
        for slot_round in range(2):
            key = Key(key_id)
            peer.install(key)
            for count in (1, 2, 3):
                tunnel.send(b"out")
                packet = peer.far_record()
                equal("peer %#x, key %d: header" % (peer_id, key_id), packet[:8],
                      struct.pack("!II", (0x48 | key_id) << 24 | (tx_id or peer_id), count))
                equal("content", payload_of(key.open(packet)[3]), (VPN_FAR, PORT, b"out"))
            equal("length", len(packet), 24 + 28 + 3)
        peer.delete()
        peer.close()
        tunnel.expect_deletion(peer_id, "userspace")


def key_of(peer, *keys):
    """Which of the keys the kernel encrypts with."""
    tunnel.send(b"which")
    packet = peer.far_record()
    for key in keys:
        if key.key_id == packet[0] & 7:
            key.open(packet)
            return key
    return None


def encrypts_with(what, peer, key, *others):
    """The kernel encrypts with this key from now on; a batch that was under way may still have another one."""
    wait_for(what, 5, lambda: key_of(peer, key, *others) is key)


def comes_in(what, peer, key):
    peer.far_send(record(key.seal(peer.packet(what.encode()))))
    equal("in: " + what, tunnel.received(), what.encode())


def slots():
    """the primary key encrypts, both decrypt; swap, replace, delete"""
    peer = Peer(tunnel, 1, key=False, vpn4=VPN_FAR)
    keys = [Key(0), Key(1), Key(2)]
    door, index = tunnel.door, tunnel.index
    refused("an empty slot", errno.ENOENT, door.key_get, index, 1, PRIMARY)
    peer.install(keys[0])
    equal("the key that is there", door.key_get(index, 1, PRIMARY), {"peer": 1, "slot": 0, "id": 0, "cipher": AES_GCM})
    comes_in("primary", peer, keys[0])
    need("primary encrypts", key_of(peer, *keys) is keys[0])
    peer.install(keys[1], SECONDARY)
    comes_in("secondary, before the swap", peer, keys[1])
    comes_in("primary, beside a secondary", peer, keys[0])
    need("primary still encrypts", key_of(peer, *keys) is keys[0])
    door.key_swap(index, 1)
    encrypts_with("the other one encrypts", peer, keys[1], keys[0])
    comes_in("the old one after the swap", peer, keys[0])
    comes_in("the new one after the swap", peer, keys[1])
    peer.install(keys[2], SECONDARY)
    comes_in("a third in the secondary slot", peer, keys[2])
    peer.far_send(record(keys[0].seal(peer.packet(b"gone"))))
    wait_for("the first one is gone", 5, lambda: peer.drops() == {"rx_no_key": 1}, peer.drops)
    door.key_del(index, 1, SECONDARY)
    peer.far_send(record(keys[2].seal(peer.packet(b"gone"))))
    wait_for("the deleted one is gone", 5, lambda: peer.drops() == {"rx_no_key": 2}, peer.drops)
    door.key_del(index, 1, SECONDARY)
    door.key_swap(index, 1)
    tunnel.send(b"no key")
    wait_for("no primary key: nothing goes out", 5, lambda: peer.drops().get("tx_no_key") == 1, peer.drops)
    comes_in("the secondary alone decrypts", peer, keys[1])
    door.key_swap(index, 1)
    encrypts_with("swapped back", peer, keys[1], keys[2])
    door.key_del(index, 1, PRIMARY)
    refused("no key left", errno.ENOENT, door.key_get, index, 1, PRIMARY)
    peer.install(keys[2])
    peer.key = keys[2]
    # The same key, installed anew: both directions begin again.
    keys[2].sent = 0
    peer.passes("a key after none")
    peer.delete()
    peer.close()
    tunnel.expect_deletion(1, "userspace")


def ciphers():
    """all ciphers and key sizes, short and long packets; wrong sizes are refused"""
    for name, cipher in CIPHERS:
        peer = Peer(tunnel, 1, cipher=cipher, vpn4=VPN_FAR)
        for size in (1, 15, 16, 17, 1300, 9000):
            payload = os.urandom(size)
            peer.far_send(peer.data(payload))
            need("%s: %d bytes in" % (name, size), tunnel.received() == payload)
            if size < 1400:
                tunnel.send(payload)
                need("%s: %d bytes out" % (name, size), payload_of(peer.key.open(peer.far_record())[3])[2] == payload)
        forged = bytearray(peer.data(b"forged"))
        forged[-1] ^= 0x80
        peer.far_send(bytes(forged))
        wait_for(name + ": a forged packet", 5, lambda: peer.drops() == {"rx_auth": 1}, peer.drops)
        peer.passes(name)
        for slot in (PRIMARY, SECONDARY):
            for cipher_number, size in ((AES_GCM, 0), (AES_GCM, 15), (AES_GCM, 33), (CHACHA20_POLY1305, 16), (0, 16)):
                wrong = Key()
                wrong.cipher = cipher_number
                wrong.encrypt.key = wrong.decrypt.key = bytes(size)
                text = refused("cipher %d with %d bytes" % (cipher_number, size), errno.EINVAL, peer.install, wrong, slot)
                need("says why", text)
        peer.passes(name + ", after refused keys")
        peer.delete()
        peer.close()
        tunnel.expect_deletion(1, "userspace")


def through_v2():
    """keys given by the door of OpenVPN 2.6"""
    global tunnel
    with Tunnel(MP, V2, address="10.8.0.1/24") as tunnel:
        for name, cipher in CIPHERS:
            peer = Peer(tunnel, 1, cipher=cipher, vpn4=VPN_FAR)
            peer.passes("v2, " + name)
            second = Key(1, *cipher)
            peer.install(second, SECONDARY)
            comes_in("v2, secondary", peer, second)
            tunnel.door.key_swap(tunnel.index, 1)
            encrypts_with("v2, swapped", peer, second, peer.key)
            tunnel.door.key_del(tunnel.index, 1, SECONDARY)
            state = peer.get()
            need("v2, counters", state["vpn_rx_packets"] == 2 and state["vpn_tx_packets"] >= 2 and
                 state["link_rx_bytes"] == state["vpn_rx_bytes"] + 48, state)
            peer.delete()
            peer.close()
            tunnel.expect_deletion(1, "userspace")


run((refused_packets, sent_header, slots, ciphers))
tunnel.close()
run((through_v2,))
