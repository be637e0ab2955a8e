"""Makes one set of figures of many: medians, and how far the runs are apart.

  medians.py RESULTS          from RESULTS/rounds to RESULTS/figures
  medians.py --busy RESULTS   status 0 if the machine was busy then, and says so"""
import json
import os
import shutil
import statistics
import sys

# More than that of a processor for other things, and the figures are void.
OTHER, STEAL = 0.1, 0.02


def processor():
    with open("/proc/cpuinfo") as lines:
        found = dict(line.strip().split("\t: ", 1) if "\t: " in line else (line, "") for line in reversed(list(lines)))
    name = found.get("model name", "an unknown processor")
    features = [word for word in ("aes", "vaes", "avx512vl") if word in found.get("flags", "").split()]
    return "%s (%s), %d of them" % (name, ", ".join(features) or "without AES instructions", os.cpu_count())


def rounds(results):
    top = os.path.join(results, "rounds")
    return [os.path.join(top, name) for name in os.listdir(top) if os.path.isdir(os.path.join(top, name))]


def collect(results):
    """Of each kernel and row: the lines that say what was measured, and of each figure all values."""
    found = {}
    for top in rounds(results):
        for series in os.listdir(top):
            for row in os.listdir(os.path.join(top, series)):
                about, figures = found.setdefault((series, row), ({}, {}))
                with open(os.path.join(top, series, row)) as lines:
                    for line in lines:
                        kind, *words = line.split()
                        if kind == "bench":
                            figures.setdefault(words[0], []).append(float(words[1]))
                        elif kind in ("kernel", "sources"):
                            about[kind] = words[0]
    return found


def spread(values):
    """Half of what the middle half spans, in per cent of the median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / middle * 100


def condense(figures):
    """A ping is in microseconds here."""
    result, spreads = {}, {}
    for key, values in figures.items():
        prefix, _, column = key.rpartition(".")
        if column == "mean":
            values, key = [value * 1000 for value in values], prefix + ".us"
        result[key] = statistics.median(values)
        spreads.setdefault(prefix, []).append(spread(values))
    result.update((prefix + ".spread", max(values)) for prefix, values in spreads.items())
    return result


def loads(results):
    """What else went on, as a mean of all runs."""
    found = []
    top = os.path.join(results, "rounds")
    for name in os.listdir(top):
        if name.endswith(".load"):
            with open(os.path.join(top, name)) as text:
                found.append(json.load(text))
    seconds = sum(load["seconds"] for load in found)
    return {kind: sum(load[kind] * load["seconds"] for load in found) / seconds for kind in ("other", "steal")}


def write(results):
    target = os.path.join(results, "figures")
    shutil.rmtree(target, ignore_errors=True)
    for (series, row), (about, figures) in collect(results).items():
        os.makedirs(os.path.join(target, series), exist_ok=True)
        with open(os.path.join(target, series, row), "w") as out:
            out.writelines("%s %s\n" % pair for pair in about.items())
            out.writelines("bench %s %.4g\n" % pair for pair in condense(figures).items())
    about = loads(results)
    about.update(processor=processor(), runs=len(rounds(results)), busy=about["other"] > OTHER or about["steal"] > STEAL)
    os.makedirs(target, exist_ok=True)
    with open(os.path.join(target, "host.json"), "w") as out:
        json.dump(about, out)


def busy(results):
    with open(os.path.join(results, "figures/host.json")) as text:
        about = json.load(text)
    if about["busy"]:
        print("VOID: this machine had other things to do: %.2f of a processor for other programs (at most %.2f), %.3f stolen by "
              "other machines (at most %.2f)." % (about["other"], OTHER, about["steal"], STEAL))
    return 0 if about["busy"] else 1


if sys.argv[1] == "--busy":
    sys.exit(busy(sys.argv[2]))
write(sys.argv[1])
