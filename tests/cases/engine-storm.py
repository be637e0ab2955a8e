# topic: for a while everything at once, at random, under traffic: attach, move, rekey, close, delete, expire, paths, namespaces that go, unload
# paths: 2
# timeout: 150
import collections
import contextlib
import errno
import os
import random
import socket
import subprocess
import threading
import time

from engine import module
from engine.check import SLOW, errno_of, fail, name, note, run
from engine.doors import MP, P2P, PRIMARY, SECONDARY, V2, Native
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, THIRD, Peer, Tunnel
from engine.net import MPTCP, TCP, connected, ip, netns
from engine.paths import allow_subflows
from engine.wire import Key, control, record, udp4

# So long it lasts, and on a slow machine until LEAST operations are done; or that many operations. The order of operations repeats
# with "tests/run --set STORM_SEED=...", the timing does not.
SECONDS = int(os.environ.get("STORM_SECONDS") or 20)
LEAST = 100 // SLOW
ROUNDS = int(os.environ.get("STORM_ROUNDS") or 0)
SEED = int(os.environ.get("STORM_SEED") or int.from_bytes(os.urandom(4), "little"))
dice = random.Random(SEED)
# What an operation may say that meets a peer or a device which has just gone, or a stream which is full.
ALLOWED = {errno.ENOENT, errno.ENODEV, errno.EEXIST, errno.EADDRINUSE, errno.ESHUTDOWN, errno.ENOTCONN, errno.EALREADY,
           errno.ENOTSOCK, errno.EAGAIN, errno.EPIPE, errno.ECONNRESET, errno.EPROTO, errno.EBADF}
NEAR_SECOND, FAR_SECOND = "10.1.2.2", "10.1.2.1"


class Line:
    """A connection, attached or not, and the thread that plays its far end."""

    def __init__(self, id, protocol):
        self.id, self.near, self.key = id, None, Key(dice.randrange(8))
        self.near, self.far = connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)
        self.near.setblocking(False)
        self.far.settimeout(0.2)
        self.over = False
        self.threads = [threading.Thread(target=body, daemon=True) for body in (self.drain, self.feed)]
        for thread in self.threads:
            thread.start()

    def drain(self):
        """Reads what comes, at times nothing for a while."""
        while not self.over:
            try:
                if not self.far.recv(1 << 16):
                    return
            except TimeoutError:
                continue
            except OSError:
                return
            if random.random() < 0.02:
                time.sleep(0.2)

    def feed(self):
        """Data, control records, at times nonsense."""
        while not self.over:
            packet = udp4("10.8.%d.2" % self.id, "10.8.0.1", 5000, bytes(random.randrange(1, 1300)))
            try:
                data = record(self.key.seal(packet)) * random.randrange(1, 8) + control(b"from far")
                if random.random() < 0.004:
                    data += os.urandom(100)
                self.far.send(data)
            except TimeoutError:
                continue
            except OSError:
                return
            time.sleep(random.random() * 0.2)

    def close(self):
        self.over = True
        self.near.close()
        for thread in self.threads:
            thread.join(5)
        self.far.close()
        self.key.close()


class Counted(Tunnel):
    """Each peer that was made ends once, and is told of once."""

    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.made, self.ended, self.doubtful = (collections.Counter() for _ in range(3))

    def peer_new(self, id, **args):
        self.door.peer_new(self.index, id=id, **args)
        self.made[id] += 1

    def drain(self):
        for index, peer, _ in self.watcher.deletions(self.watcher.family.take_events()):
            # The other devices' peers have watchers of their own.
            if index == self.index:
                self.ended[peer] += 1

    def account(self):
        self.drain()
        odd = self.ended - self.made - self.doubtful
        if odd:
            fail("seed %d: peers ended that were never made: %s" % (SEED, odd))

    @contextlib.contextmanager
    def moving(self, id):
        """Around an attempt to give a peer another socket, which tells in a list whether it was done. A dead peer comes to
        life, and ends again. One that died during the attempt may have done so before or after it."""
        self.drain()
        ended, done = self.ended[id], []
        try:
            yield done
        finally:
            self.drain()
            if done and ended == self.made[id]:
                self.made[id] += 1
            elif done and self.ended[id] != ended:
                self.doubtful[id] += 1

    def set_sock(self, id, fd):
        with self.moving(id) as done:
            self.door.set_sock(self.index, id=id, fd=fd)
            done.append(True)

    def deleted(self):
        """The device has gone, and with it the rest of its peers."""
        self.account()
        silent = self.made - self.ended
        if silent:
            fail("seed %d: nobody told of the end of these peers: %s" % (SEED, silent))
        self.hang_up()

    def forget(self):
        """The device goes without being deleted by its owner: with its namespace, or with the module."""
        self.dev.forget()
        self.inner.close()
        self.door.close()

    def close(self):
        self.dev.delete()
        self.deleted()


