"""Children of the worker's parent: forked where the platform can, started afresh where it cannot.

A child is asked one thing at a time. What it prints is drained all the while and capped, so that a
flood neither blocks the student's code nor fills any memory.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import queue
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from grader.wire.frames import HEADER, frame

MAX_REPLY = 64 * 1024 * 1024
OUTPUT_CAP = 64 * 1024
_POLL_S = 0.05
_CAN_FORK = hasattr(os, "fork")


class ChildGone(Exception):  # noqa: N818 - reads as what happened
    """The child is of no more use: `why` is ended, timeout or output; `note` says more."""

    def __init__(self, why: str, note: str = "") -> None:
        """Keep both words."""
        super().__init__(why)
        self.why = why
        self.note = note


class Capped:
    """The first bytes of a stream; the rest is counted and dropped."""

    def __init__(self, cap: int = OUTPUT_CAP) -> None:
        """Keep at most `cap` bytes between two calls of `take`."""
        self._cap = cap
        self._kept = bytearray()
        self._dropped = 0
        self._lock = threading.Lock()  # a spawned child's streams are read by threads

    def add(self, data: bytes) -> None:
        """Keep what fits."""
        with self._lock:
            room = max(self._cap - len(self._kept), 0)
            self._kept += data[:room]
            self._dropped += max(len(data) - room, 0)

    def take(self) -> bytes:
        """Return what was kept, with a line that says how much was cut; start anew."""
        with self._lock:
            kept, dropped = bytes(self._kept), self._dropped
            self._kept.clear()
            self._dropped = 0
        return kept + (f"\n[output truncated: {dropped} more bytes]\n".encode() if dropped else b"")


class Child(ABC):
    """A process that runs the student's code and answers one request at a time."""

    def __init__(self, folder: pathlib.Path, *, keeps_folder: bool) -> None:
        """Remember where it lives."""
        self.folder = folder
        self.keeps_folder = keeps_folder

    @abstractmethod
    def ask(self, payload: bytes, deadline: float) -> bytes:
        """Send one payload and return the answer; ChildGone when there will be none."""

    @abstractmethod
    def take_output(self) -> tuple[bytes, bytes]:
        """Return (stdout, stderr) since the last time."""

    @abstractmethod
    def end(self, *, last: bool) -> None:
        """Kill the child and what it started; `last` says that no sibling is left to be spared."""

    def descriptors(self) -> tuple[int, ...]:
        """Return descriptors that a sibling must not inherit."""
        return ()


def new_child(
    folder: pathlib.Path, setup: dict[str, Any], *, private: tuple[int, ...], keeps_folder: bool
) -> Child:
    """Start a child in `folder`; `private` descriptors are closed in it."""
    if _CAN_FORK and not setup.get("spawn"):
        return ForkedChild(folder, setup, private=private, keeps_folder=keeps_folder)
    return SpawnedChild(folder, setup, keeps_folder=keeps_folder)


