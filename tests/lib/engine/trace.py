"""The events of tracepoints, as the kernel prints them."""
import contextlib
import os
import subprocess

WHERE = "/sys/kernel/tracing"


def mount():
    if not os.path.exists(WHERE + "/trace"):
        subprocess.run(["mount", "-t", "tracefs", "none", WHERE], check=True)


def write(file, text):
    # Not Python's own append, which looks for the end.
    fd = os.open(WHERE + "/" + file, os.O_WRONLY | os.O_APPEND)
    os.write(fd, text.encode())
    os.close(fd)


def recorded():
    """Events of the kernel's buffer: (name, {field: value})."""
    found = []
    with open(WHERE + "/trace") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            # task-pid [cpu] flags time: name: field=value ...
            name, fields = line.split(": ", 2)[1:]
            found.append((name, dict(field.split("=", 1) for field in fields.split() if "=" in field)))
    return found


@contextlib.contextmanager
def traced(*events):
    """Records these events, named system/name; yields what returns those that were recorded since."""
    mount()
    # Names of processes are not asked for; to learn them the kernel would patch its scheduler, which an emulated machine may not
    # survive: another processor meets the breakpoint that is there meanwhile when it is no longer expected.
    write("options/record-cmd", "0")
    with open(WHERE + "/trace", "w"):
        pass
    for event in events:
        write("events/%s/enable" % event, "1")
    try:
        yield recorded
    finally:
        for event in events:
            write("events/%s/enable" % event, "0")
        with open(WHERE + "/trace", "w"):
            pass
