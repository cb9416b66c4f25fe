"""A tiny program that stands beside one box of the process sandbox: starts it, and ends all of it.

It outlives the supervisor by moments only: when the supervisor dies, its end of the leash (a
socket) closes, and the keeper kills every process of the box. The same happens at the end of the
box's lifetime, and when the box's main process ends. POSIX only; run by path with `python -I -S`,
it uses as little of the standard library as it can, since each box waits for it.
"""
# ruff: noqa: PTH112, PTH123, PTH208 - importing pathlib would double the time this takes to start

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator

# Neither typing nor pathlib: they would double the time that this program takes to start.
MIB = 1 << 20
OPEN_FILES = 512
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CANNOT_START = 127

Prctl = Callable[[int, int], object]


def main(argv: list[str]) -> int:
    """Run `argv[4:]` with the limits in argv[1:4]; tell the leash argv[0] how it ended."""
    leash, lifetime_s, memory_mb, disk_mb = int(argv[0]), float(argv[1]), int(argv[2]), int(argv[3])
    deadline = time.monotonic() + lifetime_s
    os.set_inheritable(leash, False)
    prctl = _prctl()
    # Daemons of the box become children of ours instead of init's, so none can be lost.
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    bell, ringer = os.pipe()
    os.set_blocking(ringer, False)
    signal.set_wakeup_fd(ringer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _nothing)

    child = os.fork()
    if child == 0:
        _become(argv[4:], memory_mb=memory_mb, disk_mb=disk_mb, prctl=prctl)
    _let_go_of_the_streams()
    status = _wait(child, leash=leash, bell=bell, deadline=deadline)
    status = _end_all(child, status)
    with contextlib.suppress(OSError):
        os.write(leash, f"{_exit_code(status)} {_cpu_s():.3f}".encode())
    return 0


def _become(argv: list[str], *, memory_mb: int, disk_mb: int, prctl: Prctl) -> None:
    """Turn this forked child into the box's main process. Does not return."""
    try:
        keeper = os.getppid()
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        _limit(memory_mb=memory_mb, disk_mb=disk_mb)
        if os.getppid() == keeper:
            os.execv(argv[0], argv)  # noqa: S606 - a shell is what we refuse
    except OSError as error:
        os.write(2, f"the box could not be started: {error}\n".encode())
    finally:
        os._exit(CANNOT_START)


def _limit(*, memory_mb: int, disk_mb: int) -> None:
    """Set what the system can limit for one process; there is no RLIMIT_NPROC.

    RLIMIT_NPROC counts every process of the user, not those of the box. RLIMIT_DATA counts memory
    that a process can write to and shares with nobody; RLIMIT_AS would count what is only reserved,
    which for one importing pandas and scikit-learn is 340 MB instead of 180 MB.
    """
    import resource  # noqa: PLC0415 - POSIX only, and this module is imported elsewhere, too

    for kind, value in (
        (resource.RLIMIT_DATA, memory_mb * MIB),
        (resource.RLIMIT_FSIZE, disk_mb * MIB),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(kind)
        allowed = value if most == resource.RLIM_INFINITY else min(value, most)
        # Some systems refuse some limits; the others still hold.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (allowed, allowed))


def _let_go_of_the_streams() -> None:
    """Close the box's pipes here, or their other ends would never see that the box closed them."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)


def _wait(child: int, *, leash: int, bell: int, deadline: float) -> int | None:
    """Return the child's wait status, or None when the leash or the lifetime ended first."""
    while True:
        for pid, status in _reap():
            if pid == child:
                return status
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        ready, _, _ = select.select([leash, bell], [], [], min(left, 3600.0))
        if leash in ready:
            return None
        if bell in ready:
            os.read(bell, 4096)


def _end_all(child: int, status: int | None) -> int | None:
    """Kill everything that descends from us, and wait until it is gone."""
    if not os.path.isdir("/proc"):
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
    waits = 0.0
    while living := descendants(os.getpid()):
        # Stop all before killing any: a parent that lives on could replace its children.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            send(living, number)
        for pid, ended in _reap():
            if pid == child:
                status = ended
        time.sleep(waits)
        waits = min(0.01, waits + 0.001)
    for pid, ended in _reap():
        if pid == child:
            status = ended
    return status


def _reap() -> list[tuple[int, int]]:
    reaped: list[tuple[int, int]] = []
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            reaped.append(ended)
    return reaped


def descendants(root: int) -> list[int]:
    """Return the processes below `root` that are not yet dead, where /proc tells."""
    parents: dict[int, list[int]] = {}
    for pid, parent, state in _processes():
        if state not in "ZX":
            parents.setdefault(parent, []).append(pid)
    found: list[int] = []
    level = parents.get(root, [])
    while level:
        found.extend(level)
        level = [pid for above in level for pid in parents.get(above, [])]
    return found


def dwellers(folder: str) -> list[int]:
    """Return the processes whose HOME is that folder or lies in it, where /proc tells.

    HOME is the one thing that a box's processes have in common whoever their parent is now.
    """
    mark, found = f"HOME={folder}".encode(), []
    for pid, _, state in _processes():
        if state in "ZX" or pid == os.getpid():
            continue
        with contextlib.suppress(OSError):
            variables = _read(f"/proc/{pid}/environ").split(b"\0")
            if any(line == mark or line.startswith(mark + b"/") for line in variables):
                found.append(pid)
    return found


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to each of them that still lives."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _processes() -> Iterator[tuple[int, int, str]]:
    """Yield (process, its parent, its state)."""
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            with contextlib.suppress(OSError):
                # The name of the program is in brackets and may hold brackets itself.
                state, parent, *_ = _read(f"/proc/{name}/stat").rpartition(b")")[2].split()
                yield int(name), int(parent), state.decode()


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _exit_code(status: int | None) -> int:
    if status is None:
        return CANNOT_START
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _cpu_s() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def _prctl() -> Prctl:
    """Return Linux' prctl, or something that does nothing where there is none."""
    if sys.platform != "linux":
        return lambda _option, _value: None
    import ctypes  # noqa: PLC0415 - Linux only

    return ctypes.CDLL(None).prctl


def _nothing(_number: int, _frame: object) -> None:
    """Exist, so that SIGCHLD rings the bell."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
