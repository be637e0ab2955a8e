"""What is measured, under which names, and what the figures should be. A figure's key is ROW_PREFIX.COLUMN. What is measured on
links as people have them is in links.py."""
from tables import NEW, OLD, OURS, PEER, WRITER, Table, Target, apart, notes, ratio, share, worse

TITLE = "Figures"

UP_DOWN = (("up", "up"), ("down", "down"))
PINGS = (("mean", "mean"), ("p50", "p50"), ("p99", "p99"), ("max", "max"))


def flow_rows(peer):
    """What one flow gets, beside the module that PEER is the name of."""
    return (
        ("no tunnel, TCP", "throughput.tcp", "throughput-plain"),
        ("no tunnel, MPTCP", "throughput.mptcp", "throughput-plain"),
        (OURS + ", MPTCP", "throughput.ours-mptcp", "throughput-ours"),
        (OURS + ", MPTCP, MTU 9000", "throughput.ours-mptcp-9000", "throughput-ours"),
        (OURS + ", TCP", "throughput.ours-tcp", "throughput-ours"),
        (OURS + ", UDP", "throughput.ours-udp", "throughput-ours"),
        (peer + ", TCP", "throughput.peer-tcp", "throughput-peer"),
        (peer + ", UDP", "throughput.peer-udp", "throughput-peer"),
        ("WireGuard", "throughput.wireguard", "throughput-wireguard"),
    )


def forward_rows(peer):
    """The same where the flow comes from another machine."""
    return (
        (OURS + ", MPTCP", "throughput.forward.ours-mptcp", "forward-ours"),
        (OURS + ", TCP", "throughput.forward.ours-tcp", "forward-ours"),
        (OURS + ", UDP", "throughput.forward.ours-udp", "forward-ours"),
        (peer + ", TCP", "throughput.forward.peer-tcp", "forward-peer"),
        (peer + ", UDP", "throughput.forward.peer-udp", "forward-peer"),
    )


def idle_rows(peer):
    """A ping and nothing else."""
    return (
        ("no tunnel", "idle.plain", "throughput-plain"),
        (OURS + ", MPTCP", "idle.ours-mptcp", "throughput-ours"),
        (OURS + ", TCP", "idle.ours-tcp", "throughput-ours"),
        (OURS + ", UDP", "idle.ours-udp", "throughput-ours"),
        (peer + ", TCP", "idle.peer-tcp", "throughput-peer"),
        (peer + ", UDP", "idle.peer-udp", "throughput-peer"),
        ("WireGuard", "idle.wireguard", "throughput-wireguard"),
    )


