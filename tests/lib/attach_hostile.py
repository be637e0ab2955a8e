# SPDX-License-Identifier: GPL-2.0
"""Strangers at the port of attach: attach_hostile.py ATTACK ADDRESS PORT FILE, or record HERE PORT THERE PORT FILE, or
crowd ADDRESS PORT HERE RATE FILE.

Each attack ends well when the server closed what it should close, in its time, and still listens.
"""
import ipaddress
import os
import random
import select
import socket
import struct
import sys
import time


# as tools/ovpn-mptcp-ctl/crowd.h has it
KEPT = 64


def connect(address, port):
    return socket.create_connection((address, port), timeout=20)


def closed(sock, seconds):
    """Reads until the other end closes; whether it did."""
    sock.settimeout(seconds)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if not sock.recv(65536):
                return True
    except ConnectionError:
        return True
    except TimeoutError:
        pass
    return False


def refused(address, port, data, seconds=15, hang_up=False):
    with connect(address, port) as sock:
        try:
            sock.sendall(data)
            if hang_up:
                return True
        except ConnectionError:
            return True
        return closed(sock, seconds)


def records(data):
    """Splits what was recorded into records with their prefixes."""
    found = []
    while len(data) >= 2:
        size = 2 + int.from_bytes(data[:2], "big")
        found.append(data[:size])
        data = data[size:]
    return found


def record(here, port, there, to_port, file):
    """One connection, passed on; what the client sends first is kept."""
    with socket.create_server((here, int(port))) as listener:
        client, _ = listener.accept()
    server = connect(there, int(to_port))
    kept = b""
    while True:
        ready, _, _ = select.select([client, server], [], [])
        for source, sink in ((client, server), (server, client)):
            if source not in ready:
                continue
            data = source.recv(65536)
            if source is client and len(kept) < 4096:
                kept += data
            if not data:
                with open(file, "wb") as out:
                    out.write(kept)
                return True
            sink.sendall(data)


def http(address, port, _):
    return refused(address, port, b"GET / HTTP/1.1\r\nHost: vpn\r\n\r\n")


def noise(address, port, _):
    return all(refused(address, port, os.urandom(size)) for size in (1, 2, 3, 100, 70000))


def zeros(address, port, _):
    # lengths of 0 and of 65535; then a record of ours with noise in it
    return (refused(address, port, bytes(64)) and refused(address, port, b"\xff" * 64) and
            refused(address, port, b"\x00\x40\x58" + os.urandom(63)))


def cut(address, port, recorded):
    """The beginning of a true handshake, of every length that matters, then the end of the connection, or silence."""
    first = records(recorded)[0]
    for size in (0, 1, 2, 3, 10, len(first) // 2, len(first) - 1, len(first)):
        if not refused(address, port, first[:size], hang_up=True):
            return False
    return refused(address, port, first[:-1])


def replay(address, port, recorded):
    return refused(address, port, recorded)


def slow(address, port, recorded):
    """A byte now and then does not keep a connection: the whole has a limit."""
    begun = time.monotonic()
    with connect(address, port) as sock:
        try:
            for byte in recorded:
                sock.sendall(bytes([byte]))
                ready, _, _ = select.select([sock], [], [], 0.2)
                if ready and not sock.recv(65536):
                    break
        except ConnectionError:
            pass
        else:
            if not closed(sock, 5):
                return False
    return time.monotonic() - begun < 14


def flood(address, port, _):
    """More silent connections than a server keeps: as many as are too many go, and others get in."""
    socks = {connect(address, port) for _ in range(100)}
    open_, end = set(socks), time.monotonic() + 5
    while len(open_) > KEPT and time.monotonic() < end:
        open_.difference_update(select.select(open_, [], [], 0.1)[0])
    for sock in socks:
        sock.close()
    return len(open_) == KEPT


def anybody(here):
    """A socket of some address of a network; of the address itself, when it is one."""
    network = ipaddress.ip_network(here)
    sock = socket.socket(socket.AF_INET6 if network.version == 6 else socket.AF_INET)
    # no TIME_WAIT, or the ports would be used up
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if network.version == 6:
        # IPV6_FREEBIND: a route alone makes the network ours
        sock.setsockopt(socket.IPPROTO_IPV6, 78, 1)
    sock.bind((str(network[random.randrange(network.num_addresses)]), 0))
    return sock


def crowd(address, port, here, rate, file):
    """Thousands of silent connections from an address or a network, three hundred at a time, so many a second (0: as many as go),
    each ended as soon as it is there and a newer one has come. After 500 a file says so; they come until that has gone."""
    socks, made, said, begun, rate = [], 0, False, time.monotonic(), int(rate)
    while made < 1000 or os.path.exists(file):
        if rate and made / rate > time.monotonic() - begun:
            time.sleep(0.01)
            continue
        sock = anybody(here)
        sock.setblocking(False)
        sock.connect_ex((address, int(port)))
        socks.append(sock)
        if len(socks) > 300:
            oldest = socks.pop(0)
            made += bool(select.select([], [oldest], [], 3)[1]) and not oldest.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            oldest.close()
        if made >= 500 and not said:
            open(file, "x").close()
            said = True
    print("%d connections, %d a second" % (made, made / (time.monotonic() - begun)), flush=True)
    return True


def main():
    name, *rest = sys.argv[1:]
    if name in ("record", "crowd"):
        return {"record": record, "crowd": crowd}[name](*rest)
    address, port, file = rest
    with open(file, "rb") as source:
        recorded = source.read()
    attacks = {f.__name__: f for f in (http, noise, zeros, cut, replay, slow, flood)}
    return attacks[name](address, int(port), recorded)


sys.exit(0 if main() else 1)
