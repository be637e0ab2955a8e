# topic: memory that is short: workers of a tunnel, which may be what reclaim waits for, wait for no I/O, and what they keep is given back
# timeout: 90
import re

from engine.check import equal, fail, need, note, run
from engine.datagram import UdpPeer, near_socket
from engine.doors import MP
from engine.fixture import VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP
from engine.trace import WHERE, traced, write

# flags that let an allocation wait for I/O, by themselves or inside of another name
WAITS = re.compile(r"GFP_KERNEL|GFP_USER|GFP_HIGHUSER|GFP_NOFS|GFP_TRANSHUGE|__GFP_IO|__GFP_FS")
tunnel = Tunnel(MP)


def carry(what, peer):
    for _ in range(300):
        peer.far_send(peer.data(bytes(1300)))
        tunnel.send(bytes(1300), VPN_FAR)
        if tunnel.received() is None or peer.far_record() is None:
            fail(what + ": a packet is lost")


def allocations():
    """What workers of the module have asked the page allocator for: (flags, worker)."""
    found, flags, last = [], None, ""
    with open(WHERE + "/trace") as lines:
        for line in lines:
            if got := re.search(r": mm_page_alloc: .*gfp_flags=(\S+)", line):
                flags = got.group(1)
            # Functions, the innermost first. Names of modules are not there.
            elif line.strip() == "=> process_one_work" and last.endswith(("_rx_work", "_tx_work")):
                found.append((flags, last))
            last = line.split()[-1]
    return found


def flags():
    """no allocation of a worker may wait for I/O, whoever it asks through: MPTCP, TCP, UDP"""
    for what, protocol in (("MPTCP", MPTCP), ("TCP", TCP), ("UDP", None)):
        peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR) if protocol else UdpPeer(tunnel, near_socket(), 1, vpn4=VPN_FAR)
        with traced("kmem/mm_page_alloc"):
            write("options/stacktrace", "1")
            try:
                carry(what, peer)
            finally:
                write("options/stacktrace", "0")
            write("events/kmem/mm_page_alloc/enable", "0")
            found = allocations()
        note("%s: %d allocations: %s" % (what, len(found), sorted(set(found))[:6]))
        need(what + ": some are seen", found)
        waiting = sorted({one for one in found if WAITS.search(one[0])})
        need(what + ": none waits for I/O", not waiting, waiting[:5])
        peer.delete()
        peer.close()


def shrinks():
    """how much the module's shrinker had to give, and gave, when the kernel was asked to drop caches; None when not asked"""
    with traced("vmscan/mm_shrink_slab_start", "vmscan/mm_shrink_slab_end"):
        with open("/proc/sys/vm/drop_caches", "w") as caches:
            caches.write("2")
        with open(WHERE + "/trace") as lines:
            text = lines.read()
    start = re.search(r"pool_scan\S* \[ovpn_dco_mptcp\] .*cache items (\d+)", text)
    end = re.search(r"pool_scan\S* \[ovpn_dco_mptcp\] .*last shrinker return val (\d+)", text)
    return start and (int(start.group(1)), int(end.group(1)))


def kept():
    """what a processor keeps for its next worker goes when memory is short, and comes again with the next one"""
    peer = Peer(tunnel, 1, vpn4=VPN_FAR)
    for turn in ("first", "again"):
        peer.passes(turn)
        got = shrinks()
        need(turn + ": there is something, and all of it goes", got and got[0] > 32 and got[0] == got[1], got)
        equal(turn + ": nothing is left", shrinks(), None)
    peer.passes("afterwards")
    peer.close()


run((flags, kept))
tunnel.close()
