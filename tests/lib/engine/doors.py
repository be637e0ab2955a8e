"""The netlink doors of the module, with the numbers of src/uapi/linux."""
import ipaddress
import struct

from .netlink import Family, attr, attrs, integer, nest, u8, u16, u32

REASONS = ("teardown", "userspace", "expired", "error", "disconnect")
P2P, MP = 0, 1
PRIMARY, SECONDARY = 0, 1
DROPS = ("tx_queue_full tx_queue_delay tx_no_key tx_key_exhausted tx_too_long tx_malformed tx_loop tx_nomem tx_crypto "
         "tx_ring_full tx_detached rx_runt rx_no_key rx_auth rx_replay rx_empty rx_not_ip rx_source rx_nomem rx_crypto "
         "rx_control_full tx_no_route rx_queue_full rx_detached tx_multicast").split()


def packed(address):
    return ipaddress.ip_address(address).packed


class Native:
    """Family ovpn-dco-mptcp."""

    FAMILY = KIND = "ovpn-dco-mptcp"
    PEER_NEW, PEER_SET, PEER_GET, PEER_DEL, PEER_DEL_NTF, KEY_NEW, KEY_GET, KEY_SWAP, KEY_SWAP_NTF, KEY_DEL = range(1, 11)
    SET_SOCK = 64
    IFINDEX, PEER, KEYCONF = 1, 2, 3
    # name of an argument: number and how it is encoded
    PEER_ATTRS = {"id": (1, u32), "remote4": (2, None), "remote6": (3, None), "scope": (4, u32), "port": (5, None),
                  "fd": (6, u32), "vpn4": (8, None), "vpn6": (9, None), "local4": (10, None), "local6": (11, None),
                  "interval": (13, u32), "timeout": (14, u32), "tx_id": (24, u32)}
    PEER_FLOAT_NTF = 11
    ADDRESSES = {2: "remote4", 3: "remote6", 8: "vpn4", 9: "vpn6", 10: "local4", 11: "local6"}
    PORTS = {5: "port", 12: "local_port"}
    COUNTERS = {4: "scope", 16: "vpn_rx_bytes", 17: "vpn_tx_bytes", 18: "vpn_rx_packets", 19: "vpn_tx_packets", 20: "link_rx_bytes",
                21: "link_tx_bytes", 22: "link_rx_packets", 23: "link_tx_packets", 1: "id", 13: "interval", 14: "timeout",
                24: "tx_id", 7: "netnsid", 65: "token", 66: "subflows", 67: "queue_bytes"}

    def __init__(self, extack=True):
        self.family = Family(self.FAMILY, extack)

    def close(self):
        self.family.close()

    def _peer(self, command, dev, args):
        parts = []
        for key, value in args.items():
            number, encode = self.PEER_ATTRS[key]
            if encode:
                parts.append(encode(number, value))
            elif key == "port":
                parts.append(attr(number, struct.pack("!H", value)))
            else:
                parts.append(attr(number, packed(value)))
        return self.family.call(command, u32(self.IFINDEX, dev), nest(self.PEER, *parts))

    def peer_new(self, dev, **args):
        self._peer(self.PEER_NEW, dev, args)

    def peer_set(self, dev, **args):
        self._peer(self.PEER_SET, dev, args)

    def peer_del(self, dev, peer):
        self._peer(self.PEER_DEL, dev, {"id": peer})

    def set_sock(self, dev, **args):
        self._peer(self.SET_SOCK, dev, args)

    def peer_get(self, dev, peer):
        return self._described(self._peer(self.PEER_GET, dev, {"id": peer})[0][1])

    def peer_dump(self, dev):
        return [self._described(a) for _, a in self.family.call(self.PEER_GET, u32(self.IFINDEX, dev), dump=True)]

    def _described(self, message):
        found = {}
        for number, value in attrs(message[self.PEER]).items():
            if number in self.COUNTERS:
                found[self.COUNTERS[number]] = integer(value)
            elif number in self.ADDRESSES:
                found[self.ADDRESSES[number]] = str(ipaddress.ip_address(value))
            elif number in self.PORTS:
                found[self.PORTS[number]] = struct.unpack("!H", value)[0]
            elif number == 64:
                found["transport"] = value.rstrip(b"\0").decode()
            elif number == 68:
                found["drops"] = {DROPS[k - 1]: integer(v) for k, v in attrs(value).items() if k}
        return found

    def _key(self, command, dev, *parts):
        return self.family.call(command, u32(self.IFINDEX, dev), nest(self.KEYCONF, *parts))

    def key_new(self, dev, peer, slot, key):
        self._key(self.KEY_NEW, dev, u32(1, peer), u32(2, slot), u32(3, key.key_id), u32(4, key.cipher),
                  nest(5, attr(1, key.encrypt.key), attr(2, key.encrypt.tail)),
                  nest(6, attr(1, key.decrypt.key), attr(2, key.decrypt.tail)))

    def key_get(self, dev, peer, slot):
        found = attrs(self._key(self.KEY_GET, dev, u32(1, peer), u32(2, slot))[0][1][self.KEYCONF])
        return {"peer": integer(found[1]), "slot": integer(found[2]), "id": integer(found[3]), "cipher": integer(found[4])}

    def key_swap(self, dev, peer):
        self._key(self.KEY_SWAP, dev, u32(1, peer))

    def key_del(self, dev, peer, slot):
        self._key(self.KEY_DEL, dev, u32(1, peer), u32(2, slot))

    def deletions(self, events):
        """(ifindex, peer, reason) of each notification that a peer is gone."""
        found = []
        for command, message in events:
            if command == self.PEER_DEL_NTF:
                peer = attrs(message[self.PEER])
                found.append((integer(message[self.IFINDEX]), integer(peer[1]), REASONS[integer(peer[15])]))
        return found

    def floats(self, events):
        """(ifindex, peer, (address, port)) of each notification that a peer has moved."""
        found = []
        for command, message in events:
            if command == self.PEER_FLOAT_NTF:
                peer = self._described(message)
                found.append((integer(message[self.IFINDEX]), peer["id"],
                              (peer.get("remote4") or peer.get("remote6"), peer["port"])))
        return found


