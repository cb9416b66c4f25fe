"""The checker's only way out: frames to the supervisor, who passes calls on to the worker."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from grader.errors import WireError
from grader.wire.frames import FrameReader, Kind, frame, message, read_message

_MILLISECONDS = struct.Struct(">I")


class Gone(Exception):  # noqa: N818 - reads as what happened
    """The worker's box is of no more use: `why` is timeout, ended, memory, output or budget."""

    def __init__(self, why: str, note: str = "") -> None:
        """Keep both words."""
        super().__init__(why)
        self.why = why
        self.note = note


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One frame of the worker, taken apart."""

    kind: str
    """P from the worker's parent, C from a child, G a child is gone."""
    child: int
    """Number of the child."""
    stdout: bytes
    """What was printed since the last frame, capped by the worker."""
    stderr: bytes
    """The same for stderr."""
    body: bytes
    """The message."""


class Line(Protocol):
    """Carries payloads to a worker and back."""

    def call(self, payload: bytes, seconds: float) -> Answer:
        """Send a payload and wait; Gone when the box died, WireError when it talks nonsense."""

    def fresh(self) -> None:
        """Ask for a new box; Gone("budget") when there will be none."""

    def event(self, header: dict[str, Any]) -> None:
        """Tell the supervisor a result or a note."""


class PipeLine:
    """A Line over the two pipes to the supervisor."""

    def __init__(self, read: Callable[[float], bytes], write: Callable[[bytes], None]) -> None:
        """`read(seconds)` returns a chunk or b"" at the end; `write` sends all."""
        self._reader = FrameReader(read)
        self._write = write
        self._lock = threading.RLock()

    def call(self, payload: bytes, seconds: float) -> Answer:
        """Send a payload and wait for the worker's answer."""
        with self._lock:
            milliseconds = _MILLISECONDS.pack(max(int(seconds * 1000), 1))
            self._write(frame(Kind.CALL, milliseconds + payload))
            kind, body = self._receive()
        if kind == Kind.REPLY:
            return take_apart(body)
        raise _gone(body)

    def fresh(self) -> None:
        """Ask for a new box."""
        with self._lock:
            self._write(frame(Kind.FRESH_WORKER, message({})))
            kind, body = self._receive()
        if kind != Kind.WORKER_UP:
            raise _gone(body)

    def event(self, header: dict[str, Any]) -> None:
        """Tell the supervisor a result or a note."""
        with self._lock:
            self._write(frame(Kind.EVENT, message(header)))

    def made(self, files: dict[str, bytes]) -> None:
        """Hand over the data of one student."""
        with self._lock:
            self._write(frame(Kind.MADE, message({"files": list(files)}, list(files.values()))))

    def order(
        self, header: dict[str, Any], blobs: list[bytes]
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Ask the supervisor to use the engine; return its answer."""
        with self._lock:
            self._write(frame(Kind.ORDER, message(header, blobs)))
            kind, body = self._receive()
        if kind != Kind.DONE:
            raise WireError(f"an order was answered by a frame of kind {kind}")
        told, views = read_message(body)
        return told, [bytes(view) for view in views]

    def end(self, header: dict[str, Any]) -> None:
        """Say that the run is over."""
        with self._lock:
            self._write(frame(Kind.END, message(header)))

    def _receive(self) -> tuple[int, bytes]:
        got = self._reader.frame(lambda: 3600.0)
        if got is None:
            raise SystemExit(0)  # the supervisor hung up: nobody wants results any more
        return got


def take_apart(payload: bytes) -> Answer:
    """Cut a FROM_WORKER payload. Raises WireError on anything malformed."""
    kind = payload[:1].decode("ascii", "replace")
    if kind not in {"P", "C", "G"} or len(payload) < 2:  # noqa: PLR2004 - kind and child
        raise WireError("an answer has no known kind")
    stdout, at = _sized(payload, 2)
    stderr, at = _sized(payload, at)
    return Answer(kind=kind, child=payload[1], stdout=stdout, stderr=stderr, body=payload[at:])


def _sized(payload: bytes, at: int) -> tuple[bytes, int]:
    size = int.from_bytes(payload[at : at + 4], "big")
    if at + 4 + size > len(payload):
        raise WireError("an answer's output does not fit its frame")
    return payload[at + 4 : at + 4 + size], at + 4 + size


def _gone(body: bytes) -> Gone:
    header, _ = read_message(body)
    return Gone(str(header.get("why", "ended")), str(header.get("note", ""))[:500])
