# topic: a peer gets another socket, alive or dead: keys, packet ids and the queue stay, and nothing of the old stream comes back
# timeout: 240
import ctypes
import errno
import os
import random
import socket
import struct
import subprocess
import threading
import time

from engine.check import equal, errno_of, fail, name, need, note, refused, run, wait_for
from engine.doors import MP, P2P, PRIMARY, SECONDARY, V2, Native
from engine.fixture import FAR, FAR_ADDRESS, NEAR, NEAR_ADDRESS, VPN_FAR, Peer, Tunnel, tight_pair
from engine.net import CLONE_NEWNET, MPTCP, TCP, Device, connected, listening, netns
from engine.wire import Key, Records, control, payload_of

PROTOCOLS = (("MPTCP", MPTCP), ("TCP", TCP))
RESET = struct.pack("=ii", 1, 0)
CLONE_NEWUSER = 0x10000000


def connection(protocol=MPTCP):
    return connected(NEAR, NEAR_ADDRESS, protocol, FAR, FAR_ADDRESS)


def close(*sockets):
    for sock in sockets:
        sock.close()


def at_end(what, sock):
    """The owner of a socket that was taken away meets the end, for good."""
    def ended():
        number, _ = errno_of(sock.recv, 4096, socket.MSG_DONTWAIT)
        return number == 0
    wait_for(what + ": the end is read", 5, ended)
    equal(what + ": and again", sock.recv(4096, socket.MSG_DONTWAIT), b"")
    refused(what + ": sending", errno.EPIPE, sock.send, control(b"late"), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)


def awake(what, peer):
    """The carrier came back, and the queueing discipline of the device after it: packets go out again."""
    def probe():
        peer.tunnel.send(b"probe", peer.vpn)
        return peer.far_record(0.2)
    wait_for(what + ": carrier", 10, peer.tunnel.running)
    wait_for(what + ": packets go out", 10, probe)
    while peer.far_record(0.2):
        pass


class Collector:
    """All records that come out of a connection's far end, as (packet id, content)."""

    def __init__(self, key, far):
        self.key, self.far, self.records, self.found = key, far, Records(), []

    def take(self, seconds=0.0):
        """Reads what is there, to the end if there is one; returns how many records came so far."""
        while True:
            self.far.settimeout(max(seconds, 0.001))
            try:
                data = self.far.recv(1 << 16)
            except (TimeoutError, BlockingIOError, ConnectionResetError):
                break
            if not data:
                break
            for packet in self.records.feed(data):
                if packet[0] >> 3 == 9:
                    _, _, pktid, plain = self.key.open(packet)
                    self.found.append((pktid, payload_of(plain)[2]))
        return len(self.found)


def increasing(what, numbers):
    for a, b in zip(numbers, numbers[1:]):
        if b <= a:
            fail("%s: %d comes after %d" % (what, b, a))


class Traffic:
    """Packets in both directions, until it is stopped."""

    def __init__(self, peer):
        self.peer, self.over, self.sent_in, self.sent_out = peer, False, 0, 0
        self.threads = [threading.Thread(target=body) for body in (self.out, self.come)]
        for thread in self.threads:
            thread.start()

    def out(self):
        while not self.over:
            self.peer.tunnel.send(b"%08d" % self.sent_out + b"x" * random.randrange(1000), self.peer.vpn)
            self.sent_out += 1
            time.sleep(0.002)

    def come(self):
        while not self.over:
            try:
                self.peer.far.send(self.peer.data(b"%08d" % self.sent_in))
                self.sent_in += 1
            except OSError:
                pass
            time.sleep(0.002)

    def stop(self):
        self.over = True
        for thread in self.threads:
            thread.join()


