"""Charts as SVG, from the same figures always the same text. Their ground is dark wherever they are shown, as that of the
demo's picture."""
import links
from figures import TABLES

INK = {"plain": "#d8dee6", "dim": "#8b96a5", "rule": "#2b333f", "ours": "#5fd38a", "mptcp": "#6cb6ff", "peer": "#febc2e",
       "userspace": "#ff7a70", "other": "#8b96a5"}
NAMES = {"ours": "this module", "mptcp": "no tunnel, MPTCP", "peer": "Debian's module, TCP, one path",
         "userspace": "OpenVPN without offload"}
# The peer of the chart of links has the best of them.
LINK_NAMES = {"peer": "Debian's module, TCP, the best link"}


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Picture:
    def __init__(self, width, height, title):
        self.width, self.height, self.title, self.body = width, height, title, []
        self.text(24, 34, title, "plain", size=17, weight="bold")

    def text(self, x, y, text, ink="plain", size=13, anchor="start", weight="normal"):
        self.body.append('<text x="%.1f" y="%.1f" fill="%s" font-size="%d" text-anchor="%s" font-weight="%s">%s</text>' % (
            x, y, INK[ink], size, anchor, weight, escape(text)))

    def bar(self, x, y, width, height, ink):
        self.body.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" fill="%s"/>' % (x, y, width, height, INK[ink]))

    def rule(self, x1, y1, x2, y2):
        self.body.append('<path d="M%.1f %.1fL%.1f %.1f" stroke="%s"/>' % (x1, y1, x2, y2, INK["rule"]))

    def line(self, points, ink):
        path = "L".join("%.1f %.1f" % point for point in points)
        self.body.append('<path d="M%s" fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round"/>' % (path, INK[ink]))

    def svg(self):
        return "\n".join([
            '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '
            'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">' % ((self.width, self.height) * 2),
            "<title>%s</title>" % escape(self.title),
            '<rect width="%d" height="%d" rx="8" fill="#14181f"/>' % (self.width, self.height)] + self.body + ["</svg>", ""])


class Plot:
    """Axes of a picture. Where the horizontal one is logarithmic, it begins with its first mark."""

    LEFT, TOP, RIGHT, BOTTOM = 64, 84, 24, 52

    def __init__(self, picture, across, up, names):
        self.picture = picture
        (self.across, across_label), (self.up, up_label) = across, up
        self.right, self.bottom = picture.width - self.RIGHT, picture.height - self.BOTTOM
        for mark in self.up:
            self.picture.rule(self.LEFT, self.y(mark), self.right, self.y(mark))
            self.picture.text(self.LEFT - 8, self.y(mark) + 4, "%g" % mark, "dim", anchor="end")
        for mark in self.across:
            self.picture.text(self.x(mark), self.bottom + 20, "%g" % mark, "dim", anchor="middle")
        self.picture.text(self.right, self.bottom + 40, across_label, "dim", anchor="end")
        self.picture.text(24, 70, up_label, "dim")
        at = 100
        for ink in names:
            self.picture.bar(at, 61, 18, 4, ink)
            self.picture.text(at + 24, 70, NAMES[ink])
            at += 42 + 6.8 * len(NAMES[ink])

    def x(self, value):
        return self.LEFT + (self.right - self.LEFT) * (value - self.across[0]) / (self.across[-1] - self.across[0])

    def y(self, value):
        return self.bottom - (self.bottom - self.TOP) * (value - self.up[0]) / (self.up[-1] - self.up[0])

    def curve(self, points, ink):
        self.picture.line([(self.x(x), self.y(y)) for x, y in points], ink)


