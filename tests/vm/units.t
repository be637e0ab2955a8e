#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The parts of the runner that need no machine: options, cases, the choice of kernels, the queue, what guests and consoles say, the
cache, and what a run reports. Prints TAP."""
import contextlib
import hashlib
import io
import os
import pathlib
import sys
import tempfile
import threading
import types
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
from vm import cache, crew, debug, kernel, matrix, module, options, qemu, source, testcase, uml  # noqa: E402
from vm import suite as suites  # noqa: E402
from vm.command import Failure  # noqa: E402
from vm.kernel import Found, Kernel  # noqa: E402
from vm.matrix import Matrix, Target  # noqa: E402
from vm.options import Options  # noqa: E402
from vm.queue import Job, Queue, Vm  # noqa: E402
from vm.report import Report, Result  # noqa: E402
from vm.suite import Suite  # noqa: E402


class Scratch(unittest.TestCase):
    """A test with a directory of its own, and a cache in it."""

    def setUp(self) -> None:
        self.dir = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(cache, "ROOT", self.dir / "cache"))
        self.stderr = self.enterContext(open(self.dir / "stderr", "w"))
        self.enterContext(contextlib.redirect_stderr(self.stderr))

    def said(self) -> str:
        self.stderr.flush()
        return (self.dir / "stderr").read_text()

    def case(self, name: str, text: str = "") -> testcase.Case:
        (self.dir / name).write_text(text)
        return testcase.Case(self.dir / name)


class OptionsTest(Scratch):
    def record(self, *lines: str) -> None:
        self.enterContext(mock.patch.object(options, "record", lambda: self.dir / "record"))
        (self.dir / "record").write_text("".join(f"{line}\n" for line in lines))

    def test_without_a_word_all_cases_run_on_61(self) -> None:
        said = Options([])
        self.assertEqual((said.kernels, said.jobs, said.only), (["6.1"], 3, []))
        self.assertEqual(said.names, sorted(said.cases))

    def test_names_and_options_may_be_mixed(self) -> None:
        said = Options(["mtu-576", "--kernel", "6.1,newest", "mtu-1500", "--kernel", "6.12/arm64", "--jobs", "1"])
        self.assertEqual((said.names, said.kernels, said.jobs), (["mtu-576", "mtu-1500"], ["6.1", "newest", "6.12/arm64"], 1))

    def test_settings_come_to_the_guest(self) -> None:
        said = Options(["--set", "A=1", "--userspace", "--set", "B=2"])
        self.assertEqual(said.append, " lab.set=A=1 lab.set=B=2 lab.userspace=yes")
        self.assertFalse(said.with_module)

    def test_a_failure_is_repeated_as_it_was_run(self) -> None:
        words = ["--userspace", "--timeout", "9", "--set", "A=two words", "--with", "/file"]
        self.assertEqual(Options([*words, "--jobs", "1"]).command("6.1", "mtu-576"),
                         "tests/run --userspace --timeout 9 --set 'A=two words' --with /file --kernel 6.1 mtu-576")

    def test_failed_repeats_what_has_failed_and_nothing_else(self) -> None:
        self.record("option --set", "option A=two words", "failed 6.1/arm64 mtu-576", "failed newest mtu-1500")
        said = Options(["--failed", "--jobs", "1"])
        self.assertEqual((said.kernels, said.names), (["6.1/arm64", "newest"], ["mtu-1500", "mtu-576"]))
        self.assertEqual(said.append, " lab.set=A=two words")
        self.assertTrue(said.wanted("6.1-arm64", "mtu-576"))
        self.assertFalse(said.wanted("6.1-arm64", "mtu-1500"))

    def test_nothing_has_failed(self) -> None:
        self.record("option ", "failed ")
        with self.assertRaises(SystemExit) as end:
            Options(["--failed"])
        self.assertEqual((end.exception.code, self.said()), (0, "# in the last run here nothing has failed\n"))

    def test_mistakes(self) -> None:
        with self.assertRaises(SystemExit) as end:
            Options(["--no-such-option"])
        self.assertEqual(end.exception.code, 2)
        self.assertIn("usage: tests/run", self.said())
        with self.assertRaisesRegex(Failure, "no test nope"):
            Options(["nope"])

    def test_shell_takes_one_kernel_of_amd64(self) -> None:
        with mock.patch("sys.stdin.isatty", return_value=True, create=True):
            for name in ("6.1,newest", "all", "6.1/arm64"):
                with self.assertRaisesRegex(Failure, "takes one kernel"):
                    Options(["--shell", name])


class CaseTest(Scratch):
    def test_header_ends_where_the_comments_do(self) -> None:
        self.assertEqual(testcase.header("# topic: a\n# vm: alone\n# vm: icount\ntrue\n# timeout: 5\n"), {"topic": "a", "vm": "alone"})

    def test_machines(self) -> None:
        plain, alone = self.case("plain.sh"), self.case("alone.sh", "# vm: alone mem=3G\n")
        counted = self.case("counted.py", "# vm: icount\n# timeout: 5\n")
        self.assertEqual(plain.vm("6.1"), Vm("6.1", "smp", "2G", True))
        self.assertEqual(plain.vm("6.1", counted=True), Vm("6.1", "icount", "2G", False))
        self.assertEqual(alone.vm("6.1"), Vm("6.1", "smp", "3G", False))
        self.assertEqual(counted.vm("6.1"), Vm("6.1", "icount", "2G", False))
        steady = self.case("steady.sh", "# kernels: first\n# vm: clock\n")
        self.assertEqual((steady.vm("6.1"), steady.vm("6.1", counted=True)), (Vm("6.1", "clock", "2G", True), Vm("6.1", "icount", "2G", False)))
        first, both = self.case("first.sh", "# kernels: first\n"), self.case("both.sh", "# kernels: first\n# vm: smp\n")
        self.assertEqual((first.vm("6.1"), both.vm("6.1")), (Vm("6.1", "up", "2G", True), Vm("6.1", "smp", "2G", True)))
        self.assertEqual(first.vm("debug-7.3"), Vm("debug-7.3", "smp", "4G", True))
        self.assertEqual(counted.vm("debug-7.3"), Vm("debug-7.3", "smp", "4G", True))
        self.assertEqual((plain.timeout, counted.timeout), (60, 5))

    def test_unknown_words(self) -> None:
        for text in ("# vm: icuont\n", "# kernels: frist\n"):
            with self.assertRaises(Failure):
                self.case("bad.sh", text)


class SuiteTest(unittest.TestCase):
    def test_versions_sort_by_value(self) -> None:
        wanted = ["6.1.0-9", "6.1.0-56", "6.12.9+deb13", "6.12.117+deb12", "6.12.118~bpo12", "6.12.118", "6.12.118+deb13", "7.3.4"]
        self.assertEqual(sorted(reversed(wanted), key=suites.version_key), wanted)

    def test_another_suite_is_where_this_one_is(self) -> None:
        lines = ["http://a bookworm main", "http://a bookworm-backports main", "http://a bookworm-updates main", "http://b other x"]
        self.assertEqual(suites.sources_elsewhere(lines, "bookworm", "bookworm"), lines)
        self.assertEqual(suites.sources_elsewhere(lines, "bookworm", "trixie"),
                         ["http://a trixie-backports main", "http://a trixie main", "http://a trixie-updates main"])

    def test_an_architecture_is_a_part_of_the_name(self) -> None:
        self.assertEqual((str(Suite("trixie", "arm64")), Suite("trixie", "arm64").word, str(Suite("trixie"))),
                         ("trixie:arm64", "trixie-arm64", "trixie"))


ARCHIVE = {
    "bookworm": [(kind, f"6.1.0-{n}-cloud-amd64") for n in (9, 56, 57) for kind in ("image", "headers")] +
                [(kind, "6.12.117+deb12-cloud-amd64") for kind in ("image", "headers")],
    "trixie": [("image", "7.0.1+deb13-cloud-amd64"), *((kind, "6.12.118+deb13-cloud-amd64") for kind in ("image", "headers")), *((kind, f"7.3.{n}+deb13-{flavour}") for n in (3, 4)
               for flavour in ("cloud-amd64", "amd64", "rt-amd64") for kind in ("image", "headers"))],
    "bookworm:arm64": [(kind, "6.1.0-57-cloud-arm64") for kind in ("image", "headers")],
    "trixie:arm64": [(kind, "7.3.4+deb13-cloud-arm64") for kind in ("image", "headers")],
}


class ArchiveTest(Scratch):
    """With an archive that has few kernels."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mock.patch.object(suites, "host", lambda: "bookworm"))
        self.updated = self.enterContext(mock.patch.object(Suite, "update", autospec=True))
        self.enterContext(mock.patch.object(kernel, "packages", lambda suite, flavour: [
            (kind, version) for kind, version in ARCHIVE[str(suite)] if kernel.flavour(version) == flavour]))

    def find(self, name: str) -> str:
        found = Kernel(name).find()
        return f"{found.version} {found.suite}" if found else ""

    def test_a_name_finds_a_kernel(self) -> None:
        self.assertEqual(self.find("6.1"), "6.1.0-57-cloud-amd64 bookworm")
        self.assertEqual(self.find("newest"), "7.3.4+deb13-cloud-amd64 trixie")
        self.assertEqual(self.find("newest@bookworm"), "6.12.117+deb12-cloud-amd64 bookworm")
        self.assertEqual(self.find("6.1/arm64"), "6.1.0-57-cloud-arm64 bookworm:arm64")
        self.assertEqual(self.find("newest/arm64"), "7.3.4+deb13-cloud-arm64 trixie:arm64")
        self.assertEqual(self.find("6.1.0-57-cloud-arm64@bookworm"), "6.1.0-57-cloud-arm64 bookworm:arm64")
        self.assertEqual(self.find("7.3.4+deb13-rt-amd64@trixie"), "7.3.4+deb13-rt-amd64 trixie")
        self.assertEqual(self.find("6.1.0-5"), "")

    def test_lists_are_fetched_for_what_is_not_there_yet(self) -> None:
        Kernel("6.1").look()
        self.assertEqual(self.updated.call_count, 1)
        (cache.ROOT / "kernels/6.1.0-57-cloud-amd64").mkdir(parents=True)
        Kernel("6.1").look()
        self.assertEqual(self.updated.call_count, 1)

    def test_a_kernel_without_headers_says_so(self) -> None:
        with self.assertRaisesRegex(Failure, "linux-image-7.0.1.deb13-cloud-amd64 in trixie, but not its headers"):
            Kernel("7.0").look()
        with self.assertRaisesRegex(Failure, "the archive has no kernel 5.10 in bookworm,trixie"):
            Kernel("5.10").look()

    def test_all(self) -> None:
        found = Matrix(["all"])
        self.assertEqual([(target.kernel, target.label, target.role) for target in found.targets], [
            ("6.1.0-57-cloud-amd64@bookworm", "6.1.0-57", "full"), ("7.3.4+deb13-cloud-amd64@trixie", "7.3.4+deb13", "most"),
            ("7.3.4+deb13-rt-amd64@trixie", "7.3.4+deb13-rt-amd64", "core"), ("6.1.0-57-cloud-arm64@bookworm", "6.1.0-57-cloud-arm64", "core"),
            ("6.12.118+deb13-cloud-amd64@trixie", "6.12.118+deb13", "core")])
        self.assertEqual((found.trouble, found.left_out), ([], [
            "trixie has these without headers, so nothing can be built for them: 7.0.1+deb13",
            "earlier point releases, which --kernel every has: 7.3.3+deb13 6.12.117+deb12 6.1.0-56 6.1.0-9"]))

    def test_every(self) -> None:
        found = Matrix(["every"])
        self.assertEqual([target.role for target in found.targets[:2]], ["full", "full"])
        self.assertEqual([target.label for target in found.targets[-4:]], ["7.3.3+deb13", "6.12.117+deb12", "6.1.0-56", "6.1.0-9"])
        self.assertEqual({target.role for target in found.targets[2:]}, {"core", "build"})
        self.assertEqual([target.label for target in found.targets if target.role == "build"], ["7.3.4+deb13-cloud-arm64"])

    def test_lists_that_cannot_be_had_are_trouble(self) -> None:
        self.updated.side_effect = Failure("the package lists cannot be had")
        found = Matrix(["all"])
        self.assertEqual((found.targets, len(found.trouble)), ([], 4))