def live_under_traffic():
    """traffic in both directions while the peer moves between MPTCP and TCP: packet ids go on, nothing comes twice"""
    for mode, args in ((P2P, {}), (MP, {"vpn4": VPN_FAR})):
        with Tunnel(mode) as tunnel:
            peer = Peer(tunnel, 1, **args)
            peer.passes("before")
            before = peer.get()
            collectors, old = [Collector(peer.key, peer.far)], []
            traffic = Traffic(peer)
            got = []
            try:
                for i in range(12):
                    sent, came = peer.get()["link_tx_packets"], len(got)

                    def flows():
                        while (packet := tunnel.received(0.001)) is not None:
                            got.append(packet)
                        return peer.get()["link_tx_packets"] > sent + 5 and len(got) > came + 5
                    wait_for("connection %d: traffic flows both ways" % i, 10, flows)
                    protocol = (MPTCP, TCP, TCP, MPTCP)[i % 4]
                    old.append(peer.move(protocol=protocol))
                    collectors.append(Collector(peer.key, peer.far))
                    transport = peer.get()["transport"]
                    if transport != ("mptcp" if protocol == MPTCP else "tcp"):
                        fail("connection %d: transport is %s" % (i + 1, transport))
                    if i % 3 == 2:
                        # Nobody hears of it, and the traffic goes on.
                        old[-2][0].close()
            finally:
                traffic.stop()
            # Except what the connections that were closed at once still held.
            arrived = [-1]

            def silence():
                arrived.append(sum(c.take(0.1) for c in collectors))
                return arrived[-1] == arrived[-2] and peer.get()["queue_bytes"] == 0
            wait_for("all that was sent arrived", 10, silence)
            ids = [pktid for c in collectors for pktid, _ in c.found]
            note("%d records on %d connections" % (len(ids), len(collectors)))
            increasing("packet ids over all connections", ids)
            increasing("content over all connections", [int(content[:8]) for c in collectors for _, content in c.found])
            while (packet := tunnel.received(0.2)) is not None:
                got.append(packet)
            increasing("received content", [int(packet[:8]) for packet in got])
            after = peer.get()
            need("counters go on", after["vpn_tx_packets"] >= before["vpn_tx_packets"] + len(ids) and
                 after["vpn_rx_packets"] >= before["vpn_rx_packets"] + len(got), after)
            equal("no replay", after["drops"]["rx_replay"], 0)
            equal("nothing was told", tunnel.deletions(0.05), [])
            for near, far in old:
                if near.fileno() >= 0:
                    at_end("an old connection", near)
                close(near, far)
            equal("closing the old ones is not told", tunnel.deletions(0.1), [])
            collectors[-1].take(0.1)
            peer.passes("in the end")
            peer.near.close()
            tunnel.expect_deletion(1, "disconnect")
            peer.close()


def queue_moves():
    """a full stream: what waits as plaintext goes out on the new one, what was encrypted is dropped and counted"""
    encrypted = 0
    for what, protocol in PROTOCOLS:
        for other, new_protocol in PROTOCOLS:
            label = "%s to %s" % (what, other)
            with Tunnel(MP) as tunnel:
                peer = Peer(tunnel, 1, pair=tight_pair(protocol), vpn4=VPN_FAR)
                for i in range(200):
                    tunnel.send(b"%08d" % i * 100)
                written = [-1]

                def full():
                    state = peer.get()
                    written.append(state["link_tx_packets"])
                    return (state["queue_bytes"] > 20000 and written[-1] == written[-2] and
                            state["vpn_tx_packets"] > written[-1])
                wait_for(label + ": the stream is full, and holds encrypted records", 10, full, peer.get)
                near, far = peer.move(protocol=new_protocol)
                fresh, stale = Collector(peer.key, peer.far), Collector(peer.key, far)

                def all_out():
                    arrived = stale.take() + fresh.take()
                    state = peer.get()
                    return (state["queue_bytes"] == 0 and state["link_tx_packets"] == arrived and
                            state["vpn_tx_packets"] == arrived + state["drops"]["tx_detached"])
                wait_for(label + ": the queue is sent on the new connection", 10, all_out, peer.get)
                state = peer.get()
                drops = {reason: n for reason, n in state["drops"].items() if n}
                note("%s: %d records on the old, %d on the new connection, rest of %d bytes; drops %s" %
                     (label, len(stale.found), len(fresh.found), len(stale.records.rest), drops))
                need(label + ": plaintext went out", len(fresh.found) > 10, len(fresh.found))
                encrypted += drops.get("tx_detached", 0)
                lost = sum(drops.get(reason, 0) for reason in ("tx_queue_delay", "tx_queue_full"))
                equal(label + ": every packet is accounted for", state["vpn_tx_packets"] + lost, 200)
                increasing(label + ": packet ids", [pktid for c in (stale, fresh) for pktid, _ in c.found])
                increasing(label + ": content", [int(content[:8]) for c in (stale, fresh) for _, content in c.found])
                for c in (stale, fresh):
                    for _, content in c.found:
                        if content != content[:8] * 100:
                            fail(label + ": a record is damaged")
                if len(stale.records.rest) >= 10:
                    half = struct.unpack_from("!I", stale.records.rest, 6)[0]
                    need(label + ": the id of the half-sent record does not come again", half < fresh.found[0][0])
                at_end(label + ", old connection", near)
                peer.passes(label)
                close(near, far)
                peer.close()
    # On a slow machine one of the four may be moved just when the last of them was written.
    need("encrypted records were dropped", encrypted > 0, encrypted)


