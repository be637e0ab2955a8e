"""What is measured on links as people have them, and what the figures should be: links.PROFILE.WHO.up|down.goodput|mean|p99|...
The profiles are those of tests/lib/profiles."""
import os

from tables import OURS, PEER, WRITER, Table, Target, notes, number, share

TITLE = "Figures: links as people have them"
HERE = os.path.dirname(os.path.abspath(__file__))
WAYS = ("up", "down")
CALLS = ("fiber-lte", "starlink-lte")
CONGESTION = ("cubic", "bbr", "reno")
MPTCP = "no tunnel, MPTCP"
USERSPACE = "OpenVPN without offload"
WITH_KEEP = OURS + ", keep at the client"
BEST = PEER + ", TCP, the best link"


class Profile:
    """links: dictionaries of the columns of tests/lib/profiles."""

    TITLES = {"fiber-lte": "fiber+lte", "starlink-lte": "starlink+lte", "dsl-lossy": "dsl+dsl, one lossy",
              "hopeless-third": "hopeless third"}

    def __init__(self, name):
        self.name, self.links = name, []
        self.title = self.TITLES.get(name, name)
        self.hopeless = name.startswith("hopeless")

    def described(self):
        """In words, link by link."""
        return [self._link(link) for link in self.links]

    @staticmethod
    def _link(link):
        words = [link["rate"].replace("mbit", " Mbit/s"), link["delay"].replace("ms", " ms")]
        if link["jitter"] != "0ms":
            words[1] += " ± " + link["jitter"].replace("ms", " ms")
        if link["loss"] != "0%":
            words.append("loss " + link["loss"].replace("%", " %"))
        return ", ".join(words + [link["limit"] + " packets"])


def profiles():
    found = {}
    with open(os.path.join(HERE, "../lib/profiles")) as lines:
        for line in lines:
            words = line.split()
            if line.startswith("#") or not words:
                continue
            profile = found.setdefault(words[0], Profile(words[0]))
            profile.links.append(dict(zip(("rate", "delay", "jitter", "limit", "loss"), words[1:])))
    return list(found.values())


PROFILES = profiles()
TWO_LINKS = [profile for profile in PROFILES if len(profile.links) == 2]
BESIDE = (("Mbit/s", "goodput"), ("mean", "mean"), ("p99", "p99"), ("max", "max"))


def participants(profile):
    """(label, key, row of the benchmark)"""
    yield MPTCP, "mptcp", "none"
    yield OURS, "ours", "ours"
    if profile.hopeless:
        yield WITH_KEEP, "keep", "keep"
    yield USERSPACE, "userspace", "none"
    yield BEST, "peer", "peer"


def one_flow(way):
    return Table("One flow %s, and pings beside it (Mbit/s; ms)" % way, [
        ("%s: %s" % (profile.title, label), "links.%s.%s.%s" % (profile.name, who, way), "links-%s-%s" % (profile.name, row))
        for profile in PROFILES for label, who, row in participants(profile)], BESIDE)


def titled(name):
    return next(profile.title for profile in PROFILES if profile.name == name)


