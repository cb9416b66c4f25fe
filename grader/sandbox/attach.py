"""The two pipes of a box over one attached connection: bytes in, stdout and stderr out, deadlines.

Knows the engine's stream format (8-byte headers) and nothing about frames, boxes or containers.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from typing import Any, Final

from grader.errors import BoxGoneError, BoxTimeoutError

STDERR: Final = 2
HEADER_SIZE: Final = 8
CHUNK: Final = 256 * 1024
LARGEST_READ: Final = 1024 * 1024
STDERR_KEPT: Final = 16 * 1024
STDERR_LIMIT: Final = 64 * 1024 * 1024
"""A box that writes more than this to stderr is treated as ended: nobody reads it for ever."""

_WOULD_BLOCK: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Demultiplexer:
    """Cuts the engine's stream into stdout, which is queued, and stderr, whose end is kept."""

    def __init__(self) -> None:
        """Start at the beginning of a stream."""
        self.stdout = bytearray()
        self.stderr_total = 0
        self._stderr = bytearray()
        self._header = bytearray()
        self._left = 0
        self._to_stderr = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, cut anywhere."""
        view = memoryview(chunk)
        while view:
            if self._left == 0:
                view = self._take_header(view)
                continue
            piece, view = view[: self._left], view[self._left :]
            self._left -= len(piece)
            self._keep(piece)

    def _take_header(self, view: memoryview) -> memoryview:
        missing = HEADER_SIZE - len(self._header)
        self._header += view[:missing]
        if len(self._header) == HEADER_SIZE:
            self._to_stderr = self._header[0] == STDERR
            self._left = int.from_bytes(self._header[4:], "big")
            self._header.clear()
        return view[missing:]

    def _keep(self, piece: memoryview) -> None:
        if not self._to_stderr:
            self.stdout += piece
            return
        self.stderr_total += len(piece)
        self._stderr += piece[-STDERR_KEPT:]
        del self._stderr[:-STDERR_KEPT]

    @property
    def stderr_tail(self) -> str:
        """The last kilobytes of stderr, as text."""
        return self._stderr.decode("utf-8", errors="replace")


class Attached:
    """One attached connection. One owner at a time, like the box that it belongs to."""

    def __init__(self, connection: Any) -> None:
        """Take over what the SDK's `attach_socket` returned, before the box is started."""
        # Over a local socket and plain TCP the SDK hands out a file object around the socket; it is
        # kept, since the response that owns the connection hangs on it.
        self._connection = connection
        self._socket: socket.socket = getattr(connection, "_sock", connection)
        self._socket.setblocking(False)
        self._streams = Demultiplexer()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the box's output has been closed (everything may not have been read yet)."""
        return self._ended

    @property
    def stderr_tail(self) -> str:
        """The last kilobytes of stderr."""
        if self._streams.stderr_total > STDERR_LIMIT:
            return f"{self._streams.stderr_tail}\n[stderr passed {STDERR_LIMIT >> 20} MiB]"
        return self._streams.stderr_tail

    def read(self, timeout_s: float) -> bytes:
        """Return 1 byte to 1 MiB of stdout, b"" at its end. Raises BoxTimeoutError."""
        deadline = time.monotonic() + timeout_s
        while not self._streams.stdout and not self._ended:
            if not self._receive():
                self._wait(select.POLLIN, deadline, "said nothing")
            elif time.monotonic() > deadline and not self._streams.stdout:
                raise BoxTimeoutError(f"the box said nothing on stdout for {timeout_s:g} s")
        taken = bytes(memoryview(self._streams.stdout)[:LARGEST_READ])
        del self._streams.stdout[:LARGEST_READ]
        return taken

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all bytes to stdin. Raises BoxGoneError or BoxTimeoutError."""
        deadline = time.monotonic() + timeout_s
        left = memoryview(data)
        while left:
            room = len(self._streams.stdout) < LARGEST_READ
            # What the box says meanwhile is taken in, up to a bound: a box that writes before it
            # reads on would otherwise wait for us while we wait for it.
            if room:
                self._receive()
            if self._ended:
                raise BoxGoneError("the box ended before it had read everything")
            sent = self._send(left)
            left = left[sent:]
            if not sent:
                events = select.POLLOUT | (select.POLLIN if room else 0)
                self._wait(events, deadline, "did not read")
            elif left and time.monotonic() > deadline:
                raise BoxTimeoutError(f"the box did not read everything in {timeout_s:g} s")

    def drain(self, timeout_s: float) -> bool:
        """Take what is still on its way, for its stderr; return whether the end was seen."""
        deadline = time.monotonic() + timeout_s
        while not self._ended and len(self._streams.stdout) < LARGEST_READ:
            try:
                self.read_more(deadline)
            except BoxTimeoutError:
                break
        return self._ended

    def read_more(self, deadline: float) -> None:
        """Take in at least one more chunk, or the end. Raises BoxTimeoutError."""
        while not self._receive() and not self._ended:
            self._wait(select.POLLIN, deadline, "said nothing")

    def close(self) -> None:
        """Let go of the connection; the box sees the end of its stdin."""
        self._ended = True
        for thing in (getattr(self._connection, "_response", None), self._connection, self._socket):
            try:
                if thing is not None:
                    thing.close()
            except OSError:
                continue

    def _receive(self) -> bool:
        """Take in what is there; return whether there was anything. Notes the end."""
        if self._ended:
            return False
        try:
            chunk = self._socket.recv(CHUNK)
        except _WOULD_BLOCK:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._ended = True
            return False
        self._streams.feed(chunk)
        if self._streams.stderr_total > STDERR_LIMIT:
            self._ended = True
        return True

    def _send(self, data: memoryview) -> int:
        try:
            return self._socket.send(data[:CHUNK])
        except _WOULD_BLOCK:
            return 0
        except OSError as error:
            self._ended = True
            raise BoxGoneError("the box no longer reads: it has ended") from error

    def _wait(self, events: int, deadline: float, what: str) -> None:
        left = deadline - time.monotonic()
        if self._ended:
            return
        poll = select.poll()
        poll.register(self._socket, events)
        if not poll.poll(max(0.0, left) * 1000):
            raise BoxTimeoutError(f"the box {what} in the time given")
