"""What is measured on this machine's processor, in User Mode Linux, and what the figures should be (see native/run). The rows
are those of the emulated machines, their figures the medians of many runs."""
import json
import os

from figures import UP_DOWN, flow_rows, forward_rows, idle_rows
from tables import OURS, Table, Target, ratio, worse

TITLE = "Figures: a real processor"
WRITER = "native/run"
PEER = "the kernel's ovpn"
SPREAD = (("± %", "spread"),)
SERIES = ()

TABLES = (
    Table("One TCP flow, one unshaped path, tunnel MTU 1500, both ends on one processor (Mbit/s)", flow_rows(PEER), UP_DOWN + SPREAD),
    Table("The same with two processors (Mbit/s)", (
        (OURS + ", MPTCP", "throughput.two.ours-mptcp", "one-flow-two-cores-ours"),
        (OURS + ", UDP", "throughput.two.ours-udp", "one-flow-two-cores-ours"),
        (PEER + ", TCP", "throughput.two.peer-tcp", "one-flow-two-cores-peer"),
        (PEER + ", UDP", "throughput.two.peer-udp", "one-flow-two-cores-peer"),
    ), UP_DOWN + SPREAD),
    Table("One TCP flow that a router forwards from a network into the tunnel, all on one processor (Mbit/s)", forward_rows(PEER),
          UP_DOWN + SPREAD),
    Table("Ping through an idle tunnel (us)", idle_rows(PEER), (("mean", "us"),) + SPREAD),
)

TARGETS = (
    Target("over MPTCP, of the kernel's ovpn over TCP, worse direction", worse("throughput.ours-mptcp", "throughput.peer-tcp"),
           least=1.6, seek=2.5),
    Target("over UDP, of the kernel's ovpn, worse direction", worse("throughput.ours-udp", "throughput.peer-udp"), least=1.3, seek=2),
    Target("two processors, one flow in one tunnel over MPTCP, of one processor, worse direction",
           worse("throughput.two.ours-mptcp", "throughput.ours-mptcp"), least=1.6),
    Target("forwarded, over MPTCP, of the kernel's ovpn over TCP, worse direction",
           worse("throughput.forward.ours-mptcp", "throughput.forward.peer-tcp"), least=1.5),
    Target("forwarded, over UDP, of the kernel's ovpn, worse direction",
           worse("throughput.forward.ours-udp", "throughput.forward.peer-udp"), least=1.5),
    Target("idle ping over MPTCP, of the kernel's ovpn over TCP", ratio("idle.ours-mptcp.us", "idle.peer-tcp.us"), most=1.5, seek=1.2),
)


def host(results):
    """Of the machine that measured: processor, runs, and what else went on there."""
    with open(os.path.join(results, "host.json")) as text:
        return json.load(text)


def notes(results):
    about = host(results)
    yield "Medians of %d runs on %s; ± is half of what the middle half of the runs spans." % (about["runs"], about["processor"])
    yield "Other programs of that machine took %.0f %% of a processor meanwhile, other machines on it %.1f %%." % (
        about["other"] * 100, about["steal"] * 100)
    if about["busy"]:
        yield "**That machine was busy, so these figures only tell rows from each other.**"
