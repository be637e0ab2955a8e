"""Many peers on one UDP socket, and somebody who sends to them without a key."""
import socket
import struct

from .datagram import far_socket, near_socket
from .doors import PRIMARY
from .wire import CONTROL_V1, Key

# The second path, from which they come.
NEAR_ADDRESS, FAR_ADDRESS = "10.1.2.2", "10.1.2.1"
# Peers before that are others.
FIRST = 10
SIZE, BURST, UDP_SEGMENT = 1400, 44, 103


class Crowd:
    """So many peers on one UDP socket, all with one key that the far end does not have."""

    def __init__(self, tunnel, count):
        self.tunnel, self.ids = tunnel, range(FIRST, FIRST + count)
        self.near, self.far = near_socket(NEAR_ADDRESS), far_socket(FAR_ADDRESS)
        self.far.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
        self.key = Key()
        for id in self.ids:
            tunnel.door.peer_new(tunnel.index, id=id, fd=self.near.fileno(), remote4=FAR_ADDRESS, port=id,
                                 vpn4="10.9.%d.%d" % divmod(id, 256))
            tunnel.door.key_new(tunnel.index, id, PRIMARY, self.key)

    def forge(self, id, key_id):
        """As many datagrams at once as the socket layer takes."""
        head = struct.pack("!II", 9 << 27 | key_id << 24 | id, 1)
        self.far.sendto(BURST * (head + bytes(SIZE - len(head))), self.near.getsockname())

    def strange(self):
        """Control packets that no daemon reads."""
        self.far.sendto(BURST * (bytes([CONTROL_V1 << 3]) + bytes(SIZE - 1)), self.near.getsockname())

    def counted(self):
        """Datagrams that were looked at, and those that found no room."""
        peers = [peer for peer in self.tunnel.door.peer_dump(self.tunnel.index) if peer["id"] >= FIRST]
        return sum(peer["link_rx_packets"] for peer in peers), sum(peer["drops"]["rx_queue_full"] for peer in peers)

    def close(self):
        for thing in self.near, self.far, self.key:
            thing.close()
