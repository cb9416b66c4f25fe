"""Workers that serve several hand-ins, one after the other: our own examples, never a student's.

Starting a worker of a lab with large libraries takes longer than most runs of a proof. Between two
hand-ins the box ends every process of the one before and removes every file that it made; a box
that does not answer to that order in time, or with anything else, is thrown away. What a hand-in
might still leave behind (a process that it hid, a file that it changed) makes this unfit for
anybody whom one does not trust.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Self

from grader.errors import BrokenError
from grader.lab import Lab
from grader.sandbox.base import Sandbox
from grader.sandbox.link import Link
from grader.sandbox.pool import Boxes
from grader.wire.frames import Kind, message

USES: Final = 30
"""Hand-ins that one box serves."""
AGE_S: Final = 300.0
"""A box that is older serves no further hand-in: its own end must stay far away."""
ORDER_S: Final = 10.0
"""Seconds that the box gets to carry out an order."""
PLACES: Final = ("/tmp", "/dev/shm", "/var/tmp")  # noqa: S108 - inside the box
"""Where a hand-in can leave files, beside its own folder."""
_OBEYED: Final = b"P" + bytes(9) + message({"ok": True})
"""The whole answer of an obedient box: no output, no child. Nothing else is looked into."""


@dataclass(slots=True, kw_only=True)
class _Held:
    """A box, what it was made for, and how much it has been used."""

    link: Link
    made_for: object
    born: float
    uses: int = 0


class ReusedWorkers:
    """Boxes of which workers come back. Thread-safe. Only where the sandbox contains them."""

    def __init__(self, boxes: Boxes, clock: Callable[[], float] = time.monotonic) -> None:
        """Take boxes from there. Raises ValueError where they contain nothing."""
        if not boxes.sandbox.isolates:
            raise ValueError("boxes that contain nothing cannot be emptied")
        self._boxes = boxes
        self._clock = clock
        self._lock = threading.Lock()
        self._shelf: list[_Held] = []

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that the boxes belong to."""
        return self._boxes.sandbox

    def checker(self, lab: Lab) -> AbstractContextManager[Link]:
        """Lend a checker for one run. Raises EngineError when none can be started."""
        return self._boxes.checker(lab)

    def worker(self, lab: Lab) -> Link:
        """Return a link to a worker that is fresh or was emptied; closing it gives it back.

        Raises EngineError when none can be started.
        """
        held = self._take(lab) or self._fresh(lab)
        held.uses += 1
        return _Lent(held, self._come_back)

    def close(self) -> None:
        """End the boxes that were given back. Twice is fine."""
        with self._lock:
            shelf, self._shelf = self._shelf, []
        for held in shelf:
            held.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _take(self, lab: Lab) -> _Held | None:
        wanted = _made_for(lab)
        while True:
            with self._lock:
                fitting = [held for held in self._shelf if held.made_for == wanted]
                if not fitting:
                    return None
                held = fitting[-1]
                self._shelf.remove(held)
            if self._clock() - held.born < AGE_S and held.link.is_quiet():
                return held
            held.link.close()

    def _fresh(self, lab: Lab) -> _Held:
        link = self._boxes.worker(lab)
        held = _Held(link=link, made_for=_made_for(lab), born=self._clock())
        if not _obeys(link, {"op": "remember", "places": list(PLACES)}):
            held.uses = USES  # it is good for one hand-in, as any box is
        return held

    def _come_back(self, held: _Held, *, spoiled: bool) -> None:
        fit = held.uses < USES and self._clock() - held.born < AGE_S
        if spoiled or not fit or not _obeys(held.link, {"op": "begin_anew"}):
            held.link.close()
            return
        with self._lock:
            self._shelf.append(held)


class _Lent(Link):
    """A link of its own for each hand-in; the box's real end is decided when it comes back."""

    def __init__(self, held: _Held, back: Callable[..., None]) -> None:
        super().__init__(held.link.box)
        self.hello = held.link.hello
        self._held = held
        self._back = back
        self._is_closed = False

    def close(self) -> None:
        """Give the box back. Twice is fine."""
        if self._is_closed:
            return
        self._is_closed = True
        spoiled, self.spoiled = self.spoiled, True
        self._back(self._held, spoiled=spoiled)


def _made_for(lab: Lab) -> object:
    limits = lab.limits
    cells = bool(lab.submit.notebooks)
    return (lab.preload, lab.tools, cells, limits.memory_mb, limits.processes, limits.disk_mb)


def _obeys(link: Link, order: dict[str, object]) -> bool:
    try:
        link.send(Kind.TO_WORKER, b"P" + message(order), ORDER_S)
        answer = link.receive(ORDER_S)
    except BrokenError:
        return False
    return answer == (Kind.FROM_WORKER, _OBEYED) and link.is_quiet()
