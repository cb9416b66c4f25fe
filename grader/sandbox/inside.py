"""Runs inside a probe box, as text: tries what a box must not allow, and prints what happened.

Standard library only, and nothing of the grader: the image has no copy of this file. Every attempt
that could change the process is made in a child of its own. It judges nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import platform
import resource
import signal
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, Final

NUMBERS: Final[dict[str, tuple[int, int]]] = {  # x86-64, arm64
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "pidfd_getfd": (438, 438),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
    "clone3": (435, 435),
}
CLONE: Final = (56, 220)
NEW_USER: Final = 0x10000000
ARGUMENTS: Final[dict[str, tuple[int, ...]]] = {
    "io_uring_setup": (1, 0),
    "unshare": (NEW_USER,),
    "ptrace": (0, 0, 0, 0),  # "trace me": harmless where it is allowed
    "clone": (NEW_USER | signal.SIGCHLD, 0, 0, 0, 0),
}
FAMILIES: Final = {"netlink": 16, "packet": 17, "alg": 38, "vsock": 40}
PRIVATE: Final = ("/work", "/tmp", "/dev/shm")  # noqa: S108 - the folders that a box may write to
MIB: Final = 1024 * 1024
SAID_BY_KERNEL: Final = ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp", "Uid")
FORKS_TRIED: Final = 400
FILES_TRIED: Final = 2_000
BUSY_S: Final = 0.5
ST_NODEV: Final = 4
"""As the kernel spells it; `os` has it on Linux alone."""


def name_of(number: int) -> str:
    """Return EPERM for 1, `done` for 0."""
    return errno.errorcode.get(number, str(number)) if number else "done"


def in_a_child(attempt: Callable[[], int]) -> str:
    """Return the name of the error that `attempt` ended with, made in a process of its own."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os._exit(attempt() & 0xFF)
        os._exit(255)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return f"killed by signal {-code}" if code < 0 else name_of(code)


def calls() -> dict[str, str]:
    """Make each call that must be refused."""
    library = ctypes.CDLL(None, use_errno=True)
    column = 1 if platform.machine() == "aarch64" else 0

    def call(number: int, arguments: tuple[int, ...]) -> int:
        longs = [ctypes.c_long(argument) for argument in arguments]
        if library.syscall(ctypes.c_long(number), *longs) >= 0:
            return 0
        return ctypes.get_errno()

    everything = NUMBERS | {"clone": CLONE}
    return {
        name: in_a_child(
            lambda number=numbers[column], name=name: call(  # type: ignore[misc]
                number, ARGUMENTS.get(name, (0, 0, 0, 0, 0))
            )
        )
        for name, numbers in everything.items()
    }


def sockets() -> dict[str, str]:
    """Open a socket of each family that leads out of a box."""
    return {f"socket {name}": error_of(_open, family) for name, family in FAMILIES.items()}


def _open(family: int) -> None:
    kind = socket.SOCK_SEQPACKET if family == FAMILIES["alg"] else socket.SOCK_RAW
    socket.socket(family, socket.SOCK_STREAM if family == FAMILIES["vsock"] else kind).close()


def error_of(action: Callable[..., object], *arguments: object) -> str:
    """Return the name of the error that the action raises, or `done`."""
    try:
        action(*arguments)
    except socket.gaierror:
        return "no name"
    except OSError as error:
        return name_of(error.errno or 255)
    return "done"


def network(addresses: list[str]) -> dict[str, Any]:
    """Look for ways out, and for the loopback that honest work needs."""
    with open("/proc/net/route", encoding="ascii") as table:  # noqa: PTH123 - one line of stdlib
        routes = len(table.readlines()) - 1
    with socket.create_server(("127.0.0.1", 0)) as server:
        loopback = error_of(socket.create_connection, server.getsockname(), 2)
    return {
        "routes": routes,
        "loopback": loopback,
        "localhost": error_of(socket.getaddrinfo, "localhost", 80),
        "dns": error_of(socket.getaddrinfo, "example.org", 80),
        "outside": {
            address: error_of(socket.create_connection, (address, 80), 2) for address in addresses
        },
    }


