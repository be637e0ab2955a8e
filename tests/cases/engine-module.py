# topic: the module cannot be removed while a socket is its own; MPTCP may be switched off when it is loaded
# kernels: first
# timeout: 90
import os
import subprocess

from engine import module
from engine.check import equal, need, run, wait_for
from engine.doors import MP
from engine.fixture import NEAR, VPN_FAR, Peer, Tunnel
from engine.net import MPTCP, TCP

MPTCP_ENABLED = "/proc/sys/net/mptcp/enabled"


def held_by_sockets():
    """rmmod is refused while a socket that was attached is open, with and without a peer; not by devices"""
    for protocol in (MPTCP, TCP):
        tunnel = Tunnel(MP)
        peer = Peer(tunnel, 1, protocol, vpn4=VPN_FAR)
        need("refused: a peer", not module.unload_works())
        peer.passes("after a refused rmmod")
        peer.delete()
        need("refused: a socket without a peer", not module.unload_works())
        wait_for("the socket is at its end", 5, lambda: ended(peer))
        peer.near.close()
        peer.close()
        # Its device is there still, and goes with it.
        tunnel.dev.forget()
        tunnel.hang_up()
        module.unload()
        need("the device is gone", subprocess.run(
            ["ip", "-n", NEAR, "link", "show", tunnel.dev.name], stderr=subprocess.DEVNULL).returncode)
        module.load()


def ended(peer):
    try:
        return peer.read_now() == b""
    except BlockingIOError:
        return False


def loaded_without_mptcp():
    """net.mptcp.enabled=0 when the module is loaded, 1 when a socket is attached"""
    module.unload()
    with open(MPTCP_ENABLED) as setting:
        before = setting.read()
    try:
        with open(MPTCP_ENABLED, "w") as setting:
            setting.write("0")
        module.load()
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


def another_copy():
    """another copy, under another name, finds its names taken: it does not load, leaves nothing, and this one goes on"""
    path = os.environ["LAB_DIR"] + "/copy.ko"
    with open("/lab/ovpn-dco-mptcp.ko", "rb") as module_file, open(path, "wb") as copy:
        copy.write(module_file.read().replace(b"ovpn_dco_mptcp", b"ovpn_dco_mptcq"))
    with Tunnel(MP) as tunnel:
        peer = Peer(tunnel, 1, vpn4=VPN_FAR)
        for _ in range(3):
            loads = subprocess.run(["insmod", path], capture_output=True)
            need("it does not load", loads.returncode, loads)
            need("nothing of it is left", not os.path.exists("/sys/module/ovpn_dco_mptcq"))
        peer.passes("the first one goes on")
        peer.close()


run((held_by_sockets, loaded_without_mptcp, another_copy))