TABLES = (
    one_flow("up"),
    one_flow("down"),
    Table("A call of 50 packets a second beside four uploads (packets of 800; ms; Mbit/s)", [
        ("%s: %s" % (titled(name), label), "call.%s.%s" % (name, who), "call-%s-%s" % (name, who))
        for name in CALLS for label, who in ((OURS, "ours"), (USERSPACE, "userspace"), (BEST, "peer"))],
        (("lost", "lost"), ("mean", "mean"), ("p99", "p99"), ("max", "max"), ("goodput", "goodput"))),
    Table("One upload with the congestion control that an administrator has set for the links (Mbit/s; ping beside it in ms)", [
        ("%s: %s" % (profile.title, name), "congestion.%s.%s" % (profile.name, name), "congestion-" + profile.name)
        for profile in TWO_LINKS for name in CONGESTION],
        (("no tunnel", "mptcp.up.goodput"), ("tunnel", "ours.up.goodput"), ("mean", "ours.up.mean"), ("p99", "ours.up.p99"))),
    Table("Two links of 20 Mbit/s, 10 ms with bbr, ECN and tcp_mtu_probing=2 (Mbit/s; ping in ms)", (
        (MPTCP, "tuned.mptcp", "tuned"),
        (OURS, "tuned.ours", "tuned"),
    ), (("up", "up.goodput"), ("down", "down.goodput"), ("mean up", "up.mean"), ("mean down", "down.mean"))),
    Table("A tunnel's flow and an ordinary TCP flow on its first link (Mbit/s; per cent of a fair share)", (
        ("fiber+lte", "fairness.fiber-lte", "fairness-fiber-lte"),
        ("lte alone", "fairness.lte", "fairness-lte"),
    ), [(label % way, key % way) for way in WAYS for label, key in (
        ("tunnel %s", "%s.tunnel"), ("share %s", "%s.tunnel-share"), ("flow %s", "%s.flow"), ("its share %s", "%s.flow-share"))]),
    Table("All that comes on one of two links of 20 Mbit/s is lost for 12 s; how long an upload after that has less than 14.4 Mbit/s, "
          "of five (s)", (
              (MPTCP, "oneway.mptcp", "one-way-loss-none"),
              (OURS, "oneway.ours", "one-way-loss-ours"),
              (USERSPACE, "oneway.userspace", "one-way-loss-none"),
          ), (("median", "median"), ("max", "max"))),
)

# Nothing is drawn as a curve.
SERIES = ()


def ours(name):
    """Who is meant by a profile's bounds: where a link is hopeless, a tunnel with keep, as the packages start it."""
    return "links.%s.%s" % (name, "keep" if name.startswith("hopeless") else "ours")


def least(prefix, key):
    return lambda f: min(f["%s.%s.%s" % (prefix, way, key)] for way in WAYS)


def most(prefix, key):
    return lambda f: max(f["%s.%s.%s" % (prefix, way, key)] for way in WAYS)


def of(prefix, other, key, which, factor=1.0):
    """The least or largest of both directions, as a share of the other's."""
    return lambda f: which(f["%s.%s.%s" % (prefix, way, key)] / f["%s.%s.%s" % (other, way, key)] for way in WAYS) / factor


def goodput_of_plain(name, bound, seek=None):
    return Target(titled(name) + ": goodput, of plain MPTCP less headers",
                  of(ours(name), "links.%s.mptcp" % name, "goodput", min, share(1500)), least=bound, seek=seek)


def goodput(name, bound, seek=None):
    return Target(titled(name) + ": goodput (Mbit/s)", least(ours(name), "goodput"), least=bound, seek=seek)


def pings(name, mean, p99, seek=None):
    yield Target(titled(name) + ": ping, mean (ms)", most(ours(name), "mean"), most=mean, seek=seek)
    yield Target(titled(name) + ": ping, p99 (ms)", most(ours(name), "p99"), most=p99)


def beside_others(name):
    """What holds on any links."""
    yield Target(titled(name) + ": goodput, of Debian's module on the best link",
                 of(ours(name), "links.%s.peer" % name, "goodput", min), least=1)
    yield Target(titled(name) + ": ping, mean, of OpenVPN without offload",
                 of(ours(name), "links.%s.userspace" % name, "mean", max), most=1)


def fair_share(where, label):
    for who in ("tunnel", "flow"):
        yield Target("%s: what the %s has, of its fair share (%%)" % (label, who), least("fairness." + where, who + "-share"),
                     least=33.3)