class RoleTest(Scratch):
    def test_what_a_role_has(self) -> None:
        cases = [self.case(f"{word or 'plain'}.sh", f"# kernels: {word}\n" if word else "") for word in ("first", "", "all", "debug")]

        def names(role: str, label: str = "6.1") -> list[str]:
            return [case.name for case in cases if Target(label, label, role).wants(case)]

        self.assertEqual([names(role) for role in ("full", "most", "core", "build")],
                         [["first", "plain", "all"], ["plain", "all"], ["all"], []])
        self.assertEqual((names("most", "debug-7.3"), names("most", "kcsan-7.3")), (["plain", "all", "debug"], ["plain", "all"]))

    def test_named_kernels(self) -> None:
        self.assertEqual([(target.label, target.role) for target in Matrix(["6.1/arm64", "newest"]).targets],
                         [("6.1-arm64", "full"), ("newest", "most")])

    def test_table(self) -> None:
        verdicts = {("6.1", "module-builds-without-warning"): "passed", ("6.1", "a"): "passed", ("6.1", "b"): "failed", ("7.3", "a"): "passed"}
        self.assertEqual([row.split() for row in matrix.table(["6.1", "7.3"], verdicts, {"a"})[1:]],
                         [["6.1", "yes", "1", "0/1", "b"], ["7.3", "-", "1", "-"]])