def marks(most, count=6):
    """From 0 to the first round number above."""
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000) if s * count >= most)
    return [step * i for i in range(int(most // step) + 2)]


def ink_of(prefix):
    return "ours" if ".ours" in prefix else "peer" if ".peer" in prefix else "userspace" if ".userspace" in prefix else "other"


def throughput(kernels, table, title, about):
    """about: of a kernel, a line above its bars."""
    rows = [row for row in table.rows if row[1] not in ("throughput.tcp", "throughput.mptcp")]
    groups = [(kernel, [(label, prefix, kernel.figures[prefix + ".up"]) for label, prefix, _ in rows
                        if prefix + ".up" in kernel.figures]) for kernel in kernels]
    most = max(value for _, bars in groups for _, _, value in bars)
    picture = Picture(860, 66 + sum(44 + 28 * len(bars) for _, bars in groups), title)
    y = 72
    for kernel, bars in groups:
        picture.text(24, y, "Linux " + kernel.series + about(kernel), "dim")
        for label, prefix, value in bars:
            y += 28
            picture.text(270, y, label, anchor="end")
            picture.bar(282, y - 14, 490 * value / most, 19, ink_of(prefix))
            picture.text(290 + 490 * value / most, y, "%.0f" % value)
        y += 44
    return picture.svg()


def latency(kernel):
    curves = [(who, kernel.series_of["load.%s.rtt" % who]) for who in ("ours", "mptcp", "peer", "userspace")
              if "load.%s.rtt" % who in kernel.series_of]
    picture = Picture(860, 400, "Ping beside a saturating upload, 20 Mbit/s paths, Linux " + kernel.series)
    plot = Plot(picture, (marks(max(curve[-1] for _, curve in curves), 10), "round trip, ms"), ((0, 25, 50, 75, 100), "pings, %"),
                [who for who, _ in curves])
    for who, curve in reversed(curves):
        plot.curve([(value, share) for share, value in enumerate(curve)], who)
    return picture.svg()


def cut(kernel):
    curves = [(who, kernel.series_of["cut." + who]) for who in ("ours", "mptcp", "peer") if "cut." + who in kernel.series_of]
    picture = Picture(860, 360, "A download over two paths, one of them down from 8 to 18 s, Linux " + kernel.series)
    plot = Plot(picture, ((0, 5, 10, 15, 20, 25, 30), "seconds"), (marks(max(max(curve) for _, curve in curves)), "Mbit/s"),
                [who for who, _ in curves])
    for who, curve in reversed(curves):
        plot.curve([((i + 0.5) / 4, rate) for i, rate in enumerate(curve[:120])], who)
    return picture.svg()


class Bars:
    """Horizontal bars of one measure: between two edges of a picture, from 0 to the last of the marks."""

    def __init__(self, picture, left, right, scale, label):
        self.picture, self.left, self.right, self.scale = picture, left, right, scale
        picture.text(left, 92, label, "dim")

    def x(self, value):
        return self.left + (self.right - self.left) * min(value, self.scale[-1]) / self.scale[-1]

    def rules(self, top, bottom):
        for mark in self.scale:
            self.picture.rule(self.x(mark), top, self.x(mark), bottom)
            self.picture.text(self.x(mark), bottom + 18, "%g" % mark, "dim", size=11, anchor="middle")

    def bar(self, y, value, ink, beyond=None):
        """beyond: a line goes on to there."""
        if beyond is not None:
            self.picture.bar(self.x(value), y + 4, self.x(beyond) - self.x(value), 2, ink)
        self.picture.bar(self.left, y, self.x(value) - self.left, 10, ink)
        self.picture.text(self.x(beyond if beyond is not None else value) + 6, y + 9, "%.0f" % value, "dim", size=11)


def peoples_links(kernel):
    """For each profile the ping and the goodput of an upload, participant by participant."""
    key = "links.%s.%s.up."
    names = ("ours", "mptcp", "userspace", "peer")
    inks = {"keep": "ours"}
    rows = [(profile, [who for _, who in links.shown(profile) if links.measured(kernel, key[:-1] % (profile.name, who))])
            for profile in links.PROFILES]
    rows = [(profile, sorted(found, key=lambda who: names.index(inks.get(who, who)))) for profile, found in rows if found]

    def all_of(kind, without=()):
        return [kernel.figures[key % (profile.name, who) + kind] for profile, found in rows for who in found if who not in without]

    height = [14 * max(len(found), 3) + 22 for _, found in rows]
    picture = Picture(860, 104 + sum(height) + 52, "One upload on unequal, lossy and long links, Linux " + kernel.series)
    at = 24
    for ink in names:
        picture.bar(at, 54, 18, 4, ink)
        picture.text(at + 24, 62, LINK_NAMES.get(ink, NAMES[ink]))
        at += 46 + 6.7 * len(LINK_NAMES.get(ink, NAMES[ink]))
    ping = Bars(picture, 236, 524, marks(max(all_of("p99", without=("mptcp",))), 5), "ping beside it, ms: mean, and a line to p99")
    rate = Bars(picture, 580, 816, marks(max(all_of("goodput")), 5), "goodput, Mbit/s")
    top = y = 104
    bottom = top + sum(height) - 10
    for bars in (ping, rate):
        bars.rules(top, bottom)
    for (profile, found), high in zip(rows, height):
        picture.text(24, y + 17, profile.title + (", keep" if "keep" in found else ""), size=13)
        for n, words in enumerate(profile.described()):
            picture.text(24, y + 32 + 13 * n, words.rsplit(", ", 1)[0], "dim", size=11)
        for n, who in enumerate(found):
            figures = {kind: kernel.figures[key % (profile.name, who) + kind] for kind in ("mean", "p99", "goodput")}
            if who != "mptcp":
                ping.bar(y + 8 + 14 * n, figures["mean"], inks.get(who, who), beyond=figures["p99"])
            rate.bar(y + 8 + 14 * n, figures["goodput"], inks.get(who, who))
        y += high
    return picture.svg()


def draw(kernels):
    """(name, picture) of each for which there are figures; of curves, those of the newest kernel that has them."""
    if any(key.startswith("throughput.ours") for kernel in kernels for key in kernel.figures):
        yield "bench-throughput.svg", throughput(
            kernels, TABLES[0], "One TCP flow through a tunnel, Mbit/s", lambda kernel: ": Debian's module is " + (
                "ovpn-dco-v2" if kernel.series == "6.1" else "the kernel's ovpn"))
    for prefix, name, picture in (("load.ours.rtt", "bench-latency.svg", latency), ("cut.ours", "bench-cut.svg", cut)):
        having = [kernel for kernel in kernels if prefix in kernel.series_of]
        if having:
            yield name, picture(having[0])
    having = [kernel for kernel in kernels if any(key.startswith("links.") and ".ours." in key for key in kernel.figures)]
    if having:
        yield "bench-links.svg", peoples_links(having[0])


def draw_native(kernels, processor):
    if any(key.startswith("throughput.ours") for kernel in kernels for key in kernel.figures):
        yield "bench-native.svg", throughput(
            kernels, processor.TABLES[0], "One TCP flow through a tunnel, Mbit/s on a real processor",
            lambda kernel: ", User Mode Linux, both ends on one processor")