TABLES = (
    Table("One TCP flow, one unshaped path, tunnel MTU 1500 (Mbit/s on one emulated core, both ends on it)", flow_rows(PEER) + (
        ("OpenVPN without offload, MPTCP", "throughput.userspace-mptcp", "throughput-userspace"),
    ), UP_DOWN),
    Table("One TCP flow that a router forwards from a network into the tunnel (Mbit/s on one emulated core)",
          forward_rows(PEER), UP_DOWN),
    Table("Ping through an idle tunnel, unshaped path (ms)", idle_rows(PEER) + (
        ("OpenVPN without offload, MPTCP", "idle.userspace-mptcp", "throughput-userspace"),
    ), (("mean", "mean"),)),
    Table("One flow over two paths of 20 Mbit/s and 10 ms (Mbit/s)", (
        ("no tunnel, MPTCP", "equal.mptcp", "paths-equal"),
        (OURS, "equal.ours", "paths-equal"),
    ), UP_DOWN),
    Table("One flow over unequal paths: 50 Mbit/s 10 ms, 10 Mbit/s 40 ms; with a third of 2 Mbit/s 300 ms (Mbit/s)", (
        ("no tunnel, TCP, first path", "unequal.tcp", "paths-unequal"),
        ("no tunnel, MPTCP, two paths", "unequal2.mptcp", "paths-unequal"),
        (OURS + ", two paths", "unequal2.ours", "paths-unequal"),
        ("no tunnel, MPTCP, three paths", "unequal3.mptcp", "paths-unequal"),
        (OURS + ", three paths", "unequal3.ours", "paths-unequal"),
        (OURS + ", three paths, keep at the client", "unequal3.keep", "paths-unequal"),
    ), UP_DOWN),
    Table("Ping beside one saturating upload, two paths of 20 Mbit/s and 10 ms, buffers of 40 packets (ms; Mbit/s)", (
        ("no tunnel, MPTCP", "load.mptcp", "load-plain"),
        (OURS, "load.ours", "load-ours"),
        ("OpenVPN without offload", "load.userspace", "load-userspace"),
        (PEER + ", TCP, one path", "load.peer", "load-peer"),
    ), PINGS + (("goodput", "goodput"),)),
    Table("A call of 50 packets a second beside four uploads, the same paths (ms; packets of 800; Mbit/s)", (
        ("no tunnel, MPTCP", "voice.mptcp", "load-plain"),
        (OURS, "voice.ours", "load-ours"),
        ("OpenVPN without offload", "voice.userspace", "load-userspace"),
        (PEER + ", TCP, one path", "voice.peer", "load-peer"),
    ), (("lost", "lost"),) + PINGS + (("goodput", "goodput"),)),
    Table("Longest silence after the busy path is cut, a packet every 20 ms, of five cuts (s)", (
        ("no tunnel, MPTCP, link down", "gap.mptcp.down", "gap"),
        (OURS + ", link down", "gap.ours.down", "gap"),
        ("no tunnel, MPTCP, blackhole", "gap.mptcp.blackhole", "gap"),
        (OURS + ", blackhole", "gap.ours.blackhole", "gap"),
    ), (("median", "median"), ("max", "max"))),
    Table("A download while one path of two is down for 10 s, and after that (Mbit/s)", (
        ("no tunnel, MPTCP", "cut.mptcp", "cut-flow"),
        (OURS, "cut.ours", "cut-flow"),
        (PEER + ", TCP, one path", "cut.peer", "cut-flow-peer"),
    ), (("during", "during"), ("after", "after"))),
    Table("One flow while other peers are attached and idle (Mbit/s)", (
        (OURS + ", TCP, 1 peer", "peers.tcp.1", "peers"),
        (OURS + ", TCP, 100 peers", "peers.tcp.100", "peers"),
        (OURS + ", TCP, 1000 peers", "peers.tcp.1000", "peers"),
        (OURS + ", TCP, 4000 peers", "peers.tcp.4000", "peers"),
        (OURS + ", MPTCP, 1 peer", "peers.mptcp.1", "peers"),
        (OURS + ", MPTCP, 1000 peers", "peers.mptcp.1000", "peers"),
    ), (("", "mbit"),)),
    Table("Memory of an idle peer, its socket not counted (KiB)", (
        (OURS + ", TCP, of 4000 peers", "peers.tcp.4000", "peers"),
        (OURS + ", MPTCP, of 1000 peers", "peers.mptcp.1000", "peers"),
    ), (("", "kib"),)),
    Table("One flow in one tunnel, two processors (Mbit/s; depends on the host)", (
        (OURS + ", MPTCP", "throughput.two.ours-mptcp", "one-flow-two-cores-ours"),
        (OURS + ", UDP", "throughput.two.ours-udp", "one-flow-two-cores-ours"),
        (PEER + ", TCP", "throughput.two.peer-tcp", "one-flow-two-cores-peer"),
        (PEER + ", UDP", "throughput.two.peer-udp", "one-flow-two-cores-peer"),
    ), UP_DOWN),
    Table("Four clients' downloads: two processors against one (ratio; depends on the host)", (
        (OURS, "cores.ratio", "two-cores"),
    ), (("median", "median"), ("max", "max"))),
)

