"""Frames over one box. It counts bytes and keeps deadlines; what a frame says is for its reader."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, Final, Self

from grader.errors import BoxGoneError, BoxTimeoutError, BrokenError, WireError
from grader.sandbox.base import Box, Certificate, Role
from grader.wire.frames import HEADER, MAX_FRAME, FrameReader, Kind, frame, read_message

GLANCE_S: Final = 0.001
"""Long enough to see what has already arrived."""
READY: Final = {Role.CHECKER: Kind.CHECKER_READY, Role.WORKER: Kind.WORKER_READY}


class Link:
    """The supervisor's end of a box. Not thread-safe, except for `close`."""

    def __init__(
        self, box: Box, *, max_frame: int = MAX_FRAME, end: Callable[[], None] | None = None
    ) -> None:
        """Speak over `box`; `end` is called in place of `box.close` when the link is closed."""
        self.box = box
        self.hello: dict[str, Any] = {}
        """The message of the READY frame, once `await_ready` has returned."""
        self.spoiled = False
        """True when nobody can know any more which bytes come next."""
        self._end = end or box.close
        self._reader = FrameReader(self._read, max_frame=max_frame)
        self._deadline = 0.0
        self._looked = False
        self._received = 0
        self._used = 0

    def send(self, kind: int, payload: bytes, timeout_s: float) -> None:
        """Send one frame.

        Raises WireError when it is too large (nothing was sent), BoxTimeoutError when the box did
        not take it in time and BoxGoneError when it has ended; the last two spoil the link.
        """
        data = frame(kind, payload)
        try:
            self.box.write(data, timeout_s)
        except BaseException:
            self.spoiled = True
            raise

    def receive(self, timeout_s: float) -> tuple[int, bytes] | None:
        """Return (kind, payload) of the next frame, or None when the other side has closed.

        The deadline is one for the whole frame, however slowly its bytes come. Raises
        BoxTimeoutError, which spoils the link only when part of a frame had come, and WireError,
        which always does.
        """
        self._deadline = time.monotonic() + timeout_s
        self._looked = False
        try:
            received = self._reader.frame(self._remaining)
        except BoxTimeoutError:
            self.spoiled = self.spoiled or self._received != self._used
            raise
        except BaseException:
            self.spoiled = True
            raise
        if received is None:
            self.spoiled = True
            return None
        self._used += HEADER.size + len(received[1])
        return received

    def await_ready(self, timeout_s: float) -> dict[str, Any]:
        """Return the message of the READY frame, and keep it as `hello`.

        Raises BoxGoneError with the reason when the box ended instead, and WireError when it said
        something else.
        """
        received = self.receive(timeout_s)
        if received is None:
            raise BoxGoneError(f"the {self.box.spec.role} ended while starting: {self._why()}")
        kind, payload = received
        if kind != READY[self.box.spec.role]:
            self.spoil()
            raise WireError(f"the {self.box.spec.role} began with a frame of kind {kind}")
        try:
            self.hello, _ = read_message(payload)
        except WireError:
            self.spoil()
            raise
        return self.hello

    def is_quiet(self) -> bool:
        """Return whether the box lives and has said nothing that was not asked for."""
        if self.spoiled:
            return False
        with contextlib.suppress(BrokenError):
            self.receive(GLANCE_S)
            self.spoil()
        return not self.spoiled

    def spoil(self) -> None:
        """Declare the link to be of no more use."""
        self.spoiled = True

    def certificate(self) -> Certificate:
        """Return how the box's process ended."""
        return self.box.certificate()

    def close(self) -> None:
        """End the box. Twice is fine."""
        self.spoiled = True
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _remaining(self) -> float:
        return self._deadline - time.monotonic()

    def _read(self, seconds: float) -> bytes:
        # A box that always has one more byte would otherwise stretch the deadline for ever.
        if seconds <= 0 and self._looked:
            raise BoxTimeoutError("a frame did not come in time")
        self._looked = True
        chunk = self.box.read(max(seconds, GLANCE_S))
        self._received += len(chunk)
        return chunk

    def _why(self) -> str:
        certificate = self.box.certificate()
        if certificate.out_of_memory:
            return "it ran out of memory"
        lines = certificate.stderr_tail.strip().splitlines()
        return lines[-1] if lines else f"exit code {certificate.exit_code}, without a word"
