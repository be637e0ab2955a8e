# topic: a peer that never reads, flooded: what waits for it is bounded, no worker spins, and the peer beside it is not late
# timeout: 60
import contextlib
import glob
import os
import time

from engine.check import SLOW, need, note, run, wait_for
from engine.doors import MP
from engine.fixture import Peer, Tunnel, tight_pair
from engine.net import MPTCP, TCP

# As src/queue.c has it.
QUEUE_PACKETS, QUEUE_MEMORY = 2048, 4 << 20


def worked():
    """Ticks that each kernel worker has had, and softirqs, of all processors."""
    ticks = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError), open(path) as stat:
            name, fields = stat.read().split("(", 1)[1].rsplit(")", 1)
            if name.startswith("kworker"):
                ticks[path] = sum(map(int, fields.split()[11:13]))
    with open("/proc/stat") as stat:
        ticks["softirq"] = int(stat.readline().split()[7])
    return ticks


def worked_since(before):
    """Seconds. Workers come and go: one that has gone takes nothing from the sum."""
    return sum(ticks - before.get(who, 0) for who, ticks in worked().items()) / os.sysconf("SC_CLK_TCK")


def never_reads():
    """a peer whose remote end stops reading, flooded: what waits is bounded, its worker rests, the other peer is not late"""
    for what, protocol in (("MPTCP", MPTCP), ("TCP", TCP)):
        with Tunnel(MP) as tunnel:
            deaf = Peer(tunnel, 1, pair=tight_pair(protocol), vpn4="10.8.0.2")
            other = Peer(tunnel, 2, protocol, vpn="10.8.0.3", vpn4="10.8.0.3")
            other.passes(what + ", before")
            sent = 0
            for burst in range(20):
                for _ in range(400):
                    tunnel.send(bytes(1000), deaf.vpn)
                sent += 400
                tunnel.send(b"%d" % burst, other.vpn)
                start = time.monotonic()
                need("%s: the other one gets its packet" % what, other.far_record())
                late = time.monotonic() - start
                need("%s: not late" % what, late < 1 * SLOW, late)
            state = deaf.get()
            waiting = sent - state["vpn_tx_packets"] - sum(state["drops"].values())
            note("%s: of %d packets %d wait, %d bytes; %d are in the socket" % (
                what, sent, waiting, state["queue_bytes"], state["vpn_tx_packets"]))
            # One packet of that size takes more than 2 KB: the limit of memory comes first.
            need(what + ": packets that wait", 1000 < waiting <= QUEUE_PACKETS, waiting)
            need(what + ": their bytes", state["queue_bytes"] <= QUEUE_MEMORY, state)
            need(what + ": their memory", waiting * 2048 <= QUEUE_MEMORY, waiting)
            need(what + ": the socket holds little", state["vpn_tx_packets"] < 300, state)
            # What went to the socket may have waited for too long before.
            drops = deaf.drops()
            wait_for(what + ": the interface counts as many", 5, lambda: tunnel.dropped() == (0, sum(deaf.drops().values())))
            need(what + ": the rest is counted", "tx_queue_full" in drops and not set(drops) - {"tx_queue_full", "tx_queue_delay"}, drops)
            before, start = worked(), time.monotonic()
            time.sleep(2)
            share = worked_since(before) / (time.monotonic() - start)
            note("%s: kernel workers take %.1f %% of a processor beside a full stream" % (what, share * 100))
            need(what + ": nobody spins", share < 0.3, share)
            # It reads again.
            need(what + ": what waited comes", deaf.far_record() is not None)
            wait_for(what + ": all of it", 30, lambda: deaf.far_record(0.2) and deaf.get()["queue_bytes"] == 0)
            other.passes(what + ", afterwards")
            deaf.close()
            other.close()


run((never_reads,))
