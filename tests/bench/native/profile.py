"""Where the time of a row's flows goes, from what perf script says of the samples.

  perf script -F comm,pid,time,ip,dso | profile.py ROW KERNEL_SYMBOLS SAID

perf knows no addresses of modules in User Mode Linux, so names come from nm's list of the kernel's, and from what the row said
of its module's. Only tenths of a second in which something was encrypted count: the rest is start and end."""
import bisect
import collections
import re
import sys

LEAST = 1.0
TENTHS = 10
CRYPT = re.compile(r"^aes_gcm_|^aesni_gcm")
# By what the kernel's functions are called; the first that fits.
AREAS = [(area, re.compile(pattern)) for area, pattern in (
    ("this machine's kernel, the C library, programs in the guest", r"^\("),
    ("the module", r"\[module\]$"),
    ("AES-GCM", r"^aes_gcm_|^aesni_gcm|^gcm_"),
    ("the kernel's interface to AES-GCM", r"^crypto_|^skcipher_|^scatterwalk_|^sg_|^memcpy_(to|from)_sglist"),
    ("copies, checksums", r"^memcpy|^memmove|^csum_|copy|_datagram_iter|^do_op_one_page|^maybe_map|^virt_to_pte|^check_(object|heap)|^__check_"),
    ("pages: allocated, set to zero, freed", r"page|^__rmqueue|^clear_|folio|^free_unref|pcplist|^__mod_(node|zone)"),
    ("packet buffers and other objects", r"skb|kmem|kmalloc|kfree|ksize|slab|refill_objects|^memset"),
    ("MPTCP", r"mptcp|subflow|dfrag"),
    ("TCP", r"tcp|tso_|sk_stream|^sk_|^__sk_|^inet_csk"),
    ("fragments", r"frag|defrag|reasm"),
    ("UDP, IP, routes", r"^_*ip_|ip4|ipv4|fib_|udp|dst_|iptunnel|inet|siphash"),
    ("devices, GRO, softirq", r"gro|napi|veth|net_rx|netif|dev_|backlog|softirq|bh_enable|qdisc|xmit"),
    ("scheduling, work, locks, time", r"sched|switch|wake|work|kthread|spin_|mutex|rcu|ktime|timer|clock|enqueue|dequeue|update_|pick_"),
    ("of User Mode Linux alone", r"^uml_|^um_|^(un)?block_signals|^userspace|stub|turnstile"),
    ("other", ""))]


class Symbols:
    def __init__(self, pairs):
        self.pairs = sorted(pairs)
        self.addresses = [address for address, _ in self.pairs]

    def name(self, address):
        at = bisect.bisect(self.addresses, address) - 1
        return self.pairs[at][1] if at >= 0 else None


def load(kernel, said):
    with open(kernel) as lines:
        words = [line.split() for line in lines]
    pairs = [(int(w[0], 16), w[2]) for w in words if len(w) == 3 and w[1] in "tTwW"]
    module = set()
    with open(said) as lines:
        for line in lines:
            if line.startswith("# symbols "):
                for pair in line[len("# symbols "):].split(","):
                    address, name = pair.split()
                    module.add((int(address, 16), name + " [module]"))
    return Symbols(pairs + list(module)), (min(pairs)[0], max(pairs)[0]), (min(module)[0], max(module)[0] + 0x4000)


def rates(row, said):
    """Mbit/s of both directions."""
    with open(said) as lines:
        return [float(line.split()[3]) for line in lines if line.startswith("# bench throughput.%s." % row)]


def samples(lines, symbols, kernel, module):
    """(tenth of a second, what ran) of each sample of User Mode Linux."""
    for line in lines:
        match = re.match(r"\s*(.*?)\s+(\d+)\s+([\d.]+):\s+([0-9a-f]+)\s.*?\((.*)\)$", line)
        if not match:
            continue
        comm, _pid, when, address, dso = match.groups()
        address, tenth = int(address, 16), int(float(when) * TENTHS)
        if comm.startswith("vmlinuz"):
            if kernel[0] <= address <= kernel[1] or module[0] <= address < module[1]:
                yield tenth, symbols.name(address)
            elif dso.startswith("[") or address >> 63:
                yield tenth, "(this machine's kernel: signals, switching)"
            else:
                yield tenth, "(C library: %s)" % dso.rsplit("/", 1)[-1]
        elif comm.startswith("uml"):
            yield tenth, "(programs in the guest)"


def table(head, totals, count, packet, least):
    """The largest first; those below the least share are one line."""
    print("| %s | %% | ns a packet |\n|---|---:|---:|" % head)
    rest = 0.0
    for name, n in totals.most_common():
        share = n / count * 100
        if share < least:
            rest += share
        else:
            print("| %s | %.1f | %.0f |" % (name, share, share / 100 * packet))
    if rest:
        print("| the rest | %.1f | %.0f |" % (rest, rest / 100 * packet))


def main(row, kernel_symbols, said):
    symbols, kernel, module = load(kernel_symbols, said)
    by_tenth = collections.defaultdict(collections.Counter)
    for tenth, name in samples(sys.stdin, symbols, kernel, module):
        by_tenth[tenth][name] += 1
    total = collections.Counter()
    for names in by_tenth.values():
        if any(CRYPT.match(name) for name in names):
            total.update(names)
    count = sum(total.values())
    if not count:
        sys.exit("no sample was taken while something was encrypted")
    found = rates(row, said)
    packet = 8e3 * 1448 / (sum(found) / len(found))
    print("%s: %.0f and %.0f Mbit/s, %.0f ns a packet, %d samples" % (row, *found, packet, count))
    areas = collections.Counter()
    for name, n in total.items():
        areas[next(area for area, pattern in AREAS if pattern.search(name))] += n
    table("of this kind", areas, count, packet, 0.0)
    print()
    table("function", collections.Counter({"`%s`" % name: n for name, n in total.items()}), count, packet, LEAST)


main(*sys.argv[1:])