def writable_folders() -> list[str]:
    """Make a file in every folder that looks as if it could be done."""
    found = []
    for folder, below, _ in os.walk("/"):
        if folder == "/":
            below[:] = [name for name in below if name not in {"proc", "sys"}]
        if os.access(folder, os.W_OK):
            with contextlib.suppress(OSError):
                number, path = tempfile.mkstemp(dir=folder)
                os.close(number)
                os.unlink(path)  # noqa: PTH108
                found.append(folder)
    return sorted(found)


def kernel_files() -> list[str]:
    """Try to open files that steer the machine for writing."""
    tried = ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper")
    return [path for path in tried if error_of(os.open, path, os.O_WRONLY) == "done"]


def fill(folder: str, most_mb: int) -> int:
    """Return how many MiB fit into a folder, in files of 4 MiB, giving up at `most_mb`."""
    made: list[str] = []
    written = 0
    with contextlib.suppress(OSError):
        while written < most_mb * MIB:
            made.append(f"{folder}/big{len(made)}")
            with open(made[-1], "wb", buffering=0) as file:  # noqa: PTH123
                written += sum(file.write(bytes(MIB)) for _ in range(4))
    for path in made:
        written_here = os.stat(path).st_size  # noqa: PTH116
        os.unlink(path)  # noqa: PTH108
        written += written_here % (4 * MIB)  # the last one, which was cut off
    return written // MIB


def crowd(folder: str, most: int) -> int:
    """Return how many empty files fit into a folder, giving up at `most`."""
    made = []
    with contextlib.suppress(OSError):
        for number in range(most):
            path = f"{folder}/f{number}"
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            made.append(path)
    for path in made:
        os.unlink(path)  # noqa: PTH108
    return len(made)


def forks(most: int) -> int:
    """Return how many children can live at once, giving up at `most`."""
    children = []
    with contextlib.suppress(OSError):
        for _ in range(most):
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
            children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    return len(children)


def sockets_on_disk() -> list[str]:
    """Return the unix sockets of the file system: a host's would be a way out."""
    found = []
    for folder, below, files in os.walk("/"):
        if folder == "/":
            below[:] = [name for name in below if name not in {"proc", "sys"}]
        for file in files:
            path = f"{folder}/{file}"
            with contextlib.suppress(OSError):
                if stat.S_ISSOCK(os.lstat(path).st_mode):
                    found.append(path)
    return found


def kernel_says() -> dict[str, str]:
    """Return what the kernel knows about this process's rights."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
        lines = dict(line.rstrip().split(":\t", 1) for line in file if ":\t" in line)
    return {name: lines.get(name, "?").split()[0] for name in SAID_BY_KERNEL}


def opened(most: int) -> int:
    """Return how many files this process can have open at once, giving up at `most`."""
    held: list[int] = []
    with contextlib.suppress(OSError):
        while len(held) < most:
            held.append(os.open("/dev/null", os.O_RDONLY))
    for number in held:
        os.close(number)
    return len(held)


def longer_file(folder: str) -> str:
    """Make a file (without content) one byte longer than the limit, or of a tebibyte."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    path = f"{folder}/long"
    number = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        return error_of(os.ftruncate, number, most + 1 if most >= 0 else 1 << 40)
    finally:
        os.close(number)
        os.unlink(path)  # noqa: PTH108


def program_in(folder: str) -> str:
    """Put a program into a folder and start it; return `done` or the name of the error."""
    path = f"{folder}/program"
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("#!/bin/sh\nexit 0\n")
    os.chmod(path, 0o700)  # noqa: PTH101 - S103 would mind 0o755
    try:

        def attempt() -> int:
            try:
                os.execv(path, [path])  # noqa: S606 - the very thing that must not work
            except OSError as error:
                return error.errno or 255

        return in_a_child(attempt)
    finally:
        os.unlink(path)  # noqa: PTH108


