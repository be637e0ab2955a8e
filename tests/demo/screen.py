# SPDX-License-Identifier: GPL-2.0
"""What the demonstration puts on the screen: lines with the time, bars, and one line that changes in place."""
import locale
import os
import sys
import threading
import time

CODES = {"good": 32, "bad": 31, "dim": 2, "strong": 1}


class Screen:
    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._tty = "\r\x1b[K" if sys.stdout.isatty() else ""
        self._paint = not os.environ.get("NO_COLOR") and bool(self._tty or os.environ.get("CLICOLOR_FORCE"))
        locale.setlocale(locale.LC_CTYPE, "")
        self._marks = "▁▂▃▄▅▆▇█" if locale.nl_langinfo(locale.CODESET) == "UTF-8" else "_.-:=+*#"

    def colour(self, style: str, text: str) -> str:
        return f"\x1b[{CODES[style]}m{text}\x1b[0m" if self._paint else text

    def elapsed(self) -> str:
        return "{:2}:{:02}".format(*divmod(int(time.monotonic() - self._begin), 60))

    def plain(self, text: str = "") -> None:
        """This stays, and so does timed()."""
        print(f"{self._tty}{text}", flush=True)

    def timed(self, text: str) -> None:
        self.plain(f"{self.colour('dim', self.elapsed())}  {text}")

    def live(self, text: str) -> None:
        """This is replaced by what comes next; only a terminal shows it."""
        if self._tty:
            print(f"{self._tty}{self.colour('dim', self.elapsed())}  {text}", end="", flush=True)

    def busy(self, text: str, done: threading.Event) -> None:
        """The line shows that time goes by."""
        while not done.wait(1):
            self.live(text)

    def bar(self, number: float) -> str:
        """One character a unit."""
        return self._marks[-1] * round(number)

    def spark(self, top: float, numbers: list[float]) -> str:
        """One character a number."""
        return "".join(self._marks[min(int(number) * len(self._marks) // int(top), len(self._marks) - 1)] for number in numbers)
