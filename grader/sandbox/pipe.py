"""A byte pipe in memory, with a bound and with timeouts. It knows no files and no processes.

Threads at its ends do the blocking reads and writes that cannot be given a timeout themselves.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Final

from grader.errors import BoxGoneError, BoxTimeoutError

MAX_CHUNK: Final = 1 << 20
"""Most bytes that one `get` returns."""
MAX_PIECES: Final = 4096
"""Most chunks under way: a flood of single bytes costs far more memory than its size says."""

LOOK_UP_S: Final = 0.5
"""A thread that waits longer at a stretch may sleep through a Ctrl-C that came just before."""


class Pipe:
    """Bytes from one side to the other; at most `capacity` of them are under way. Thread-safe."""

    def __init__(self, capacity: int = 4 << 20) -> None:
        """Make an empty pipe, open at both ends."""
        self._capacity = capacity
        self._chunks: deque[bytes | memoryview] = deque()
        self._size = 0
        self._no_more_in = False
        self._no_more_out = False
        lock = threading.Lock()
        self._filled = threading.Condition(lock)
        self._drained = threading.Condition(lock)

    def put(self, data: bytes, timeout_s: float | None = None) -> None:
        """Give in all bytes, waiting for room.

        Raises BoxTimeoutError when some found no room in time (those before them are in), and
        BoxGoneError when either end was closed.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        rest = memoryview(data)
        while rest:
            with self._drained:
                self._await_room(deadline)
                part = rest[: self._capacity - self._size]
                # A whole chunk goes in as it is: the common case copies nothing.
                self._chunks.append(data if len(part) == len(data) else part)
                self._size += len(part)
                self._filled.notify()
            rest = rest[len(part) :]

    def get(self, timeout_s: float | None = None, most: int = MAX_CHUNK) -> bytes:
        """Return 1 to `most` bytes, or b"" at the end; raises BoxTimeoutError when none came."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._filled:
            while not self._chunks:
                if self._no_more_in or self._no_more_out:
                    return b""
                if not _wait(self._filled, deadline):
                    raise BoxTimeoutError("nothing came in time")
            chunk = self._chunks.popleft()
            if len(chunk) > most:
                self._chunks.appendleft(memoryview(chunk)[most:])
                chunk = memoryview(chunk)[:most]
            self._size -= len(chunk)
            self._drained.notify()
        return chunk if isinstance(chunk, bytes) else bytes(chunk)

    def end(self) -> None:
        """Close the end that bytes go in at; what is under way can still be read."""
        with self._filled:
            self._no_more_in = True
            self._filled.notify_all()
            self._drained.notify_all()

    def abandon(self) -> None:
        """Close both ends and forget what is under way."""
        with self._filled:
            self._no_more_in = self._no_more_out = True
            self._chunks.clear()
            self._size = 0
            self._filled.notify_all()
            self._drained.notify_all()

    @property
    def is_ended(self) -> bool:
        """Whether nothing more can be put in."""
        return self._no_more_in

    def _await_room(self, deadline: float | None) -> None:
        while True:
            if self._no_more_in:
                raise BoxGoneError("nobody reads at the other end any more")
            if not self._full():
                return
            if not _wait(self._drained, deadline):
                raise BoxTimeoutError("the other end did not take the bytes in time")

    def _full(self) -> bool:
        return self._size >= self._capacity or len(self._chunks) >= MAX_PIECES


def _wait(condition: threading.Condition, deadline: float | None) -> bool:
    """Wait for news, or for a moment; return whether there was still time when it began."""
    left = LOOK_UP_S if deadline is None else deadline - time.monotonic()
    if left <= 0:
        return False
    condition.wait(min(left, LOOK_UP_S))
    return True
