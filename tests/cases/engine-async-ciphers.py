# topic: ciphers that answer later, on other processors: order, data and keys are as with any other, and nothing of them is kept
# kernels: first
# vm: smp
# timeout: 120
import errno
import os
import socket
import subprocess
import threading

from engine import module
from engine.check import equal, errno_of, fail, need, note, run, wait_for
from engine.doors import MP, SECONDARY
from engine.ends import Ends
from engine.fixture import Peer, Tunnel, tight_pair
from engine.net import MPTCP, TCP
from engine.wire import AES_GCM, CHACHA20_POLY1305, payload_of

module.modprobe("pcrypt")
# As a module it can be removed, and all is as before. Where it is a part of the kernel, what it once stands in front of it
# stands in front of for good: of the cipher that other cases use less.
REMOVABLE = os.path.exists("/sys/module/pcrypt/refcnt")
# padata's list of answers and its lists of what is under way have one class of lock in Linux 6.12, and it takes one of each:
# lockdep reports that whoever uses pcrypt, and is off from then on.
MISTAKEN = os.path.exists("/proc/lockdep") and os.uname().release.startswith("6.12.")
CIPHERS = [("ChaCha20-Poly1305", (CHACHA20_POLY1305, 32), "rfc7539(chacha20,poly1305)")]
if REMOVABLE:
    CIPHERS.append(("AES-GCM", (AES_GCM, 16), "gcm(aes)"))


def implementations(algorithm):
    """Of /proc/crypto, the best first."""
    with open("/proc/crypto") as crypto:
        found = [dict((part.strip() for part in line.split(":", 1)) for line in text.splitlines())
                 for text in crypto.read().split("\n\n") if text.strip()]
    found = [one for one in found if one["name"] == algorithm]
    return sorted(found, key=lambda one: -int(one["priority"]))


def bound(name):
    """Asking makes an implementation that nobody has used yet."""
    with socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET) as sock:
        sock.bind(("aead", name))


def make_async(algorithm):
    """Who asks for the algorithm from now on gets one that works in the background. False if this kernel cannot do that."""
    bound(algorithm)
    if errno_of(bound, "pcrypt(%s)" % implementations(algorithm)[0]["driver"])[0] == errno.ENOENT:
        return False
    best = implementations(algorithm)[0]
    need("%s is now %s" % (algorithm, best["driver"]), best["driver"].startswith("pcrypt(") and best["async"] == "yes", best)
    return True


def users(algorithm):
    return int(implementations(algorithm)[0]["refcnt"])


def flows(what, cipher, algorithm):
    """both directions at once, with new keys on the way"""
    unused = users(algorithm)
    ends = Ends(cipher=cipher)
    need("%s: the module uses it" % what, users(algorithm) > unused, (users(algorithm), unused))
    with ends.flowing() as arrived:
        for generation in range(1, 4):
            before = min(arrived())
            wait_for("%s: data pass, key %d" % (what, generation), 30, lambda: min(arrived()) > before + (1 << 17), arrived)
            ends.install(generation, SECONDARY)
            ends.swap()
    for tunnel in (ends.near, ends.far):
        drops = {reason: n for reason, n in ends.state(tunnel)["drops"].items() if n}
        equal(what + ": drops", drops, {})
    # Closed in the middle of everything.
    with ends.flowing() as arrived:
        wait_for(what + ": data pass", 30, lambda: min(arrived()) > 1 << 17, arrived)
    ends.near.inner.setblocking(False)
    for _ in range(200):
        errno_of(ends.near.send, bytes(1000))
    ends.close()
    wait_for(what + ": nothing uses it any more", 10, lambda: users(algorithm) == unused, lambda: users(algorithm))


def ordered(what, cipher):
    """many flows on all processors: packet ids leave in order"""
    with Tunnel(MP) as tunnel:
        peer = Peer(tunnel, 1, TCP, cipher=cipher, vpn4="10.8.0.2")
        peer.passes(what)
        socks = [socket.socket(fileno=os.dup(tunnel.inner.fileno())) for _ in range(4)]
        # No flow is more than so many ahead of the reader: the queue drops nothing, however slow the machine is.
        count, ahead = 300, [threading.Semaphore(20) for _ in socks]

        def body(number, sock):
            os.sched_setaffinity(0, {number % os.cpu_count()})
            for i in range(count):
                if not ahead[number].acquire(timeout=30):
                    return
                sock.sendto(b"%d %d" % (number, i) + bytes(i % 700), (peer.vpn, 6000 + number))
        threads = [threading.Thread(target=body, args=pair) for pair in enumerate(socks)]
        for thread in threads:
            thread.start()
        ids, seen = [], {}
        for _ in range(count * len(socks)):
            packet = peer.far_record() or fail("%s: only %d packets come" % (what, len(ids)))
            _, _, pktid, plain = peer.key.open(packet)
            number, i = map(int, payload_of(plain)[2].split(b"\0")[0].split())
            need_next(what, seen, number, i)
            ids.append(pktid)
            ahead[number].release()
        equal(what + ": packet ids, in order and without a gap", ids, list(range(ids[0], ids[0] + len(ids))))
        for thread in threads:
            thread.join()
        for sock in socks:
            sock.close()
        peer.close()


def need_next(what, seen, number, i):
    if seen.get(number, -1) + 1 != i:
        fail("%s: packet %d of flow %d comes after %d" % (what, i, number, seen.get(number, -1)))
    seen[number] = i


def ends_under_way(what, cipher):
    """the peer, or its device, goes while its packets are being encrypted and decrypted"""
    for how in ("peer", "device", "socket"):
        tunnel = Tunnel(MP)
        peer = Peer(tunnel, 1, cipher=cipher, pair=tight_pair(MPTCP), vpn4="10.8.0.2")
        incoming = b"".join(peer.data(bytes(900)) for _ in range(30))
        peer.far.setblocking(False)
        for _ in range(100):
            tunnel.send(bytes(1000), peer.vpn)
        errno_of(peer.far.send, incoming)
        if how != "device":
            (peer.delete if how == "peer" else peer.near.close)()
            tunnel.expect_deletion(1, "userspace" if how == "peer" else "disconnect")
        tunnel.close()
        peer.close()


def later():
    """pcrypt hands packets to other processors and answers later"""
    if MISTAKEN:
        note("not run: this kernel's lockdep is mistaken about its pcrypt")
        return
    for what, cipher, algorithm in CIPHERS:
        if not make_async(algorithm):
            note("this kernel has no pcrypt")
            return
        flows(what, cipher, algorithm)
        ordered(what, cipher)
        ends_under_way(what, cipher)
    if REMOVABLE:
        wait_for("pcrypt can be removed: nothing holds it", 10, lambda: subprocess.run(["rmmod", "pcrypt"]).returncode == 0)


run((later,))