def half_records():
    """half a record in either direction stays with the old stream, and is completed only there"""
    for what, protocol in PROTOCOLS:
        with Tunnel(MP) as tunnel:
            peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
            peer.passes(what + ", before")
            begun = peer.data(b"begun on one connection")
            peer.far_send(control(b"unread") + begun[:20])
            wait_for(what + ": the control record is there", 5, lambda: errno_of(peer.read_now, 1, socket.MSG_PEEK)[0] == 0)
            near, far = peer.move(protocol=protocol)
            peer.passes(what + ": a new connection begins with a new record")
            far.send(begun[20:])
            equal(what + ": the rest is not read", tunnel.received(0.3), None)
            equal(what + ": control records stay readable", near.recv(4096), control(b"unread"))
            at_end(what + ", then", near)
            # Back again: that stream is where it was, in the middle of the record.
            second = peer.move((near, far))
            equal(what + ": back on the old connection", tunnel.received(), b"begun on one connection")
            peer.passes(what + ": and it goes on there")
            close(*second)
            peer.close()

            peer = Peer(tunnel, 2, pair=tight_pair(protocol), vpn4=VPN_FAR)
            for i in range(200):
                tunnel.send(b"%08d" % i * 100)
            wait_for(what + ": the stream is full", 10, lambda: peer.get()["queue_bytes"] > 20000)
            first = Collector(peer.key, peer.far)
            near, far = peer.move(protocol=protocol)
            second = Collector(peer.key, peer.far)
            wait_for(what + ": the queue is empty", 10, lambda: second.take() and not peer.get()["queue_bytes"])
            second.take(0.1)
            third = peer.move((near, far))
            tunnel.send(b"%08d" % 200)
            wait_for(what + ": the first one goes on at a record boundary", 10,
                     lambda: first.take() and first.found[-1][1] == b"%08d" % 200)
            equal(what + ": with nothing behind", first.records.rest, b"")
            ids = [pktid for c in (first, second) for pktid, _ in c.found]
            equal(what + ": no packet id came twice", len(set(ids)), len(ids))
            close(*third)
            peer.close()


def remote_reset(peer):
    peer.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    peer.far.close()
    return "error"


def remote_end(peer):
    peer.far.close()
    return "disconnect"


def expiry(peer):
    peer.tunnel.door.peer_set(peer.tunnel.index, id=peer.id, interval=0, timeout=1)
    return "expired"


def revived():
    """a dead peer lives again: told once before, once after; carrier, addresses and timers are back"""
    for how in (remote_reset, remote_end, expiry):
        for mode, args in ((P2P, {}), (MP, {"vpn4": VPN_FAR})):
            for what, protocol in PROTOCOLS:
                label = "%s, %s, %s" % (how.__name__, "P2P" if mode == P2P else "MP", what)
                with Tunnel(mode) as tunnel:
                    peer = Peer(tunnel, 1, protocol, **args)
                    peer.passes(label)
                    for life in range(2):
                        reason = how(peer)
                        tunnel.expect_deletion(1, reason)
                        wait_for(label + ": the queue is closed", 5, lambda: peer.get()["queue_bytes"] == 0)
                        if mode == P2P:
                            wait_for(label + ": no carrier", 5, lambda: not tunnel.running())
                        errno_of(tunnel.send, b"into the void")
                        before = peer.get()
                        tunnel.door.peer_set(tunnel.index, id=1, interval=0, timeout=0)
                        near, far = peer.move(protocol=protocol)
                        awake(label, peer)
                        between = peer.get()
                        need(label + ": counters go on", between["vpn_tx_packets"] > before["vpn_tx_packets"], between)
                        peer.passes("%s: life %d" % (label, life + 2))
                        equal(label + ": one by one", peer.get()["vpn_tx_packets"], between["vpn_tx_packets"] + 1)
                        close(near, far)
                        equal(label + ": closing the old socket is not told", tunnel.deletions(0.05), [])
                    peer.delete()
                    tunnel.expect_deletion(1, "userspace")
                    peer.close()


