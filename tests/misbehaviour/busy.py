"""Honest work while every slot is busy: it must earn everything, each time.

Hogs fill all slots but one: each spins until its time is over, and the next one follows at once.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.misbehaviour.catalogue.lab import WRONG, hidden
from tests.misbehaviour.catalogue.rows import Case
from tests.misbehaviour.running import Stand

SLOTS = 3
HOG = Case(
    name="spins",
    files={"answer.py": WRONG + "def f():\n    while True: sum(range(10_000))\n"},
    lab=hidden("assert f() == 5"),
)


@dataclass
class Marks:
    """What honest work earned."""

    tried: Counter[str] = field(default_factory=Counter)
    """Case -> how often it was handed in."""
    whole: Counter[str] = field(default_factory=Counter)
    """Case -> how often it earned everything."""
    hogs: int = 0
    """Hogs that were graded meanwhile."""
    forged: int = 0
    """Points that hogs earned."""
    lost: list[str] = field(default_factory=list)
    """What became of those that did not earn everything."""
    seconds: float = 0.0
    """How long it took."""


def under_load(stand: Stand, cases: Iterable[tuple[int, Case]], repeats: int) -> Marks:
    """Hand each case in `repeats` times while hogs keep all other slots of the stand busy."""
    marks, stop, began = Marks(), threading.Event(), time.monotonic()
    hogs = [threading.Thread(target=_hog, args=(stand, marks, stop)) for _ in range(SLOTS - 1)]
    for hog in hogs:
        hog.start()
    try:
        listed = list(cases)
        for number in range(repeats):
            for row, case in listed:
                _try(stand, f"{row}: {case.name}", case, marks, number)
    finally:
        stop.set()
        for hog in hogs:
            hog.join()
    marks.seconds = time.monotonic() - began
    return marks


def _try(stand: Stand, name: str, case: Case, marks: Marks, number: int) -> None:
    run = stand.hand_in(case, f"ada-{number}")
    marks.tried[name] += 1
    if run.verdict == "graded" and run.earned == run.out_of:
        marks.whole[name] += 1
        return
    ends = [(result.id, str(result.status), result.detail[-300:]) for result in run.results]
    marks.lost.append(f"{name}: {run.verdict} {run.earned} {ends} {run.staff_notes}")


def _hog(stand: Stand, marks: Marks, stop: threading.Event) -> None:
    while not stop.is_set():
        run = stand.hand_in(HOG, "mallory")
        marks.hogs += 1
        marks.forged += run.earned
