"""Entry of the checker box: a warm parent that forks one process per run and relays its frames.

The parent alone holds the pipes to the supervisor, and cannot be read by other processes of its uid
(not dumpable). It decodes nothing that comes from a student.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import os
import pathlib
import selectors
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any, Final, NoReturn

from grader.checker import making
from grader.checker import run as running
from grader.checker.line import PipeLine
from grader.errors import WireError
from grader.wire.frames import FrameReader, Kind, frame, message, read_message
from grader.worker.__main__ import preload

_PR_SET_DUMPABLE = 4
Task = Callable[[dict[str, Any], pathlib.Path, PipeLine], None]
TASKS: Final[dict[int, Task]] = {Kind.RUN: running.run, Kind.MAKE: making.make}
"""Kind of a frame that asks for something -> what is done, in a process of its own."""


def main() -> None:
    """Serve runs until the pipe ends."""
    parser = argparse.ArgumentParser(prog="grader.checker", description=__doc__)
    parser.add_argument("--preload", default="", help="libraries to import first, by comma")
    arguments = parser.parse_args()
    inward, outward = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    gc.disable()
    preload([name for name in arguments.preload.split(",") if name])
    _warm_pytest()
    # What is loaded now stays: no collection in a fork looks at it (and copies its pages) again.
    gc.freeze()
    gc.enable()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="checker-"))
    forks = hasattr(os, "fork")
    hello = {"versions": running.versions(), "runs": None if forks else 1}
    _write(outward, frame(Kind.CHECKER_READY, message(hello)))
    reader = FrameReader(lambda _seconds: os.read(inward, 1 << 20))
    while (got := reader.frame(lambda: 0.0)) is not None:
        if got[0] in TASKS:
            (_forked if forks else _here)(TASKS[got[0]], got[1], scratch, inward, outward)


def _warm_pytest() -> None:
    """Import what a pytest session needs, so that every fork has it already."""
    # Assertion rewriting caches byte code beside the tests, in this box's own memory.
    sys.dont_write_bytecode = False
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import _pytest.config  # noqa: PLC0415 - after the preload

    _pytest.config.get_config()
    import unittest.mock  # noqa: F401, PLC0415 - tests often want it


def _unpack(payload: bytes, scratch: pathlib.Path) -> tuple[dict[str, Any], pathlib.Path]:
    header, blobs = read_message(payload)
    names = header["files"]
    root = scratch / str(header["layout"])
    files = {name: bytes(blob) for name, blob in zip(names, blobs, strict=True)}
    running.lay_out(files, root)
    running.lay_data(files, root, header["variant"])
    return header, root


def _here(task: Task, payload: bytes, scratch: pathlib.Path, inward: int, outward: int) -> NoReturn:
    """Run in this very process: where there is no fork, a box serves one run only."""
    header, root = _unpack(payload, scratch)
    line = PipeLine(lambda _seconds: os.read(inward, 1 << 20), lambda data: _write(outward, data))
    task(header, root, line)
    raise SystemExit(0)


def _forked(task: Task, payload: bytes, scratch: pathlib.Path, inward: int, outward: int) -> None:
    header, root = _unpack(payload, scratch)
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(inward)
            os.close(outward)
            ours.close()
            line = PipeLine(lambda _seconds: theirs.recv(1 << 20), theirs.sendall)
            task(header, root, line)
            os._exit(0)
        finally:
            os._exit(70)
    theirs.close()
    last = _pump(ours, inward, outward)
    ours.close()
    _, status = os.waitpid(pid, 0)
    # END leaves only now: the next run's frames must not go to a process that is about to exit.
    _write(outward, last or frame(Kind.DIED, message({"status": status})))


def _pump(child: socket.socket, inward: int, outward: int) -> bytes:
    """Copy frames out and bytes in until the child has ended; return its END frame, if any."""
    reader = FrameReader(lambda _seconds: child.recv(1 << 20))
    with selectors.DefaultSelector() as selector:
        selector.register(child, selectors.EVENT_READ)
        selector.register(inward, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is child:
                    last = _forward(reader, outward)
                    if last is not None:
                        return last
                    continue
                data = os.read(inward, 1 << 20)
                if not data:
                    raise SystemExit(0)
                child.sendall(data)


def _forward(reader: FrameReader, outward: int) -> bytes | None:
    """Send the child's frames on; return END, or b"" when the child is gone without one."""
    while True:
        got = _next_frame(reader)
        if got is None or got[0] == Kind.END:
            return b"" if got is None else frame(*got)
        _write(outward, frame(*got))
        if not reader.holds_frame():
            return None


def _next_frame(reader: FrameReader) -> tuple[int, bytes] | None:
    try:
        return reader.frame(lambda: 0.0)
    except (OSError, WireError):
        return None


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