def processors() -> float:
    """Return how many processors two busy children use together, in half a second."""
    began = time.monotonic()
    before = os.times()
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            until = time.monotonic() + BUSY_S
            while time.monotonic() < until:
                pass
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return used / (time.monotonic() - began)


def orphan() -> str:
    """Say what becomes of a process whose parent has ended: `reaped`, or `a zombie`."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        grandchild = os.fork()
        if grandchild == 0:
            time.sleep(0.05)  # until its parent has ended
            os._exit(0)
        os.write(writer, str(grandchild).encode())
        os._exit(0)
    os.waitpid(child, 0)
    place = f"/proc/{int(os.read(reader, 20))}"
    os.close(reader)
    os.close(writer)
    until = time.monotonic() + 2.0
    while time.monotonic() < until:
        if not os.path.exists(place):  # noqa: PTH110
            return "reaped"
        time.sleep(0.02)
    return "a zombie"


def devices() -> list[str]:
    """Return disks of the machine, and other devices that nobody needs, under /dev."""
    found = []
    for name in os.listdir("/dev"):  # noqa: PTH208
        mode = os.lstat(f"/dev/{name}").st_mode
        if stat.S_ISBLK(mode) or name in {"mem", "kmem", "kmsg", "kvm", "port", "fuse"}:
            found.append(name)
    return sorted(found)


def budgets() -> dict[str, Any]:
    """Return what one process of the box may use and do."""
    flags = {folder: os.statvfs(folder).f_flag for folder in PRIVATE}
    wanted = os.ST_NOSUID | ST_NODEV
    with open("/proc/self/oom_score_adj", encoding="ascii") as file:  # noqa: PTH123
        score = int(file.read())
    return {
        "limits": {
            "open": opened(FILES_TRIED),
            "longer": longer_file(PRIVATE[0]),
            "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
            "cpu": resource.getrlimit(resource.RLIMIT_CPU)[1],
        },
        "processors": processors(),
        "oom_score_adj": score,
        "programs": {folder: program_in(folder) for folder in PRIVATE},
        "loose_mounts": [folder for folder, flag in flags.items() if flag & wanted != wanted],
        "orphan": orphan(),
        "is_first": os.getpid() == 1,
        "devices": devices(),
        "environment": sorted(os.environ),
    }


def look(addresses: list[str], disk_mb: int) -> dict[str, Any]:
    """Return everything that one box shows by itself."""
    return {
        "budgets": budgets(),
        "status": kernel_says(),
        "calls": calls() | sockets(),
        "network": network(addresses),
        "writable": writable_folders(),
        "kernel_files": kernel_files(),
        "sockets": sockets_on_disk(),
        "bytes_mb": {folder: fill(folder, 2 * disk_mb + 64) for folder in PRIVATE},
        "files": {folder: crowd(folder, 20_000) for folder in PRIVATE[:2]},
        "forks": forks(FORKS_TRIED),
        "hostname": socket.gethostname(),
        "open_files": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],  # noqa: PTH208
    }


def hold(token: str, children: int) -> dict[str, Any]:
    """Hold children and a named file in shared memory until a byte comes; tell what is seen."""
    held = 0
    for _ in range(children):
        with contextlib.suppress(OSError):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            held += 1
    os.close(os.open(f"/dev/shm/{token}", os.O_CREAT | os.O_WRONLY))  # noqa: S108
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    os.read(0, 1)
    return {"uid": os.getuid(), "children": held, "shm": sorted(os.listdir("/dev/shm"))}  # noqa: S108, PTH208


def main() -> None:
    """Print one line of JSON."""
    what, *arguments = sys.argv[1:]
    if what == "look":
        seen = look(arguments[1:], int(arguments[0]))
    else:
        seen = hold(arguments[0], int(arguments[1]))
    sys.stdout.write(json.dumps(seen) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
