# SPDX-License-Identifier: GPL-2.0
"""What the guest tells (see cases/two-links.sh): shown as it comes, kept for the tables of the end."""
from screen import Screen

LINK_RATE = 20


class Report:
    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.mbit: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self.ping: dict[str, str] = {}
        self.silence: dict[str, float] = {}
        self.facts: list[str] = []
        self.rates: tuple[list[float], list[float]] = ([], [])
        self.events: list[tuple[int, str, str]] = []
        self.in_story = False
        # What each link can carry now: the full height of what is drawn.
        self.tops = [LINK_RATE, LINK_RATE]

    def told(self, text: str) -> None:
        screen, (kind, _, rest) = self.screen, text.partition(" ")
        match [kind, *rest.split()]:
            case ["say", *_]:
                screen.timed(rest)
            case ["fact", *_]:
                self.facts.append(rest)
            case ["links", *rates]:
                self.tops = [int(rate) for rate in rates]
            case ["story", what]:
                self.in_story = what == "begin"
            case ["rate", *rates]:
                screen.live("    " + "   ".join(f"link {i} {rate:>5} {screen.colour('good', screen.spark(top, [float(rate)]))}"
                                                for i, rate, top in zip((1, 2), rates, self.tops)) + "   Mbit/s")
                for row, rate in zip(self.rates, rates if self.in_story else []):
                    row.append(float(rate))
            case ["flow", key, direction, rate, busy]:
                self.mbit[f"{key}-{direction}"], self.cpu[f"{key}-{direction}"] = float(rate), float(busy)
                screen.timed(f"    {direction}load: " + screen.colour("strong", f"{rate} Mbit/s"))
            case ["beside", key, rate, *ping]:
                self.mbit[f"differ-{key}"], shown = float(rate), ""
                # What has no tunnel has no ping through one.
                if key != "mptcp":
                    self.ping[key] = "{:.0f} ms ({:.0f})".format(*map(float, ping))
                    shown = ", the ping beside it: " + screen.colour("strong", f"{float(ping[0]):.0f} ms")
                screen.timed("    upload: " + screen.colour("strong", f"{rate} Mbit/s") + shown)
            case ["silence", key, seconds]:
                self.silence[key] = float(seconds)
                screen.timed(f"    longest silence of the ping: {seconds} s")
            case ["event", silence, *words]:
                self.events.append((len(self.rates[0]), silence, " ".join(words)))
                screen.timed("    " + " ".join(words))

    def show(self) -> None:
        for part in (self._flows, self._one_flow, self._differ):
            self.screen.plain()
            part()
        self.screen.plain()
        for fact in self.facts:
            self.screen.plain(f"  {fact}")

    def _note(self, style: str, text: str) -> None:
        self.screen.plain(self.screen.colour(style, text))

    def _flows(self) -> None:
        self._note("strong", f"  {f'One TCP flow, two links of {LINK_RATE} Mbit/s':<46} {'Mbit/s':>6} {'CPU':>7}")
        for key, label, style in (("tcp-up", "no tunnel, TCP, one link", "dim"), ("mptcp-up", "no tunnel, MPTCP, both links", "dim"),
                                  ("userspace-up", "OpenVPN in userspace, both links", "dim"),
                                  ("one-up", "OpenVPN offloaded, one link", "good"),
                                  ("both-up", "OpenVPN offloaded, both links", "good"), ("both-down", "    download", "good")):
            bar = self.screen.colour(style, self.screen.bar(self.mbit[key]))
            self.screen.plain(f"  {label:<46} {self.mbit[key]:6.1f} {self.cpu[key]:5.0f} %  {bar}")
        self._note("dim", "  CPU: how busy the one emulated processor is, with both ends of the tunnel and of the test on it")

    def _differ(self) -> None:
        self._note("strong", f"  {'80 Mbit/s that lose 0.5 %, and 30 Mbit/s':<46} {'Mbit/s':>6} {'ping beside it':>15}")
        for key, label, style in (("mptcp", "no tunnel, MPTCP", "dim"), ("userspace", "OpenVPN in userspace", "dim"),
                                  ("offloaded", "OpenVPN offloaded", "good")):
            # a character for three Mbit/s
            bar = self.screen.colour(style, self.screen.bar(self.mbit[f"differ-{key}"] / 3))
            self.screen.plain(f"  {label:<46} {self.mbit[f'differ-{key}']:6.1f} {self.ping.get(key, ''):>15}  {bar}")
        self._note("dim", "  The ping goes through the same tunnel; in brackets what 99 of 100 do not exceed")

    def _one_flow(self) -> None:
        self._note("strong", "  One long flow: what each link carries, one character for half a second")
        for link, rates in enumerate(self.rates, 1):
            self.screen.plain(f"  link {link}  " + self.screen.colour("good", self.screen.spark(LINK_RATE, rates)))
        row = [" "] * (len(self.rates[0]) + 1)
        for number, (at, _, _) in enumerate(self.events, 1):
            row[at] = str(number)
        self.screen.plain(" " * 10 + "".join(row))
        self._note("dim", f"{'':66} longest silence of a ping")
        self._note("dim", f"{'':66} this flow  idle tunnel")
        for number, (_, silence, text) in enumerate(self.events, 1):
            # how long the ping stayed without an answer after this event, if it is a loss
            idle = f"idle-{silence.removeprefix('load-')}"
            lost = "" if silence == "-" else f"{self.silence[silence]:5.2f} s   {self.silence[idle]:5.2f} s"
            self.screen.plain(f"          {number}  {text:<52} {lost}")