class QueueTest(unittest.TestCase):
    def setUp(self) -> None:
        self.queue, self.old, self.new = Queue(), Vm("6.1", "smp", "2G", True), Vm("7.3", "smp", "2G", True)

    def fill(self, *jobs: Job) -> None:
        for job in jobs:
            self.queue.add(job)
        self.queue.close()

    def test_a_worker_rather_takes_a_kernel_that_no_other_has(self) -> None:
        a, b, c = Job(self.old, "a"), Job(self.old, "b"), Job(self.new, "c")
        self.fill(a, b, c)
        self.assertEqual([self.queue.wait(worker) for worker in (1, 2, 3, 3)], [a, c, b, None])

    def test_a_machine_serves_what_wants_its_like(self) -> None:
        a, b = Job(self.old, "a"), Job(self.old, "b")
        self.fill(a, Job(self.new, "other"), Job(Vm("6.1", "smp", "4G", True), "big"), Job(Vm("6.1", "smp", "2G", False), "alone"), b)
        self.assertEqual([self.queue.wait(1), self.queue.next_for(1, self.old), self.queue.next_for(1, self.old)], [a, b, None])

    def test_a_machine_of_its_own_serves_nothing_else(self) -> None:
        alone = Vm("6.1", "icount", "2G", False)
        self.fill(Job(alone, "a"), Job(alone, "b"))
        self.queue.wait(1)
        self.assertIsNone(self.queue.next_for(1, alone))

    def test_a_worker_waits_for_what_is_prepared(self) -> None:
        got = []
        waiting = threading.Thread(target=lambda: got.append(self.queue.wait(1)))
        waiting.start()
        self.queue.add(Job(self.old, "late"))
        waiting.join(60)
        self.assertEqual(got, [Job(self.old, "late")])


