"""What goes over the wire: records with a length prefix, DATA_V2 packets, IP packets inside."""
import copy
import os
import socket
import struct

AES_GCM, CHACHA20_POLY1305 = 1, 2
PING = bytes.fromhex("2a187bf3641eb4cb07ed2d0a981fc748")
CONTROL_V1, ACK_V1, DATA_V1, DATA_V2 = 4, 5, 6, 9


class Direction:
    """Key and nonce tail of one direction. The kernel's own AEADs do the work."""

    def __init__(self, cipher, size):
        self.key, self.tail = os.urandom(size), os.urandom(8)
        self.alg = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
        self.alg.bind(("aead", "gcm(aes)" if cipher == AES_GCM else "rfc7539(chacha20,poly1305)"))
        self.alg.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, self.key)
        self.alg.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, None, 16)
        self.op = self.alg.accept()[0]

    def close(self):
        self.op.close()
        self.alg.close()

    def _run(self, operation, aad, text, size):
        self.op.sendmsg_afalg([aad + text], op=operation, iv=aad[4:8] + self.tail, assoclen=len(aad))
        return self.op.recv(len(aad) + size)[len(aad):]

    def seal(self, aad, plain):
        """Tag, then ciphertext."""
        out = self._run(socket.ALG_OP_ENCRYPT, aad, plain, len(plain) + 16)
        return out[-16:] + out[:-16]

    def open(self, aad, sealed):
        """Plaintext; raises OSError EBADMSG for a forgery."""
        return self._run(socket.ALG_OP_DECRYPT, aad, sealed[16:] + sealed[:16], len(sealed) - 16)


class Key:
    """A key of both directions, as the kernel sees them; seal() and open() are the remote side."""

    def __init__(self, key_id=0, cipher=AES_GCM, size=16):
        self.key_id, self.cipher, self.size = key_id, cipher, size
        self.encrypt, self.decrypt = Direction(cipher, size), Direction(cipher, size)
        self.sent = 0

    def close(self):
        self.encrypt.close()
        self.decrypt.close()

    def mirrored(self):
        """The same key as the kernel at the other end sees it."""
        other = copy.copy(self)
        other.encrypt, other.decrypt = self.decrypt, self.encrypt
        return other

    def seal(self, plain, pktid=None, peer=0, key_id=None, opcode=DATA_V2):
        """A DATA_V2 packet for the kernel."""
        if pktid is None:
            self.sent += 1
            pktid = self.sent
        key_id = self.key_id if key_id is None else key_id
        aad = struct.pack("!II", (opcode << 3 | key_id) << 24 | peer, pktid)
        return aad + self.decrypt.seal(aad, plain)

    def open(self, packet):
        """A DATA_V2 packet from the kernel: (key id, peer id, packet id, plaintext)."""
        first, pktid = struct.unpack_from("!II", packet)
        if first >> 27 != DATA_V2:
            raise AssertionError("not a DATA_V2 packet: " + packet[:8].hex())
        return first >> 24 & 7, first & 0xFFFFFF, pktid, self.encrypt.open(packet[:8], packet[8:])


def record(packet):
    return struct.pack("!H", len(packet)) + packet


def control(payload, opcode=CONTROL_V1, key_id=0):
    """A record that belongs to userspace."""
    return record(bytes([opcode << 3 | key_id]) + payload)


def internet_sum(*parts):
    """RFC 1071: 0xffff where a right checksum is among them, else its complement is the checksum."""
    data = b"".join(parts)
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def udp4(source, destination, port, payload, sport=4000):
    """An IPv4 packet; the checksum of UDP is left out, as IPv4 allows."""
    udp = struct.pack("!HHHH", sport, port, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, socket.inet_aton(source),
                       socket.inet_aton(destination))
    return head[:10] + struct.pack("!H", ~internet_sum(head) & 0xFFFF) + head[12:] + udp


def payload_of(packet):
    """What an IPv4/UDP packet carries: (destination, port, bytes)."""
    head = (packet[0] & 15) * 4
    return socket.inet_ntoa(packet[16:20]), struct.unpack_from("!H", packet, head + 2)[0], packet[head + 8:]


class Records:
    """Cuts what comes out of a socket into records; any bad length is an error."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        self.rest += data
        found, pos = [], 0
        while len(self.rest) - pos >= 2:
            size = struct.unpack_from("!H", self.rest, pos)[0]
            if size == 0:
                raise AssertionError("a record of length 0 in the stream")
            if len(self.rest) - pos - 2 < size:
                break
            found.append(self.rest[pos + 2:pos + 2 + size])
            pos += 2 + size
        self.rest = self.rest[pos:]
        return found
