# topic: one, a hundred and ten thousand peers: what they keep is charged, and so much of a flood waits and no more
# paths: 2
# timeout: 900
import time

from engine.check import need, note, run, wait_for
from engine.crowd import BURST, SIZE, Crowd
from engine.doors import MP
from engine.fixture import Tunnel
from engine.scarce import group_made, starved

# src/udp_rx.c: of all peers of a device, and of one
DEVICE_KEEPS, PEER_KEEPS = 16 << 20, 4 << 20


def waits(what, crowd):
    """Nobody looks at the datagrams that come for all peers of the crowd."""
    rounds = 1 + 2 * DEVICE_KEEPS // (len(crowd.ids) * BURST * SIZE)
    sent = rounds * len(crowd.ids) * BURST
    before = crowd.counted()
    with starved():
        for _ in range(rounds):
            for id in crowd.ids:
                crowd.forge(id, 0)
        after = crowd.counted()
    kept = sent - sum(after) + sum(before)
    note("%s: of %d MB %.1f wait" % (what, sent * SIZE >> 20, kept * SIZE / 2 ** 20))
    need(what + ": no more than a device keeps", kept * SIZE <= (PEER_KEEPS if len(crowd.ids) == 1 else DEVICE_KEEPS), kept)
    wait_for(what + ": all are looked at", 60, lambda: sum(crowd.counted()) == sum(before) + sent)


def bounded(count):
    what = "%d peers" % count
    with group_made() as group, Tunnel(MP) as tunnel:
        before, began = group.slab(), time.monotonic()
        with group.inside():
            crowd = Crowd(tunnel, count)
        charged = group.slab() - before
        note("%s: made in %.1f s, and charged with %d KB" % (what, time.monotonic() - began, charged >> 10))
        need(what + ": charged with 2000 bytes each", charged >= 2000 * count, charged)
        for turn in "the first time", "again":
            waits("%s, %s" % (what, turn), crowd)
        crowd.close()


def one():
    """one peer"""
    bounded(1)


def hundred():
    """a hundred peers"""
    bounded(100)


def ten_thousand():
    """ten thousand peers"""
    bounded(10000)


run((one, hundred, ten_thousand))