class Storm:
    def __init__(self):
        self.counts, self.refusals, self.lines, self.tunnels, self.endpoints = {}, {}, [], [], set()
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.doors_open()

    def doors_open(self):
        self.tunnels = [Counted(MP), Counted(P2P, address="10.9.0.1/24"), Counted(MP, V2, address="10.10.0.1/24")]
        for tunnel in self.tunnels:
            tunnel.inner.setblocking(False)

    def doors_close(self, delete):
        """Returns those whose devices are still there."""
        tunnels, self.tunnels = self.tunnels, []
        for tunnel in tunnels:
            tunnel.close() if delete else tunnel.forget()
        return [] if delete else tunnels

    def load(self):
        """Packets into every tunnel."""
        while not self.stop.is_set():
            with self.lock:
                for tunnel in self.tunnels:
                    for i in range(8):
                        try:
                            tunnel.inner.sendto(bytes(random.randrange(1, 1380)), ("10.8.0.%d" % (i + 2), 5000))
                        except OSError:
                            pass
            time.sleep(0.01)

    def line(self):
        return dice.choice(self.lines)

    def attach(self):
        if len(self.lines) < 8:
            self.lines.append(Line(dice.randrange(8), dice.choice((MPTCP, MPTCP, TCP))))
        line, tunnel = self.line(), dice.choice(self.tunnels)
        args = {} if tunnel is self.tunnels[1] else {"vpn4": "10.8.0.%d" % (line.id + 2)}
        tunnel.peer_new(line.id, fd=line.near.fileno(), **args)
        tunnel.door.key_new(tunnel.index, line.id, PRIMARY, line.key)

    def set_sock(self):
        """Another socket for a peer: of a line that has none, or one that is taken."""
        peer, line, tunnel = self.line(), self.line(), dice.choice(self.tunnels[:2])
        tunnel.set_sock(peer.id, line.near.fileno())

    def move_at_once(self):
        """Another socket for a peer while one of the two is closed, or the peer deleted."""
        peer, line, tunnel = self.line(), self.line(), dice.choice(self.tunnels[:2])
        with netns(NEAR):
            door = Native()
        end = dice.choice((peer, line, None))
        with tunnel.moving(peer.id) as done:
            thread = threading.Thread(target=errno_of, args=(lambda: done.append(
                door.set_sock(tunnel.index, id=peer.id, fd=line.near.fileno())),))
            thread.start()
            try:
                if end:
                    self.lines.remove(end)
                    end.close()
                else:
                    tunnel.door.peer_del(tunnel.index, peer.id)
            finally:
                thread.join()
                door.close()

    def rekey(self):
        line, tunnel = self.line(), dice.choice(self.tunnels)
        key = line.key if dice.random() < 0.5 else Key(dice.randrange(8))
        tunnel.door.key_new(tunnel.index, line.id, dice.choice((PRIMARY, SECONDARY)), key)
        tunnel.door.key_swap(tunnel.index, line.id)

    def drop_key(self):
        tunnel = dice.choice(self.tunnels)
        tunnel.door.key_del(tunnel.index, self.line().id, dice.choice((PRIMARY, SECONDARY)))

    def delete_peer(self):
        tunnel = dice.choice(self.tunnels)
        tunnel.door.peer_del(tunnel.index, self.line().id)

    def close_near(self):
        line = self.line()
        self.lines.remove(line)
        line.close()

    def end_far(self):
        line = self.line()
        if dice.random() < 0.5:
            line.far.shutdown(socket.SHUT_WR)
        else:
            line.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            line.far.close()

    def end_near(self):
        self.line().near.shutdown(dice.choice((socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR)))

    def at_once(self):
        """Delete and close the same peer at the same time."""
        line, tunnel = self.line(), dice.choice(self.tunnels)
        with netns(NEAR):
            door = type(tunnel.door)()
        result = []

        def delete():
            try:
                door.peer_del(tunnel.index, line.id)
            except OSError as err:
                result.append(err)
        thread = threading.Thread(target=delete)
        thread.start()
        self.lines.remove(line)
        line.close()
        thread.join()
        door.close()
        if result:
            raise result[0]

    def timers(self):
        tunnel = dice.choice(self.tunnels)
        tunnel.door.peer_set(tunnel.index, id=self.line().id, interval=dice.randrange(2), timeout=dice.randrange(3))

    def look(self):
        for tunnel in self.tunnels:
            tunnel.door.peer_dump(tunnel.index)
            tunnel.account()

    def path_changes(self):
        """A path more or less, at either end, for every connection."""
        ns, address = dice.choice(((NEAR, NEAR_SECOND), (FAR, FAR_SECOND)))
        if address in self.endpoints:
            what = ("del", "id", "9")
        else:
            what = ("add", address, "id", "9", "subflow" if ns == NEAR else "signal")
        done = subprocess.run(("ip", "-n", ns, "mptcp", "endpoint") + what, capture_output=True, text=True)
        if done.returncode:
            # The kernel may have one of its own with this address, of a connection that came from there.
            self.refusals[done.stderr.strip()] = self.refusals.get(done.stderr.strip(), 0) + 1
        else:
            self.endpoints ^= {address}

    def talk(self):
        line = self.line()
        line.near.send(control(os.urandom(dice.randrange(3, 1000))), socket.MSG_NOSIGNAL)
        line.near.recv(dice.randrange(1, 5000))

    def replace_device(self):
        with self.lock:
            self.tunnels[0].close()
            self.tunnels[0] = Counted(MP)
            self.tunnels[0].inner.setblocking(False)

    def device_at_once(self):
        """The device is deleted while a peer of it is closed, deleted, moved, or told to expire."""
        line, other, tunnel = self.line(), self.line(), self.tunnels[0]
        with netns(NEAR):
            door = Native()
        with self.lock:
            with tunnel.moving(line.id) as done:
                act = dice.choice((line.close, lambda: door.peer_del(tunnel.index, line.id),
                                   lambda: done.append(door.set_sock(tunnel.index, id=line.id, fd=other.near.fileno())),
                                   lambda: door.peer_set(tunnel.index, id=line.id, interval=0, timeout=1)))
                if act == line.close:
                    self.lines.remove(line)
                thread = threading.Thread(target=errno_of, args=(act,))
                thread.start()
                tunnel.dev.delete()
                thread.join()
            tunnel.deleted()
            self.tunnels[0] = Counted(MP)
            self.tunnels[0].inner.setblocking(False)
        door.close()

    def namespace_at_once(self):
        """A device with peers goes with its namespace, while the socket of one of them is closed."""
        ip("netns", "add", THIRD)
        tunnel = Counted(MP, ns=THIRD)
        tunnel.inner.setblocking(False)
        for line in self.lines:
            vpn = "10.8.0.%d" % (line.id + 2)
            if not errno_of(tunnel.peer_new, line.id, fd=line.near.fileno(), vpn4=vpn)[0]:
                errno_of(tunnel.door.key_new, tunnel.index, line.id, PRIMARY, line.key)
            for _ in range(8):
                errno_of(tunnel.inner.sendto, bytes(1000), (vpn, 5000))
        tunnel.forget()
        tunnel.watcher.close()
        thread = threading.Thread(target=ip, args=("netns", "del", THIRD))
        thread.start()
        try:
            self.close_near()
        finally:
            thread.join()

    def reload(self):
        """Everything closed, the module out and in again; the devices go with it."""
        if dice.random() < 0.7:
            return
        with self.lock:
            while self.lines:
                self.lines.pop().close()
            left = self.doors_close(dice.random() < 0.5)
            module.unload()
            for tunnel in left:
                tunnel.deleted()
            module.load()
            self.doors_open()

    def step(self, action):
        what = action.__name__
        self.counts[what] = self.counts.get(what, 0) + 1
        try:
            action()
        except (IndexError, TimeoutError):
            return
        except OSError as err:
            if err.errno not in ALLOWED:
                fail("seed %d: %s says %s (%s)" % (SEED, what, name(err.errno), err))
            self.refusals[name(err.errno)] = self.refusals.get(name(err.errno), 0) + 1

    def run(self):
        often = [self.attach] * 10 + [self.talk] * 6 + [self.rekey] * 4 + [self.set_sock] * 4 + [self.timers] * 2
        seldom = [self.drop_key, self.delete_peer, self.close_near, self.end_far, self.end_near, self.at_once, self.move_at_once,
                  self.look, self.path_changes, self.replace_device, self.device_at_once, self.namespace_at_once, self.reload]
        loader = threading.Thread(target=self.load)
        loader.start()
        try:
            end = time.monotonic() + SECONDS
            while sum(self.counts.values()) < (ROUNDS or LEAST) or not ROUNDS and time.monotonic() < end:
                self.step(dice.choice(often + seldom))
        finally:
            self.stop.set()
            loader.join()
        self.final()

    def final(self):
        while self.lines:
            self.lines.pop().close()
        self.doors_close(True)
        module.unload()
        module.load()


def storm():
    """everything at once"""
    note("seed %d" % SEED)
    allow_subflows()
    weather = Storm()
    weather.run()
    note("operations: %s" % weather.counts)
    note("refusals: %s" % weather.refusals)


def calm():
    """afterwards the module works as before"""
    with Tunnel(P2P) as tunnel:
        for protocol in (MPTCP, TCP):
            peer = Peer(tunnel, 1, protocol)
            peer.passes("after the storm")
            peer.close()


run((storm, calm))
