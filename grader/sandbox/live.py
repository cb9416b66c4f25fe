"""Every box that a pool has alive: it starts them, numbers their slots, and ends all of them.

Removal runs on background threads, a bounded number at a time, and is waited for at the end. What
the boxes are used for, and how often, is the pool's business.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from grader.crash_points import Point, reached
from grader.errors import BrokenError, EngineError, EngineUnavailableError, ImageMissingError
from grader.lab import Limits
from grader.sandbox.base import Box, BoxSpec, Role, Sandbox
from grader.sandbox.link import Link

ATTEMPTS: Final = 2
"""How often a start is tried for one who waits: an engine may stumble once."""
HOPELESS: Final = (EngineUnavailableError, ImageMissingError)
"""Errors that another attempt at once cannot mend."""
REMOVAL_S: Final = 30.0
CLOSED: Final = "the pool of boxes has been closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a box must be for a lab: boxes that agree in this can stand in for each other."""

    role: Role
    """Which side the box is on."""
    limits: Limits
    """What it may use."""
    preload: tuple[str, ...]
    """Libraries that it imports before it says that it is ready."""
    tools: bool
    """Whether it has the large libraries and programs."""
    lifetime_s: float
    """Seconds until it ends itself, idle time included."""

    def spec(self, slot: int) -> BoxSpec:
        """Describe such a box in a slot."""
        preload = ("--preload", ",".join(self.preload)) if self.preload else ()
        return BoxSpec(
            role=self.role,
            argv=("-m", f"grader.{self.role}", *preload),
            tools=self.tools,
            limits=self.limits,
            lifetime_s=self.lifetime_s,
            slot=slot,
            label=str(self.role),
        )


class LiveBoxes:
    """The boxes that are alive. Thread-safe."""

    def __init__(self, sandbox: Sandbox, *, start_timeout_s: float, removals: int) -> None:
        """Start boxes of `sandbox`; remove at most `removals` of them at the same time."""
        self._sandbox = sandbox
        self._start_timeout_s = start_timeout_s
        self._lock = threading.Lock()
        self._slots: set[int] = set()
        self._boxes: dict[Box, int] = {}
        self._threads: set[threading.Thread] = set()
        self._removals = threading.BoundedSemaphore(removals)
        self.is_closed = False

    def start(self, wanted: Wanted, *, attempts: int = ATTEMPTS) -> Link:
        """Return a link to a new box that has said READY.

        Raises EngineError with the reason when that failed `attempts` times, or once in a way that
        will not mend itself.
        """
        for attempt in range(1, attempts + 1):
            try:
                return self._start_once(wanted)
            except HOPELESS:
                raise
            except BrokenError as error:
                if attempt < attempts and not self.is_closed:
                    continue
                tried = f", tried {attempt} times" if attempt > 1 else ""
                raise EngineError(
                    f"no {wanted.role} could be started{tried}: {error}.",
                    advice="See what `grader doctor` says.",
                ) from error
        raise AssertionError("attempts is at least one")

    def end(self, box: Box, then: Callable[[], None] | None = None) -> None:
        """Remove a box soon, and then call `then`. Twice is fine: the second time nothing is done.

        Waits only while too many removals are under way.
        """
        slot = self._forget(box)
        if slot is None:
            return
        # An engine that hangs must not hang us: after this long there is one removal more.
        orderly = self._removals.acquire(timeout=REMOVAL_S)

        def remove() -> None:
            try:
                self._remove(box, slot)
            finally:
                if orderly:
                    self._removals.release()
                if then is not None:
                    then()

        self.soon(remove)

    def soon(self, work: Callable[[], None]) -> None:
        """Do something on a background thread that `close` waits for."""

        def run() -> None:
            try:
                work()
            finally:
                with self._lock:
                    self._threads.discard(threading.current_thread())

        # A daemon: an engine that hangs must not keep this program from ending.
        thread = threading.Thread(target=run, daemon=True, name="boxes")
        with self._lock:
            self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:  # no thread to be had, or the interpreter is ending
            with self._lock:
                self._threads.discard(thread)
            work()

    def shut(self) -> None:
        """Let nothing start any more."""
        with self._lock:
            self.is_closed = True

    def close(self, timeout_s: float) -> None:
        """End every box, and wait until they are gone, but not for ever. Twice is fine."""
        deadline = time.monotonic() + timeout_s
        self.shut()
        while time.monotonic() < deadline:
            with self._lock:
                boxes, threads = list(self._boxes), list(self._threads)
            if not boxes and not threads:
                return
            for box in boxes:
                self.end(box)
            for thread in threads:
                # Those that were added but not started yet cannot be joined: look again.
                with contextlib.suppress(RuntimeError):
                    thread.join(max(0.0, deadline - time.monotonic()))

    def _start_once(self, wanted: Wanted) -> Link:
        slot = self._take_slot()
        try:
            box = self._sandbox.start(wanted.spec(slot))
        except BaseException:
            self._free_slot(slot)
            raise
        try:
            reached(Point.BOX_STARTED, wanted.role)
            link = Link(box, end=lambda: self.end(box))
            self._remember(box, slot)
            link.await_ready(self._start_timeout_s)
            reached(Point.BOX_READY, wanted.role)
        except BaseException:
            if self.is_closed:
                # Nobody may be waiting for background threads any more.
                self._forget(box)
                self._remove(box, slot)
            else:
                self.end(box)
            raise
        return link

    def _remember(self, box: Box, slot: int) -> None:
        with self._lock:
            self._boxes[box] = slot
            if self.is_closed:
                raise EngineError(CLOSED)

    def _forget(self, box: Box) -> int | None:
        with self._lock:
            return self._boxes.pop(box, None)

    def _remove(self, box: Box, slot: int) -> None:
        reached(Point.BOX_ENDING, box.spec.role)
        try:
            box.close()
        finally:
            self._free_slot(slot)
        reached(Point.BOX_REMOVED, box.spec.role)

    def _take_slot(self) -> int:
        with self._lock:
            if self.is_closed:
                raise EngineError(CLOSED)
            slot = next(one for one in range(len(self._slots) + 1) if one not in self._slots)
            self._slots.add(slot)
        return slot

    def _free_slot(self, slot: int) -> None:
        with self._lock:
            self._slots.discard(slot)