# Curves for the charts.
SERIES = (("load.mptcp.rtt", "load-plain"), ("load.ours.rtt", "load-ours"), ("load.userspace.rtt", "load-userspace"),
          ("load.peer.rtt", "load-peer"), ("voice.mptcp.rtt", "load-plain"), ("voice.ours.rtt", "load-ours"),
          ("voice.userspace.rtt", "load-userspace"), ("voice.peer.rtt", "load-peer"),
          ("cut.mptcp", "cut-flow"), ("cut.ours", "cut-flow"), ("cut.peer", "cut-flow-peer"))


def flat(kind, counts):
    rates = ["peers.%s.%d.mbit" % (kind, n) for n in counts]
    return lambda f: (1 - min(f[key] for key in rates) / f[rates[0]]) * 100


TARGETS = (
    Target("over MPTCP, of Debian's module over TCP, worse direction", worse("throughput.ours-mptcp", "throughput.peer-tcp"),
           least=2, seek=3, only=NEW),
    Target("over MPTCP, of Debian's module over TCP, worse direction", worse("throughput.ours-mptcp", "throughput.peer-tcp"),
           least=4, seek=7, only=OLD),
    Target("MTU 9000, of MTU 1500, worse direction", worse("throughput.ours-mptcp-9000", "throughput.ours-mptcp"), least=2.5),
    Target("over TCP, of Debian's module, worse direction", worse("throughput.ours-tcp", "throughput.peer-tcp"), least=1, seek=2),
    Target("over UDP, of Debian's module, worse direction", worse("throughput.ours-udp", "throughput.peer-udp"), least=1, seek=2),
    Target("up and down apart, MPTCP (%)", apart("throughput.ours-mptcp.up", "throughput.ours-mptcp.down"), most=10),
    Target("forwarded, over MPTCP, of Debian's module over TCP, worse direction",
           worse("throughput.forward.ours-mptcp", "throughput.forward.peer-tcp"), least=1.5, only=NEW),
    Target("idle ping over MPTCP, of Debian's module over TCP", ratio("idle.ours-mptcp.mean", "idle.peer-tcp.mean"), most=1),
    Target("two equal paths, of plain MPTCP less headers", worse("equal.ours", "equal.mptcp", share(1500)), least=0.97),
    Target("unequal paths, of TCP on the best one", worse("unequal2.ours", "unequal.tcp"), least=1),
    Target("unequal paths, of plain MPTCP", worse("unequal2.ours", "unequal2.mptcp"), seek=0.9),
    Target("with a third, slow path and keep, of TCP on the best one", worse("unequal3.keep", "unequal.tcp"), least=1),
    Target("with a third, slow path, without keep, of plain MPTCP", worse("unequal3.ours", "unequal3.mptcp"), seek=0.9),
    Target("ping beside an upload, mean (ms)", lambda f: f["load.ours.mean"], most=60),
    Target("ping beside an upload, p99 (ms)", lambda f: f["load.ours.p99"], most=90),
    Target("goodput of that upload (Mbit/s)", lambda f: f["load.ours.goodput"], least=35),
    Target("call beside four uploads, packets lost", lambda f: f["voice.ours.lost"], most=0),
    Target("call beside four uploads, p99 (ms)", lambda f: f["voice.ours.p99"], most=90),
    Target("silence after link down, of plain MPTCP's", ratio("gap.ours.down.median", "gap.mptcp.down.median"), most=1),
    Target("silence after a blackhole, of plain MPTCP's", ratio("gap.ours.blackhole.median", "gap.mptcp.blackhole.median"), most=1),
    Target("lost to other peers attached, TCP (%)", flat("tcp", (1, 100, 1000, 4000)), most=5),
    Target("lost to other peers attached, MPTCP (%)", flat("mptcp", (1, 1000)), most=5),
    Target("memory of an idle peer, TCP (KiB)", lambda f: f["peers.tcp.4000.kib"], most=32, seek=8),
    Target("memory of an idle peer, MPTCP (KiB)", lambda f: f["peers.mptcp.1000.kib"], most=32, seek=8),
    Target("two processors, of one", lambda f: f["cores.ratio.median"], least=1.7),
)
