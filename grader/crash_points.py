"""Named moments at which a supervisor may die: tests show that a crash at each loses nothing.

In use `reached` does nothing, and no option, variable or file changes that: only a program that
calls `listening` hears of the moments. Nothing here can end anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final


class Point(StrEnum):
    """A moment between two steps that must not be lost or done twice."""

    # the results folder is opened
    LOCK_TAKEN = "lock taken"
    PARTS_SWEPT = "parts swept"
    LAB_NAMED = "lab named"
    TORN_LINE_KEPT = "torn line kept"
    # one file is replaced, one line is appended
    PART_WRITTEN = "part written"
    PART_RENAMED = "part renamed"
    LINE_BEGUN = "line begun"
    LINE_WRITTEN = "line written"
    LINE_SYNCED = "line synced"
    # intake
    HANDIN_FOUND = "hand-in found"
    HANDIN_READ = "hand-in read"
    SNAPSHOT_KEPT = "snapshot kept"
    HANDIN_ACCEPTED = "hand-in accepted"
    HANDIN_REFUSED = "hand-in refused"
    # dispatch and results
    RUN_SENT = "run sent"
    RUN_LANDED = "run landed"
    RUN_RECORDED = "run recorded"
    RUN_TOLD = "run told"
    RUN_BROKE = "run broke"
    ENGINE_LOST = "engine lost"
    # the class's pages
    GRADES_WRITTEN = "grades written"
    STUDENTS_WRITTEN = "students written"
    CLASS_WRITTEN = "class written"
    # one grading
    GRADING_BEGUN = "grading begun"
    BOX_STARTED = "box started"
    BOX_READY = "box ready"
    WORKER_HIRED = "worker hired"
    CALL_SENT = "call sent"
    CALL_ANSWERED = "call answered"
    CHECK_TOLD = "check told"
    TALK_ENDED = "talk ended"
    BOX_ENDING = "box ending"
    BOX_REMOVED = "box removed"
    GRADING_ENDED = "grading ended"
    CONTAINER_CREATED = "container created"
    # a regrade
    REGRADE_KEPT = "regrade kept"
    REGRADE_COPIED = "regrade copied"
    REGRADE_COUNTS = "regrade counts"
    # files for others
    EXPORT_GATHERED = "export gathered"
    EXPORT_WRITTEN = "export written"
    COPY_WRITTEN = "copy written"
    COPY_ASIDE = "copy aside"
    COPY_PLACED = "copy placed"
    STARTER_WRITTEN = "starter written"
    STARTER_PLACED = "starter placed"


Ear = Callable[[Point, str], None]
"""Hears a point, and what it is about: `folder/file`, a role, or nothing."""

_EARS: Final[list[Ear]] = []


def reached(point: Point, about: str = "") -> None:
    """Say that this moment has come."""
    for ear in _EARS:
        ear(point, about)


@contextmanager
def listening(ear: Ear) -> Iterator[None]:
    """Let `ear` hear every moment of this process while the block runs, in whatever thread."""
    _EARS.append(ear)
    try:
        yield
    finally:
        _EARS.remove(ear)
