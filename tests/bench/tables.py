"""What a table of figures and a target are."""

PEER = "Debian's module"  # ovpn on the newest kernel, ovpn-dco-v2 on 6.1
OURS = "this module"
# 6.1 has other rivals than later kernels.
OLD, NEW = "6.1", "later"
# Who writes the documents with figures of emulated machines.
WRITER = "run"


class Table:
    """A table of figures. rows: (label, prefix of the keys, case that measures them); columns: (label, rest of the key)."""

    def __init__(self, title, rows, columns):
        self.title, self.rows, self.columns = title, rows, columns

    def keys(self):
        """Of each figure: key and case."""
        return [(prefix + "." + column, case) for _, prefix, case in self.rows for _, column in self.columns]


def notes(_results):
    """About the figures of emulated machines."""
    yield "Debian's module: `ovpn` of the kernel, with OpenVPN 2.7; on Linux 6.1 `ovpn-dco-v2`, with OpenVPN 2.6."


def number(value):
    """Three digits that count."""
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= 100:
        return "%.0f" % value
    return "%.1f" % value if abs(value) >= 10 else "%.2f" % value


def share(mtu):
    """What headers leave of a plain stream: of every record of 2 + 24 + MTU bytes, MTU - 52 are payload of the flow inside."""
    return (mtu - 52) / (mtu + 26)


class Target:
    """what: a sentence; value: of the figures; least or most: the bound; seek: what would be better still, or all that is
    asked; only: of which kernels."""

    def __init__(self, what, value, least=None, most=None, seek=None, only=None):
        self.what, self.value, self.seek, self.only = what, value, seek, only
        self.bound = most if least is None else least
        self.sign = "<=" if most is not None else ">="

    def wants(self):
        """In words: the bound and what is sought."""
        parts = ["%s %g" % (self.sign, self.bound)] if self.bound is not None else []
        return ", ".join(parts + (["sought %g" % self.seek] if self.seek is not None else []))

    def _reached(self, value, bound):
        return value <= bound if self.sign == "<=" else value >= bound

    def verdict(self, value):
        if self.bound is not None and not self._reached(value, self.bound):
            return "NOT MET"
        if self.seek is None:
            return "met"
        reached = self._reached(value, self.seek)
        if self.bound is None:
            return "reached" if reached else "not reached"
        return "met, more than that" if reached else "met"


def ratio(one, other):
    return lambda f: f[one] / f[other]


def apart(one, other):
    return lambda f: abs(f[one] - f[other]) / max(f[one], f[other]) * 100


def worse(prefix, other, factor=1.0):
    """The worse of both directions, as a share of the other's."""
    return lambda f: min(f["%s.%s" % (prefix, way)] / f["%s.%s" % (other, way)] for way in ("up", "down")) / factor
