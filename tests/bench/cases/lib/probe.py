"""Small packets at a steady rate, and their echoes; the output reads like that of ping.

  probe.py echo mptcp|udp ADDRESS PORT
  probe.py send mptcp|udp ADDRESS PORT INTERVAL SIZE [COUNT [SECONDS]]

An interrupt ends it; a sender waits a while for the last echoes then, or, with SECONDS, sends what it can for so long. SIGUSR1
lets an echo swallow all that comes. A record of a stream has the size of a packet."""
import selectors
import signal
import socket
import struct
import sys
import time

MPTCP = 262
LINGER = 3


def open_socket(kind):
    if kind == "udp":
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def echo(kind, address, port):
    swallowed = []
    signal.signal(signal.SIGUSR1, lambda *_: swallowed.append(True))
    sock = open_socket(kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    if kind == "udp":
        while True:
            data, sender = sock.recvfrom(1 << 16)
            sock.sendto(data, sender)
    # It listens all the time: further paths need that.
    sock.listen(4)
    while True:
        stream = sock.accept()[0]
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            data = stream.recv(1 << 16)
            if not data:
                break
            if not swallowed:
                stream.sendall(data)


class Sender:
    def __init__(self, kind, address, port, interval, size, count, seconds):
        self.interval, self.size, self.count, self.seconds = interval, size, count, seconds
        self.sock = open_socket(kind)
        self.sock.connect((address, port))
        self.address, self.sent, self.answered, self.rest = address, 0, 0, b""
        self.over = False

    def interrupt(self, *_):
        self.over = True

    def answers(self):
        try:
            data = self.sock.recv(1 << 16, socket.MSG_DONTWAIT)
        except (BlockingIOError, ConnectionRefusedError):
            return
        now, wall = time.monotonic(), time.time()
        self.rest += data
        while len(self.rest) >= self.size:
            number, then = struct.unpack_from("!Id", self.rest)
            self.rest = self.rest[self.size:]
            self.answered += 1
            print("[%.6f] %d bytes from %s: icmp_seq=%d time=%.3f ms" % (
                wall, self.size, self.address, number, (now - then) * 1000), flush=True)

    def flood(self):
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            self.sock.send(bytes(1 << 16))

    def run(self):
        poll = selectors.DefaultSelector()
        poll.register(self.sock, selectors.EVENT_READ)
        next_at = time.monotonic()
        end = None
        while True:
            now = time.monotonic()
            if end is None and (self.over or self.count and self.sent == self.count):
                end = now + LINGER
            if end is not None and (self.seconds or now > end or self.answered == self.sent):
                break
            if end is None and now >= next_at:
                packet = struct.pack("!Id", self.sent + 1, now)
                self.sock.send(packet + bytes(self.size - len(packet)))
                self.sent += 1
                next_at += self.interval
            elif poll.select(max(0.0, (end or next_at) - now)):
                self.answers()
        self.flood()
        print("%d packets transmitted, %d received" % (self.sent, self.answered), flush=True)


def main(role, kind, address, port, interval=0, size=0, count=0, seconds=0):
    if role == "echo":
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        return echo(kind, address, int(port))
    sender = Sender(kind, address, int(port), float(interval), int(size), int(count), float(seconds))
    signal.signal(signal.SIGINT, sender.interrupt)
    return sender.run()


main(*sys.argv[1:])
