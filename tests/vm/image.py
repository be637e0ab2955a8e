# SPDX-License-Identifier: GPL-2.0
"""The first root file system of a machine. A kernel unpacks several archives one after the other, so the big parts (root file system,
modules of the kernel) are packed only once; the last part has the tests, and what is made on this machine for the guest: the control
tool, the fuzzer of the doors, and certificates."""
import pathlib
import shutil
import tempfile

from . import REPO, TESTS, cache, command
from .suite import host

LIBRARIES = "make gcc libc6-dev pkg-config libnl-3-dev libnl-genl-3-dev"
CERTIFICATES = ("server", "client", *(f"c{n}" for n in range(1, 9)))


def pack(tree: pathlib.Path, what: str, archive: pathlib.Path) -> None:
    """WHAT is in TREE, as root's."""
    command.run("bash", "-o", "pipefail", "-c", 'find "$1" -print0 | cpio --null --quiet -R 0:0 -o -H newc >"$2"', "bash", what, archive, cwd=tree)


def join(whole: pathlib.Path, *parts: pathlib.Path) -> None:
    with open(whole, "wb") as out:
        command.run("cat", *parts, stdout=out)


def make(archive: pathlib.Path, cases: pathlib.Path, files: list[pathlib.Path]) -> None:
    """The part with the tests, and these files beside them."""
    with tempfile.TemporaryDirectory(prefix=f"{archive.name}.", dir=archive.parent) as top:
        lab = pathlib.Path(top) / "lab"
        for folder, name in ((TESTS / "lib", "lib"), (cases, "cases"), (certificates(), "certs")):
            shutil.copytree(folder, lab / name)
        for file in (TESTS / "vm/guest", *files):
            shutil.copy(file, lab)
        shutil.copy(TESTS / "vm/init", top)
        command.run("chmod", "755", lab / "guest", f"{top}/init")
        pack(lab.parent, ".", archive)


def tool() -> pathlib.Path:
    """The control tool; the guest has the libraries of this machine's suite."""
    command.needs(f"{LIBRARIES} libjson-c-dev libc-ares-dev libkmod-dev libmicrohttpd-dev libssl-dev")
    sources = cache.Sources(REPO, "tools/ovpn-mptcp-ctl src/uapi src/version.h -type f ( -name *.[ch] -o -name Makefile ) ! -path */build/*")
    return cache.make(f"tool/{host()}-{cache.key(sources.digests())}", _tool) / "ovpn-mptcp-ctl"


def _tool(work: cache.Work) -> None:
    program = work.dir / "build/ovpn-mptcp-ctl"
    work.run("make", "-C", REPO / "tools/ovpn-mptcp-ctl", "WERROR=1", f"BUILD={program.parent}", program)
    work.shell('mv "$1" .; rm -rf build', program)


def fuzzer() -> list[pathlib.Path]:
    """For guests with a debug kernel, with the list of the module's functions that its report needs."""
    command.needs(LIBRARIES)
    sources = cache.Sources(REPO, "tests/fuzz/doors src -type f ( -name *.[ch] -o -name Makefile ) ! -name *.mod.c")
    entry = cache.make(f"fuzz/{host()}-{cache.key(sources.digests())}", lambda work: work.run("make", "-C", TESTS / "fuzz/doors", f"BUILD={work.dir}"))
    return [entry / "netlink-fuzz", entry / "functions"]


def certificates() -> pathlib.Path:
    """Self-signed EC certificates; the two ends know each other by fingerprint, so no CA is needed."""
    command.needs("openssl")
    return cache.make(f"certs-{len(CERTIFICATES)}", lambda work: [work.shell(
        '''openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7300 -subj "/CN=$1" -keyout "$1.key" -out "$1.crt"
        openssl x509 -in "$1.crt" -noout -fingerprint -sha256 | sed 's/.*=//' >"$1.fingerprint"
        chmod 600 "$1.key"''', name) for name in CERTIFICATES])