class GuestTest(unittest.TestCase):
    def test_answer(self) -> None:
        answer = crew.Answer()
        for line in ("> start a", "# note", "| == output", "| text", "noise", "! reason", "> end failed 7"):
            answer.hear(line)
        self.assertEqual((answer.verdict, answer.clock, answer.notes, answer.log), ("failed", "7", ["# note", "! reason"], ["== output", "text"]))

    def test_console_shows_the_first_sign_of_trouble(self) -> None:
        console = [f"line {i}" for i in range(50)]
        self.assertEqual(crew.trouble(console), console[40:])
        console[10] = "Kernel panic"
        self.assertEqual(crew.trouble(console), console[10:35])

    def test_lines_of_a_machine(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            machine = qemu.Machine(pathlib.Path(folder) / "console", ["sh", "-c", "printf 'one\\r\\ntwo\\npart'; read line; echo \"-$line\""])
            self.assertEqual((machine.line(60), machine.line(60)), ("one", "two"))
            with self.assertRaises(TimeoutError):
                machine.line(0.01)
            machine.say("end")
            self.assertEqual(machine.line(60), "part-end")
            with self.assertRaises(EOFError):
                machine.line(60)
            machine.say("into nothing")
            machine.stop()


class FakeMachine:
    """Says what it was told to say; an exception is raised, and a line that is no machine's ends its start."""

    def __init__(self, *script: str | type[Exception]) -> None:
        self.script, self.heard = list(script), []

    def line(self, seconds: float) -> str:
        said = self.script.pop(0)
        if isinstance(said, str):
            return said
        raise said

    def say(self, text: str) -> None:
        self.heard.append(text)

    def stop(self) -> None:
        self.heard.append("stopped")

    def tail(self, count: int = 15) -> list[str]:
        return ["end of console"]

    def console(self) -> list[str]:
        return ["Kernel panic"]

    def worked(self) -> float:
        return 0.0


class WorkerTest(Scratch):
    def run_machines(self, names: list[str], *machines: FakeMachine) -> list[Result | str]:
        run = crew.Run(types.SimpleNamespace(append="", terminal="", timeout=60), None, [], self.dir, self.dir, arch={"6.1": "amd64"})
        for name in names:
            run.queue.add(Job(Vm("6.1", "smp", "2G", True), name))
        run.queue.close()
        with mock.patch.object(crew, "Machine", side_effect=machines), mock.patch.object(crew.image, "join"):
            crew.Worker(run, 1).work()
        return [run.heard.get() for _ in range(run.heard.qsize())]

    def test_a_machine_serves_two_tests(self) -> None:
        machine = FakeMachine("> ready 6.1", "> end passed 3", "> end passed 4", "> bye")
        said = self.run_machines(["a", "b"], machine)
        self.assertEqual([(result.name, result.passed, result.clock) for result in said], [("a", True, "3"), ("b", True, "4")])
        self.assertEqual(machine.heard, ["run a 180", "run b 180", "quit", "stopped"])

    def test_after_a_failure_comes_a_fresh_machine(self) -> None:
        said = self.run_machines(["a", "b"], FakeMachine("> ready 6.1", "! reason", "| log", "> end failed 3", "> bye"),
                                 FakeMachine("> ready 6.1", "> end passed 4", "! held", "> bye"))
        self.assertEqual([(result.name, result.passed) for result in said], [("a", False), ("b", True), ("vm-end-after-b", False)])
        self.assertEqual((said[0].notes, said[2].notes), (["! reason", f"# log: {self.dir}/6.1-a.log"], ["! held"]))
        self.assertEqual((self.dir / "6.1-a.log").read_text(), "log\n")

    def test_a_machine_that_dies_or_hangs_fails_its_test_alone(self) -> None:
        said = self.run_machines(["a", "b"], FakeMachine("> ready 6.1", EOFError), FakeMachine("> ready 6.1", TimeoutError))
        self.assertEqual([result.notes[-1] for result in said], ["! the VM died", "! the VM hung: no result after 270 s"])
        self.assertEqual(said[0].notes[0], "# console: Kernel panic")

    def test_a_machine_that_does_not_boot_gets_another_chance(self) -> None:
        said = self.run_machines(["a", "b"], FakeMachine(TimeoutError), FakeMachine("> ready 6.1", "> end passed 1", "> end passed 1", "> bye"))
        self.assertEqual(said[0], "6.1: the VM did not boot: end of console; once more")
        self.assertEqual([result.passed for result in said[1:]], [True, True])
        said = self.run_machines(["a"], FakeMachine(TimeoutError), FakeMachine(EOFError))
        self.assertEqual(said[1].notes, ["! the VM did not boot: end of console"])


class ReportTest(Scratch):
    def report(self, kernels: list[str]) -> Report:
        return Report(Options(["--icount", "mtu-576", "mtu-1500"]), Matrix(kernels))

    def shown(self, report: Report, *said: Result | str) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            for one in said:
                report.show(one)
            self.well = report.end()
        return out.getvalue()

    def test_all_is_well(self) -> None:
        report = self.report(["6.1"])
        out = self.shown(report, "a note", Result("6.1", "mtu-576", True, 12, ["# figure"], "7", 11))
        self.assertTrue(out.startswith("# a note\nok 1 - 6.1 mtu-576\n# figure\n#   12 s, by the machine's clock 7, of a processor 11\n1..1\n# 1 passed, 0 failed, "))
        self.assertTrue(self.well)

    def test_failures_are_remembered_with_what_repeats_them(self) -> None:
        out = self.shown(self.report(["6.1"]), Result("6.1", "vm-end-after-mtu-1500", False, 0, ["! held"]))
        self.assertIn("not ok 1 - 6.1 vm-end-after-mtu-1500\n#   failed: held\n#   again: tests/run --icount --kernel 6.1 mtu-1500\n", out)
        self.assertEqual(options.failures(), (["--icount"], [("6.1", "mtu-1500")]))
        self.assertFalse(self.well)

    def test_what_was_not_heard_of_has_failed(self) -> None:
        report = self.report(["6.1", "newest"])
        report.planned.append(("6.1", "mtu-576"))
        report.matrix.trouble.append("no lists")
        out = self.shown(report)
        for line in ("not ok 1 - 6.1 mtu-576", "not ok 2 - newest kernel", "not ok 3 - archive no-lists", "#   failed: it did not run"):
            self.assertIn(f"{line}\n", out)


class CacheTest(Scratch):
    def test_an_entry_is_made_once(self) -> None:
        made = []
        for _ in range(2):
            entry = cache.make("kind/entry", lambda work: made.append(work.dir.joinpath("file").write_text("x")))
        self.assertEqual((entry, made, (entry / "file").read_text()), (cache.ROOT / "kind/entry", [1], "x"))
        self.assertEqual(sorted(os.listdir(entry.parent)), ["entry", "entry.lock"])

    def test_what_cannot_be_made_leaves_its_log(self) -> None:
        with self.assertRaisesRegex(Failure, "entry cannot be made: sh has failed, status 3"):
            cache.make("entry", lambda work: work.run("sh", "-c", "echo why; exit 3"))
        self.assertIn("# why\n", self.said())
        self.assertFalse((cache.ROOT / "entry").exists())
        self.assertEqual([file.read_text() for file in cache.ROOT.glob("*.log")], ["why\n"])

    def test_one_at_a_time(self) -> None:
        real, order, arrived = cache.lock, [], threading.Event()

        def lock(path: pathlib.Path):
            if threading.current_thread() is other:
                arrived.set()
            return real(path)

        def slow(work: cache.Work) -> None:
            other.start()
            self.assertTrue(arrived.wait(60))
            order.append("made")

        other = threading.Thread(target=lambda: order.append(cache.make("entry", lambda work: order.append("made again")).name))
        with mock.patch.object(cache, "lock", lock):
            cache.make("entry", slow)
            other.join(60)
        self.assertEqual(order, ["made", "entry"])

    def test_the_key_of_a_module_covers_sources_and_kernel(self) -> None:
        (self.dir / "src").mkdir()
        for name in ("Makefile", "src/a.c", "src/Kbuild", "src/a.mod.c", "src/a.o"):
            (self.dir / name).write_text("x")
        found = module.sources(self.dir)
        self.assertEqual(found.names, ["Makefile", "src/Kbuild", "src/a.c"])
        self.assertEqual(found.digests().split("\n")[0], f"{hashlib.sha256(b'x').hexdigest()}  Makefile")
        made = []
        with (mock.patch.object(module, "place"), mock.patch.object(cache, "make", lambda name, maker: made.append(name) or self.dir)):
            for version in ("6.1.0-56-cloud-amd64", "6.1.0-57-cloud-amd64", "6.1.0-57-cloud-amd64"):
                module.ours(Found(version, Suite("bookworm")), self.dir)
            (self.dir / "src/a.c").write_text("y")
            module.ours(Found("6.1.0-57-cloud-amd64", Suite("bookworm")), self.dir)
        self.assertEqual((made[1] == made[2], len(set(made))), (True, 3))

    def test_a_recipe_has_another_key_when_it_changes(self) -> None:
        keys = {cache.recipe(8, *parts) for parts in (["a"], ["b"], ["a", module.headers], ["a", kernel.fetch])}
        self.assertEqual(len(keys), 4)


class SourceTest(unittest.TestCase):
    def test_configuration_of_a_series(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(source, "TESTS", pathlib.Path(folder)):
            (source.TESTS / "vm/config").mkdir(parents=True)
            (source.TESTS / "vm/config/machine.config").write_text("CONFIG_A=y\n@6.12 CONFIG_B=y\n@7.3 CONFIG_C=y\n")
            (source.TESTS / "vm/config/kcsan.config").write_text("CONFIG_D=y\n")
            self.assertEqual(debug.kind("kcsan-7.3").config, "CONFIG_A=y\nCONFIG_C=y\nCONFIG_D=y\n")

    def test_lines_that_do_not_survive(self) -> None:
        self.assertEqual(source.lost("# text\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=y\n", "CONFIG_A=y\n"), "# CONFIG_B is not set; CONFIG_C=y")

    def test_a_version_says_what_it_is_made_of(self) -> None:
        with mock.patch.object(source, "package", lambda name, suite: "7.3.4-1"):
            kinds = [kernel.kind(name) for name in ("uml-7.3", "debug-7.3", "kcsan-7.3")]
            made = [source.version("uml-7.3", kind, Suite("trixie")) for kind in (*kinds, kinds[0]._replace(make=("A=b",)), kinds[0])]
        self.assertRegex(made[0], "^7.3.4-uml-[0-9a-f]{8}$")
        self.assertEqual((source.name(made[0]), len(set(made)), made[0]), ("uml-7.3", 4, made[4]))


class DebugTest(unittest.TestCase):
    def test_names(self) -> None:
        self.assertEqual([debug.is_whole(name) for name in ("7.3.4-debug-a81230ac", "7.3.4-kcsan-5dd54130")], [True, False])
        self.assertEqual([debug.factor(name) for name in ("debug-7.3", "7.3")], [5, 1])


class UmlTest(unittest.TestCase):
    def test_names(self) -> None:
        self.assertEqual([uml.is_uml(name) for name in ("uml-7.3", "7.3.4-uml-1e958753", "7.3", "debug-7.3")], [True, True, False, False])

    def test_configuration_leaves_out_lines_of_other_kernels(self) -> None:
        lines = uml.kind("uml-7.3").config.splitlines()
        self.assertIn("CONFIG_NR_CPUS=2", lines)
        self.assertNotIn("CONFIG_NR_CPUS=8", lines)
        self.assertEqual([line for line in lines if line.startswith(("- ", "@"))], [])

    def test_a_counted_clock_has_one_processor(self) -> None:
        where = [pathlib.Path(name) for name in ("console", "linux", "initrd")]
        counted, other = ([*qemu.arguments(*where, mode, "2G", "a=b", arch="um")] for mode in ("icount", "smp"))
        self.assertEqual((counted[3:5], "ncpus=1" in counted, other[3:5]), (["taskset", "-c"], True, ["linux", "mem=2G"]))
        self.assertEqual(other[-2:], ["lab.talk=ttyS0", "a=b"])


class Tap(unittest.TestResult):
    """Prints a line of TAP for each test."""

    def line(self, test: unittest.TestCase, verdict: str, why: str = "") -> None:
        print(f"{verdict} {self.testsRun} - {test.id().removeprefix('__main__.')}", *why.splitlines(), sep="\n# ", flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.line(test, "ok")

    def addFailure(self, test: unittest.TestCase, err) -> None:
        super().addFailure(test, err)
        self.line(test, "not ok", self.failures[-1][1])

    def addError(self, test: unittest.TestCase, err) -> None:
        super().addError(test, err)
        self.line(test, "not ok", self.errors[-1][1])


if __name__ == "__main__":
    result = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]).run(Tap())
    print(f"1..{result.testsRun}")
    sys.exit(not result.wasSuccessful())