def timers():
    """the timers start anew with the socket, also those of a live peer; the same socket revives a peer that expired"""
    with Tunnel(MP) as tunnel:
        peer = Peer(tunnel, 1, vpn4=VPN_FAR, interval=0, timeout=3)
        time.sleep(2)
        start = time.monotonic()
        old = peer.move()
        tunnel.expect_deletion(1, "expired", seconds=6)
        took = time.monotonic() - start
        need("a live one expires 3 s after it moved", 2.5 < took < 4.5, took)
        close(*old)
        for _ in range(2):
            start = time.monotonic()
            old = peer.move()
            tunnel.expect_deletion(1, "expired", seconds=6)
            took = time.monotonic() - start
            need("a dead one expires 3 s after it was revived", 2.5 < took < 4.5, took)
            close(*old)
        same = peer.near, peer.far
        peer.move(same)
        peer.passes("on the same socket, which was not broken")
        refused("once more", errno.EALREADY, peer.move, same)
        peer.passes("after that")
        tunnel.expect_deletion(1, "expired", seconds=6)
        peer.tunnel.door.peer_set(tunnel.index, id=1, interval=1, timeout=0)
        old = peer.move()
        plain = peer.key.open(peer.far_record(4) or fail("no ping on the new connection"))[3]
        equal("a ping goes out on the new connection", len(plain), 16)
        close(*old)
        peer.close()


def socket_of_a_dead_peer():
    """the socket of a dead peer given to another one: the dead one goes, without a word"""
    with Tunnel(MP) as tunnel:
        dead = Peer(tunnel, 1, vpn4="10.8.0.9", interval=0, timeout=1)
        live = Peer(tunnel, 2, vpn4=VPN_FAR)
        tunnel.expect_deletion(1, "expired")
        old = live.move((dead.near, dead.far))
        refused("the dead one is gone", errno.ENOENT, dead.get)
        live.passes("on the socket of the dead one")
        equal("nothing was told", tunnel.deletions(0.05), [])
        close(*old)
        live.near.close()
        tunnel.expect_deletion(2, "disconnect")
        live.close()


def closed_before():
    """an old socket that was closed has taken the peer with it"""
    with Tunnel(MP) as tunnel:
        for kill in (False, True):
            peer = Peer(tunnel, 1, vpn4=VPN_FAR)
            if kill:
                remote_end(peer)
                tunnel.expect_deletion(1, "disconnect")
            peer.near.close()
            if not kill:
                tunnel.expect_deletion(1, "disconnect")
            pair = connection()
            refused("SET_SOCK", errno.ENOENT, peer.move, pair)
            again = Peer(tunnel, 1, pair=pair, vpn4=VPN_FAR)
            again.passes("the socket is good for a new peer")
            again.delete()
            tunnel.expect_deletion(1, "userspace")
            again.close()
            peer.close()


