"""The paths between the namespaces, which tests/lib/topology.sh has made."""
import subprocess

from .fixture import FAR, NEAR
from .net import ip

ENDS = (NEAR, "c"), (FAR, "s")


def allow_subflows():
    """Both ends take all paths that the other one announces."""
    for ns, _ in ENDS:
        ip("-n", ns, "mptcp", "limits", "set", "subflows", "8", "add_addr_accepted", "8")


def shape(number, rate, delay, limit=1000):
    """In both directions."""
    for ns, side in ENDS:
        subprocess.run(["tc", "-n", ns, "qdisc", "replace", "dev", "p%d%s" % (number, side), "root", "netem", "rate", rate,
                        "delay", delay, "limit", str(limit)], check=True)
