import subprocess

from engine.check import cleanups, equal, need, run, wait_for
from engine.doors import MP
from engine.fixture import NEAR, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP

MODULE = "ovpn_dco_mptcp"
MPTCP_ENABLED = "/proc/sys/net/mptcp/enabled"


def succeeds(*command):
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def unused():
    with open("/sys/module/%s/refcnt" % MODULE) as count:
        return count.read() == "0\n"


def rmmod():
    # The references of the netlink requests just answered may still be about to be dropped.
    wait_for("nobody uses the module", 10, unused)
    need("rmmod works", succeeds("rmmod", MODULE))


def insmod():
    need("insmod works", succeeds("insmod", "/lab/ovpn-dco-mptcp.ko"))


def held_by_sockets():
    """rmmod is refused while a socket that was attached is open, with and without a peer; not by devices"""
    for protocol in (MPTCP, TCP):
        tunnel = Tunnel(MP)
        peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
        need("refused: a peer", not succeeds("rmmod", MODULE))
        peer.passes("after a refused rmmod")
        peer.delete()
        need("refused: a socket without a peer", not succeeds("rmmod", MODULE))
        wait_for("the socket is at its end", 5, lambda: ended(peer))
        peer.near.close()
        peer.close()
        # Its device is there still, and goes with it.
        forget(tunnel)
        rmmod()
        need("the device is gone", not succeeds("ip", "-n", NEAR, "link", "show", tunnel.dev.name))
        insmod()


def ended(peer):
    try:
        return peer.read_now() == b""
    except BlockingIOError:
        return False


def forget(tunnel):
    cleanups.remove(tunnel.dev.delete)
    for sock in (tunnel.inner, tunnel.dev.nl.sock, tunnel.door, tunnel.watcher):
        sock.close()


def loaded_without_mptcp():
    """net.mptcp.enabled=0 when the module is loaded, 1 when a socket is attached"""
    rmmod()
    with open(MPTCP_ENABLED) as setting:
        before = setting.read()
    try:
        with open(MPTCP_ENABLED, "w") as setting:
            setting.write("0")
        insmod()
    finally:
        with open(MPTCP_ENABLED, "w") as setting:
            setting.write(before)
    with Tunnel(MP) as tunnel:
        for i, protocol in enumerate((MPTCP, TCP, MPTCP)):
            peer = Peer(tunnel, i, protocol, vpn4=VPN_FAR)
            equal("transport", peer.get()["transport"], "tcp" if protocol == TCP else "mptcp")
            peer.passes("attached later, %d" % i)
            peer.delete()
            peer.close()


run((held_by_sockets, loaded_without_mptcp))