def refusals():
    """what is refused, with which errno; the old socket works on, and a dead peer stays dead"""
    with Tunnel(MP) as tunnel, Tunnel(MP, V2, address="10.9.0.1/24") as foreign:
        peer = Peer(tunnel, 1, vpn4=VPN_FAR)
        other = Peer(tunnel, 2, vpn4="10.8.0.3", vpn="10.8.0.3")
        theirs = Peer(foreign, 1, vpn4="10.9.0.2", vpn="10.9.0.2")
        fresh, far = connection()
        with netns(NEAR):
            udp, idle = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
        half, half_far = connection()
        half_far.shutdown(socket.SHUT_WR)
        equal("an end arrives", half.recv(1), b"")
        listener = listening(NEAR, NEAR_ADDRESS, MPTCP)
        with open("/dev/null") as null, socket.socketpair()[0] as unix:
            wrong = (("a file", errno.ENOTSOCK, null), ("a UNIX socket", errno.EPROTONOSUPPORT, unix),
                     ("a UDP socket", errno.EOPNOTSUPP, udp), ("a socket that is not connected", errno.ENOTCONN, idle),
                     ("a listening socket", errno.EINVAL, listener), ("a socket at its end", errno.ESHUTDOWN, half),
                     ("its own socket", errno.EALREADY, peer.near), ("the socket of another peer", errno.EALREADY, other.near),
                     ("the socket of a peer of OpenVPN", errno.EALREADY, theirs.near))

            def all_refused(what):
                for thing, number, sock in wrong:
                    if what == "dead" and sock is peer.near:
                        continue
                    text = refused("%s: %s" % (what, thing), number, tunnel.door.set_sock, tunnel.index, id=1, fd=sock.fileno())
                    need("there is a text", text)
                refused("%s: a closed descriptor" % what, errno.EBADF, tunnel.door.set_sock, tunnel.index, id=1, fd=1 << 20)
            all_refused("live")
            peer.passes("the old socket works on")
            need("there is a text", refused("unknown peer", errno.ENOENT, tunnel.door.set_sock, tunnel.index, id=9, fd=fresh.fileno()))
            refused("no socket", errno.EINVAL, tunnel.door.set_sock, tunnel.index, id=1)
            refused("no id", errno.EINVAL, tunnel.door.set_sock, tunnel.index, fd=fresh.fileno())
            refused("more than that", errno.EINVAL, tunnel.door.set_sock, tunnel.index, id=1, fd=fresh.fileno(), vpn4="10.8.0.7")
            with netns(NEAR):
                native = Native()
                loopback = socket.if_nametoindex("lo")
            text = refused("a device of OpenVPN", errno.EOPNOTSUPP, native.set_sock, foreign.index, id=1, fd=fresh.fileno())
            need("there is a text", "OpenVPN" in text, text)
            refused("no device of ours", errno.EINVAL, native.set_sock, loopback, id=1, fd=fresh.fileno())
            native.close()
            remote_reset(peer)
            tunnel.expect_deletion(1, "error")
            all_refused("dead")
        # While it was dead, another one got its address.
        tunnel.door.peer_set(tunnel.index, id=2, vpn4=VPN_FAR)
        refused("its address has another owner", errno.EADDRINUSE, tunnel.door.set_sock, tunnel.index, id=1, fd=fresh.fileno())
        tunnel.door.peer_set(tunnel.index, id=2, vpn4="10.8.0.3")
        equal("nothing was told", tunnel.deletions(0.05), [])
        fresh.sendall(b"there")
        equal("the refused socket still sends", far.recv(100), b"there")
        refused("it is still dead", errno.ENOENT, tunnel.door.peer_set, tunnel.index, id=1, vpn4="10.8.0.8")
        old = peer.move((fresh, far))
        peer.passes("revived with the socket that was refused before")
        other.passes("the other one")
        equal("the peer of OpenVPN", theirs.get()["id"], 1)
        close(udp, idle, half, half_far, listener, *old)
        for one in (peer, other, theirs):
            one.close()