class Ovpn(Native):
    """Family ovpn, which OpenVPN 2.7 speaks: the same numbers without those from 64 on."""

    FAMILY = KIND = "ovpn"


class V2:
    """Family ovpn-dco-v2, which OpenVPN 2.6 speaks."""

    KIND = "ovpn-dco"
    NEW_PEER, SET_PEER, DEL_PEER, NEW_KEY, SWAP_KEYS, DEL_KEY, GET_PEER = range(1, 8)
    REPLY = {1: "id", 2: "remote", 5: "local", 6: "local_port", 7: "interval", 8: "timeout", 9: "vpn_rx_bytes", 10: "vpn_tx_bytes", 11: "vpn_rx_packets",
             12: "vpn_tx_packets", 13: "link_rx_bytes", 14: "link_tx_bytes", 15: "link_rx_packets", 16: "link_tx_packets"}

    def __init__(self, extack=True):
        self.family = Family("ovpn-dco-v2", extack)

    def close(self):
        self.family.close()

    def _call(self, command, number, dev, *parts):
        return self.family.call(command, u32(1, dev), nest(number, *parts))

    def peer_new(self, dev, id, fd, vpn4=None, vpn6=None):
        parts = [u32(1, id), u32(3, fd)]
        if vpn4:
            parts.append(attr(4, packed(vpn4)))
        if vpn6:
            parts.append(attr(5, packed(vpn6)))
        self._call(self.NEW_PEER, 2, dev, *parts)

    def peer_set(self, dev, id, interval=None, timeout=None):
        parts = [u32(1, id)]
        if interval is not None:
            parts.append(u32(2, interval))
        if timeout is not None:
            parts.append(u32(3, timeout))
        self._call(self.SET_PEER, 3, dev, *parts)

    def peer_del(self, dev, peer):
        self._call(self.DEL_PEER, 4, dev, u32(2, peer))

    def peer_get(self, dev, peer):
        return self._described(self._call(self.GET_PEER, 8, dev, u32(1, peer))[0][1])

    def peer_dump(self, dev):
        return [self._described(a) for _, a in self.family.call(self.GET_PEER, u32(1, dev), dump=True)]

    def _described(self, message):
        found = attrs(message[8])
        for number in (9, 10, 13, 14):
            if len(found[number]) != 8:
                raise AssertionError("byte counter %d has %d bytes, OpenVPN 2.6 reads 8" % (number, len(found[number])))
        return {self.REPLY[n]: integer(v) for n, v in found.items() if n in self.REPLY}

    def key_new(self, dev, peer, slot, key):
        self._call(self.NEW_KEY, 5, dev, u32(1, peer), u8(2, slot), u8(3, key.key_id), u16(4, key.cipher),
                   nest(5, attr(1, key.encrypt.key), attr(2, key.encrypt.tail)),
                   nest(6, attr(1, key.decrypt.key), attr(2, key.decrypt.tail)))

    def key_swap(self, dev, peer):
        self._call(self.SWAP_KEYS, 6, dev, u32(1, peer))

    def key_del(self, dev, peer, slot):
        self._call(self.DEL_KEY, 7, dev, u32(1, peer), u8(2, slot))

    def deletions(self, events):
        found = []
        for command, message in events:
            if command == self.DEL_PEER:
                peer = attrs(message[4])
                found.append((integer(message[1]), integer(peer[2]), REASONS[integer(peer[1])]))
        return found