def targets():
    yield goodput("equal", 34.5)
    yield from pings("equal", 55, 70, seek=40)
    yield goodput_of_plain("fiber-lte", 0.92, seek=0.97)
    yield from pings("fiber-lte", 120, 200, seek=90)
    yield goodput("starlink-lte", 80, seek=88)
    yield Target(titled("starlink-lte") + ": goodput, of plain MPTCP",
                 of(ours("starlink-lte"), "links.starlink-lte.mptcp", "goodput", min), least=2.5)
    yield from pings("starlink-lte", 150, 250, seek=120)
    yield goodput("dsl-lossy", 30)
    yield from pings("dsl-lossy", 80, 150)
    yield goodput_of_plain("bloat", 0.9)
    yield from pings("bloat", 150, 250, seek=120)
    yield goodput_of_plain("jitter", 0.9)
    yield from pings("jitter", 140, 220)
    for name in ("hopeless", "hopeless-third"):
        yield Target(titled(name) + ": ping, mean, of Debian's module on the best link",
                     of(ours(name), "links.%s.peer" % name, "mean", max), most=1.5)
    for profile in PROFILES:
        yield from beside_others(profile.name)
    for name in CALLS:
        key = "call.%s.ours." % name
        yield Target(titled(name) + ": call beside four uploads, packets lost", lambda f, key=key: f[key + "lost"], most=0)
        yield Target(titled(name) + ": call beside four uploads, p99 (ms)", lambda f, key=key: f[key + "p99"], most=200)
    for profile in TWO_LINKS:
        for name in CONGESTION:
            key = "congestion.%s.%s." % (profile.name, name)
            yield Target("%s, %s: goodput, of plain MPTCP less headers" % (profile.title, name),
                         lambda f, key=key: f[key + "ours.up.goodput"] / f[key + "mptcp.up.goodput"] / share(1500), least=0.8)
    yield Target("bbr, ECN and tcp_mtu_probing: goodput, of plain MPTCP less headers",
                 of("tuned.ours", "tuned.mptcp", "goodput", min, share(1500)), least=0.92)
    yield from fair_share("fiber-lte", "fiber+lte")
    yield from fair_share("lte", "lte alone")
    yield Target("after a loss one way, longest time of little (s)", lambda f: f["oneway.ours.max"], most=1)


TARGETS = tuple(targets())


def described():
    """Markdown: what the profiles are."""
    yield "| links, each way | first | second | third |"
    yield "|---|---|---|---|"
    for profile in PROFILES:
        words = profile.described()
        yield "| " + " | ".join([profile.title] + words + [""] * (3 - len(words))) + " |"
    yield ""


def shown(profile):
    """(label, key) of the participants that a short table and the chart have: where a link is hopeless, a tunnel with keep."""
    return [(label, key) for label, key, _ in participants(profile) if key != ("ours" if profile.hopeless else "keep")]


def measured(kernel, key):
    return key + ".goodput" in kernel.figures


def section(kernels):
    """Markdown for performance.md: the profiles, and one upload with pings beside it on the newest kernel on which that was measured."""
    having = [kernel for kernel in kernels if any(measured(kernel, ours(profile.name) + ".up") for profile in PROFILES)]
    if not having:
        return
    kernel = having[0]
    yield ""
    yield from described()
    yield "One upload on Linux %s: Mbit/s, and the ping beside it: mean (99 of 100), ms." % kernel.series
    yield ""
    yield "| | %s |" % " | ".join((MPTCP, OURS, USERSPACE + ", MPTCP", BEST))
    yield "|---|---|---|---|---|"
    for profile in PROFILES:
        cells = [cell(kernel, "links.%s.%s.up" % (profile.name, who)) for _, who in shown(profile)]
        yield "| %s | %s |" % (profile.title + (", `keep` at the client" if profile.hopeless else ""), " | ".join(cells))
    yield ""


def cell(kernel, key):
    """What has no tunnel has no ping through one."""
    if not measured(kernel, key):
        return "-"
    rate = number(kernel.figures[key + ".goodput"])
    if ".mptcp." in key:
        return rate
    return "%s, %s (%s)" % (rate, number(kernel.figures[key + ".mean"]), number(kernel.figures[key + ".p99"]))