def foreign_socket():
    """a socket of a network namespace where the caller has no CAP_NET_ADMIN"""
    near, far = connection()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET):
                os._exit(2)
            with open("/proc/self/uid_map", "w") as ids:
                ids.write("0 0 1")
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            here = "../../proc/self/ns/net"
            device, door = Device(here, "own", Native.KIND, P2P), Native()
            mine, _ = connected(here, "127.0.0.1", TCP, here, "127.0.0.1")
            door.peer_new(device.index, id=1, fd=mine.fileno())
            refused("SET_SOCK", errno.EPERM, door.set_sock, device.index, id=1, fd=near.fileno())
            equal("it has its own still", door.peer_get(device.index, 1)["transport"], "tcp")
            code = 0
        except BaseException as err:
            print(repr(err))
        finally:
            os._exit(code)
    equal("exit status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
    near.sendall(b"untouched")
    equal("the socket", far.recv(100), b"untouched")
    close(near, far)


def only_secondary():
    """a key in the second slot alone: it decrypts, what goes out is dropped and counted; a swap makes it the first"""
    with Tunnel(MP) as tunnel:
        peer = Peer(tunnel, 1, key=False, vpn4=VPN_FAR)
        peer.install(peer.key, SECONDARY)
        peer.far_send(peer.data(b"comes in"))
        equal("the second slot decrypts", tunnel.received(), b"comes in")
        for i in range(3):
            tunnel.send(b"no key %d" % i)
        wait_for("dropped and counted", 5, lambda: peer.drops() == {"tx_no_key": 3}, peer.drops)
        equal("nothing went out", peer.far_record(0.1), None)
        old = peer.move()
        peer.far_send(peer.data(b"comes in there, too"))
        equal("the second slot decrypts on a new socket", tunnel.received(), b"comes in there, too")
        tunnel.door.key_swap(tunnel.index, 1)
        peer.passes("after the swap")
        refused("the second slot is empty", errno.ENOENT, tunnel.door.key_get, tunnel.index, 1, SECONDARY)
        second = Key(3)
        peer.install(second, SECONDARY)
        tunnel.door.key_del(tunnel.index, 1, PRIMARY)
        tunnel.send(b"no key again")
        wait_for("counted again", 5, lambda: peer.drops() == {"tx_no_key": 4}, peer.drops)
        tunnel.door.key_swap(tunnel.index, 1)
        peer.key.close()
        peer.key = second
        peer.passes("after the second swap")
        close(*old)
        peer.close()


def at_the_same_time(*actions):
    """Runs them in threads; returns their errnos in order."""
    gate = threading.Barrier(len(actions))
    results = [None] * len(actions)

    def body(i):
        gate.wait()
        results[i] = errno_of(actions[i])[0]
    threads = [threading.Thread(target=body, args=(i,)) for i in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def races():
    """SET_SOCK against close of either socket, deletion, death, and another SET_SOCK: one of the two orders, never both"""
    with Tunnel(MP) as tunnel:
        doors = []
        for _ in range(2):
            with netns(NEAR):
                doors.append(Native())
        seen = {}

        def verdict(race, outcome):
            seen.setdefault(race, {}).setdefault(outcome, 0)
            seen[race][outcome] += 1

        def mover(door, sock):
            return lambda: door.set_sock(tunnel.index, id=1, fd=sock.fileno())

        for i in range(25):
            for race in ("close old", "close new", "delete", "reset", "twice"):
                peer = Peer(tunnel, 1, random.choice((MPTCP, TCP)), vpn4=VPN_FAR)
                tunnel.send(bytes(500))
                (near, far), (near2, far2) = (connection(random.choice((MPTCP, TCP))) for _ in range(2))
                other = {"close old": peer.near.close, "close new": near.close, "reset": lambda: remote_reset(peer),
                         "delete": lambda: doors[1].peer_del(tunnel.index, 1), "twice": mover(doors[1], near2)}[race]
                fd = os.dup(near.fileno()) if race == "close new" else near.fileno()
                if race == "close new":
                    # The last descriptor of it is closed while the kernel looks it up, or before, or after.
                    near.close()
                    other = lambda: os.close(fd)
                moved, second = at_the_same_time(lambda: doors[0].set_sock(tunnel.index, id=1, fd=fd), other)
                if moved not in (0, errno.ENOENT, errno.EBADF):
                    fail("%s: SET_SOCK says %s" % (race, name(moved)))
                told = tunnel.deletions(0.02)
                there = errno_of(peer.get)[0] == 0
                verdict(race, "%s, %s, %s" % (name(moved), "there" if there else "gone", ",".join(r for _, r in told) or "-"))
                if len(told) > 1:
                    fail("%s: told %s" % (race, told))
                if race == "close old" and (moved == 0) != there or race == "twice" and not (moved == second == 0 and there and not told):
                    fail("%s: SET_SOCK says %s, the peer is %s, told %s" % (race, name(moved), "there" if there else "gone", told))
                if race == "delete" and there:
                    fail("deleted, and there")
                if race == "close new" and moved == 0 and (there or told != [(1, "disconnect")]):
                    fail("the new socket is closed, the peer %s, told %s" % ("there" if there else "gone", told))
                if race == "reset":
                    if moved or not there:
                        fail("reset: SET_SOCK says %s, the peer is %s" % (name(moved), "there" if there else "gone"))
                    peer.near, peer.far = near, far
                    peer.records, peer.waiting = Records(), []
                    tunnel.send(b"on")
                    need("alive after a reset of the old socket", peer.far_record())
                if there:
                    errno_of(peer.delete)
                tunnel.deletions(0.02)
                close(near, far, near2, far2)
                peer.close()
        for race, outcomes in seen.items():
            note("%s: %s" % (race, outcomes))
        for door in doors:
            door.close()


run((live_under_traffic, queue_moves, half_records, revived, timers, socket_of_a_dead_peer, closed_before, refusals,
     foreign_socket, only_secondary, races))