class ForkedChild(Child):
    """A fork of this process: everything that was imported ahead is there at once."""

    def __init__(
        self,
        folder: pathlib.Path,
        setup: dict[str, Any],
        *,
        private: tuple[int, ...],
        keeps_folder: bool,
    ) -> None:
        """Fork. Returns in the parent only."""
        super().__init__(folder, keeps_folder=keeps_folder)
        here, there = socket.socketpair()
        out_r, out_w = os.pipe()
        err_r, err_w = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            for fd in (*private, here.fileno(), out_r, err_r):
                with contextlib.suppress(OSError):
                    os.close(fd)
            _become_child(there, out_w, err_w, folder, setup)
        there.close()
        os.close(out_w)
        os.close(err_w)
        self._socket = here
        self._socket.setblocking(False)
        self._pipes = {out_r: Capped(), err_r: Capped()}
        self._out, self._err = out_r, err_r
        for fd in self._pipes:
            os.set_blocking(fd, False)
        self._status: int | None = None

    def descriptors(self) -> tuple[int, ...]:
        """Return the parent's ends."""
        return (self._socket.fileno(), *self._pipes)

    def ask(self, payload: bytes, deadline: float) -> bytes:
        """Relay one request, draining output meanwhile."""
        pending = memoryview(frame(0, payload))
        got = bytearray()
        with selectors.DefaultSelector() as selector:
            for fd in self._pipes:
                selector.register(fd, selectors.EVENT_READ)
            selector.register(self._socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while True:
                self._check_alive(deadline)
                for key, events in selector.select(min(_POLL_S, _left(deadline))):
                    if key.fileobj is not self._socket:
                        self._drain(key.fd)
                        continue
                    if events & selectors.EVENT_WRITE and pending:
                        pending = self._push(pending)
                    if not pending and events & selectors.EVENT_WRITE:
                        selector.modify(self._socket, selectors.EVENT_READ)
                    if events & selectors.EVENT_READ and self._pull(got):
                        return bytes(got[HEADER.size :])

    def _check_alive(self, deadline: float) -> None:
        if _left(deadline) <= 0:
            raise ChildGone("timeout")
        # A grandchild may hold the socket open, so the end of the stream is not enough to go by.
        if self._reap():
            try:
                if self._socket.recv(1, socket.MSG_PEEK):
                    return
            except OSError:
                pass
            raise ChildGone("ended", _how(self._status or 0))

    def _reap(self) -> bool:
        if self._status is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self._status = status
        return self._status is not None

    def _push(self, pending: memoryview) -> memoryview:
        try:
            return pending[self._socket.send(pending[: 1 << 18]) :]
        except BlockingIOError:
            return pending
        except OSError:
            self._wait_for_the_end()
            raise ChildGone("ended", _how(self._status or 0)) from None

    def _pull(self, got: bytearray) -> bool:
        """Read what is there; return whether the whole answer is."""
        try:
            chunk = self._socket.recv(1 << 18)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._wait_for_the_end()
            raise ChildGone("ended", _how(self._status or 0))
        got += chunk
        if len(got) < HEADER.size:
            return False
        length = HEADER.unpack_from(got)[0]
        if length > MAX_REPLY:
            raise ChildGone("output", f"an answer of {length} bytes")
        if len(got) > HEADER.size + length:
            raise ChildGone("protocol", "more than one answer")
        return bool(len(got) == HEADER.size + length)

    def _wait_for_the_end(self) -> None:
        """Give a process that has closed its socket a moment to be reaped, for the message."""
        until = time.monotonic() + 0.5
        while not self._reap() and time.monotonic() < until:
            time.sleep(0.005)

    def _drain(self, fd: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._pipes[fd].add(os.read(fd, 1 << 16))

    def take_output(self) -> tuple[bytes, bytes]:
        """Read what is left in the pipes, then return both."""
        for fd, capped in self._pipes.items():
            for _ in range(64):  # a grandchild may write for ever
                try:
                    data = os.read(fd, 1 << 16)
                except BlockingIOError:
                    break
                if not data:
                    break
                capped.add(data)
        return self._pipes[self._out].take(), self._pipes[self._err].take()

    def end(self, *, last: bool) -> None:
        """Kill the session of the child, and every descendant that left it."""
        stray = list(_descendants(self.pid))
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        for pid in [self.pid, *stray, *(_orphans() if last else [])]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if self._status is None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
        self._socket.close()
        for fd in self._pipes:
            os.close(fd)


def _become_child(
    channel: socket.socket, out: int, err: int, folder: pathlib.Path, setup: dict[str, Any]
) -> None:
    """Turn this fork into the child; never returns."""
    try:
        os.setsid()
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        from grader.worker.serving import serve  # noqa: PLC0415 - the parent needs none of it

        serve(channel.fileno(), folder, setup)
    finally:
        os._exit(70)


class SpawnedChild(Child):
    """A new interpreter: slower, but it needs neither fork nor select."""

    def __init__(self, folder: pathlib.Path, setup: dict[str, Any], *, keeps_folder: bool) -> None:
        """Start `python -m grader.worker.serving`."""
        super().__init__(folder, keeps_folder=keeps_folder)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-m", "grader.worker.serving", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._streams = (Capped(), Capped())
        threading.Thread(target=self._read_answers, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()
        from grader.wire.frames import message  # noqa: PLC0415 - only this road needs it

        self._write(message(setup))

    def _read_answers(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            while len(header := stream.read(HEADER.size)) == HEADER.size:
                length, kind = HEADER.unpack(header)
                if length > MAX_REPLY:
                    break
                data = stream.read(length)
                if kind == 1:
                    self._streams[0].add(data)
                else:
                    self._answers.put(data)
        self._answers.put(None)

    def _read_errors(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            while data := stream.read1(1 << 16):  # type: ignore[attr-defined]
                self._streams[1].add(data)

    def _write(self, payload: bytes) -> None:
        stream = self._process.stdin
        assert stream is not None
        try:
            stream.write(frame(0, payload))
            stream.flush()
        except OSError:
            raise ChildGone("ended", self._note()) from None

    def _note(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        code = self._process.poll()
        return "" if code is None else f"exit code {code}"

    def ask(self, payload: bytes, deadline: float) -> bytes:
        """Send, then wait for the reading thread."""
        writer = threading.Thread(target=self._try_write, args=(payload,), daemon=True)
        writer.start()
        try:
            answer = self._answers.get(timeout=max(_left(deadline), 0.001))
        except queue.Empty:
            raise ChildGone("timeout") from None
        if answer is None:
            raise ChildGone("ended", self._note())
        return answer

    def _try_write(self, payload: bytes) -> None:
        with contextlib.suppress(ChildGone):
            self._write(payload)

    def take_output(self) -> tuple[bytes, bytes]:
        """Return both streams."""
        return self._streams[0].take(), self._streams[1].take()

    def end(self, *, last: bool) -> None:  # noqa: ARG002 - it can only end what it started
        """Kill the interpreter."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)


def _left(deadline: float) -> float:
    return deadline - time.monotonic()


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}"
    return f"exit code {os.WEXITSTATUS(status)}"


def _stat(pid: int) -> int | None:
    """Return the parent of a process, or None when it is gone or there is no /proc."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(text.rpartition(")")[2].split()[1])


def _descendants(root: int) -> Iterator[int]:
    parents = _parents()
    for pid in parents:
        if pid is None:
            continue
        above: int | None = pid
        for _ in range(64):
            above = parents.get(above) if above else None
            if above == root:
                yield pid
                break


def _parents() -> dict[int | None, int | None]:
    try:
        pids = [int(path.name) for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()]
    except OSError:
        return {}
    return {pid: _stat(pid) for pid in pids}


def _orphans() -> list[int]:
    """In a box of our own every process but us and our ancestors is the student's."""
    if os.environ.get("GRADER_BOX") != "container":
        return []
    spared = {1, os.getpid()}
    above: int | None = os.getppid()
    while above:
        spared.add(above)
        above = _stat(above)
    return [pid for pid in _parents() if isinstance(pid, int) and pid not in spared]
