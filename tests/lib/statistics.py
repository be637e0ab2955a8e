"""What a file of ping's says: mean, median, 99th percentile and maximum of the round trips, packets lost, and a curve: the
round trips at every hundredth of their order."""
import re
import sys

with open(sys.argv[1]) as lines:
    text = lines.read()
answers = {int(n): float(t) for n, t in re.findall(r"icmp_seq=(\d+) .*?time=([\d.]+) ms", text)}
sent = int(re.search(r"(\d+) packets transmitted", text)[1])
if len(answers) < 50:
    sys.exit("only %d answers" % len(answers))
times = sorted(answers.values())


def at(share):
    return times[min(len(times) - 1, int(share * len(times)))]


print("mean %.1f" % (sum(times) / len(times)))
print("p50 %.1f" % at(0.5))
print("p99 %.1f" % at(0.99))
print("max %.1f" % times[-1])
print("lost %d" % (sent - len(answers)))
print("series " + " ".join("%.1f" % at(n / 100) for n in range(101)))
