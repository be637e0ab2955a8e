"""Verdicts in the form the runner reads: 'ok: ...', '# figure', and one 'FAIL: ...' that ends the test."""
import errno
import os
import sys
import time
import traceback


# A debug kernel takes that many times longer for everything.
SLOW = int(os.environ.get("LAB_SLOW") or 1)
# What a failed case would leave behind: called before it ends.
cleanups = []


def ok(what):
    print("ok: " + what)


def note(what):
    print("# " + what)


def fail(why):
    raise AssertionError(why)


def need(what, condition, detail=""):
    if not condition:
        fail(what + (": " + str(detail) if detail != "" else ""))
    ok(what)


def equal(what, got, want):
    if got != want:
        fail("%s: got %s, must be %s" % (what, show(got), show(want)))
    ok("%s: %s" % (what, show(want)))


def show(value):
    text = repr(value)
    return text if len(text) < 160 else text[:150] + "... (%d)" % len(text)


def errno_of(action, *args, **kw):
    """The errno that a call ends with, and its text for the user; 0 when it succeeds."""
    try:
        action(*args, **kw)
    except TimeoutError as err:
        # Python's own; a timeout of the kernel has a number.
        return err.errno or errno.ETIME, "waited in vain"
    except OSError as err:
        return err.errno, getattr(err, "text", "")
    return 0, ""


def refused(what, want, action, *args, **kw):
    """The call must fail with this errno; returns the text that came with it."""
    got, text = errno_of(action, *args, **kw)
    if got != want:
        fail("%s: errno %s (%s), must be %s" % (what, name(got), text, name(want)))
    ok("%s: %s %s" % (what, name(want), text))
    return text


def name(number):
    return errno.errorcode.get(number, str(number)) if number else "success"


def wait_for(what, seconds, condition, detail=None):
    """Polls until the condition holds; returns its value. A busy host makes the polls slow, too: so many in any case."""
    seconds *= SLOW
    end = time.monotonic() + seconds
    least = 10 * seconds
    while True:
        value = condition()
        if value:
            ok(what)
            return value
        least -= 1
        if time.monotonic() > end and least < 0:
            fail("%s: not within %s s%s" % (what, seconds, "" if detail is None else ": %s" % show(detail())))
        time.sleep(0.01)


def run(topics):
    """Runs the topics of a case in order. A topic is a function; its doc string says what it is about."""
    for topic in topics:
        print("-- " + (topic.__doc__ or topic.__name__))
        try:
            topic()
        except Exception as err:  # whatever it is, it is the reason why the test failed
            traceback.print_exc(file=sys.stdout)
            frames = traceback.extract_tb(err.__traceback__)
            mine = [f for f in frames if os.path.basename(f.filename) == os.path.basename(sys.argv[0])] or frames
            kind = "" if isinstance(err, AssertionError) else type(err).__name__ + ": "
            print("FAIL: %s: %s%s (%s:%d)" % (topic.__name__.replace("_", " "), kind, err,
                                              os.path.basename(mine[-1].filename), mine[-1].lineno))
            sys.stdout.flush()
            for cleanup in list(cleanups):
                cleanup()
            # Not sys.exit: threads of a failed topic may be blocked for good.
            os._exit(1)
