"""The module under test: where it is, and how it comes and goes."""
import subprocess

from .check import need, wait_for

NAME = "ovpn_dco_mptcp"


def text():
    """Where its functions are: the first address, and that behind the last."""
    with open("/proc/modules") as modules:
        size, address = next((int(line.split()[1]), int(line.split()[5], 16)) for line in modules if line.startswith(NAME + " "))
    return address, address + size


def unload_works():
    return subprocess.run(["rmmod", NAME], stderr=subprocess.DEVNULL).returncode == 0


def unload():
    def unused():
        with open("/sys/module/%s/refcnt" % NAME) as count:
            return count.read() == "0\n"
    # The references of the netlink requests just answered may still be about to be dropped.
    wait_for("nobody uses the module", 10, unused)
    need("rmmod works", unload_works())


def modprobe(*names):
    """Other modules that a case needs; some kernels have them built in, or not at all."""
    for name in names:
        subprocess.run(["modprobe", "-q", name])


def load():
    need("insmod works", subprocess.run(["insmod", "/lab/ovpn-dco-mptcp.ko"]).returncode == 0)
