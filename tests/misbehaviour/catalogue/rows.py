"""What a row of the catalogue is, and what a hand-in that tries it must come to. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from grader.lab import Lab
from tests.misbehaviour.catalogue.lab import CORPUS

LAST = 167
GROUPS = {
    "A": ("Forging scores", 1, 28),
    "B": ("Reading hidden tests", 29, 42),
    "C": ("Using up the machine", 43, 60),
    "D": ("Persistence, other submissions", 61, 70),
    "E": ("Ways out: network, secrets", 71, 78),
    "F": ("Malformed hand-ins, archives, names", 79, 90),
    "G": ("Notebooks", 91, 100),
    "H": ("Models and data files", 101, 108),
    "I": ("Pages, exports, terminals", 109, 118),
    "J": ("Dockerfiles", 119, 127),
    "K": ("CI workflows", 128, 134),
    "L": ("Faults of machine and operation", 135, 153),
    "M": ("Honest work", 154, 167),
}
"""Letter -> what the group is about, its first and its last row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One hand-in that tries a row, and how it must end."""

    name: str
    """What it does, in a few words; unique within its row."""
    files: Mapping[str, str | bytes]
    """What is handed in: path -> content."""
    points: int = 0
    """Exactly what it must earn; everything above is unearned."""
    status: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Check -> how it must end, where that matters."""
    says: str = ""
    """Words that the student must read somewhere in the report."""
    lab: Lab = CORPUS
    """The lab that it is handed in for."""
    verdict: str = "graded"
    """graded or ungradable; broken never."""
    seconds: float = 45.0
    """A generous bound: past it, something hung."""
    gap: str = ""
    """Why it is not run as a plain process: the known gap of a sandbox that contains nothing."""
    times: int = 1
    """How often it is handed in, one after another, by different students."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the catalogue."""

    number: int
    """1 to 167."""
    title: str
    """What is tried, in one line."""
    cases: tuple[Case, ...] = ()
    """Hand-ins that are really graded."""
    by: tuple[str, ...] = ()
    """Node ids of tests elsewhere that try it (a file alone means all of its tests)."""
    left_out: str = ""
    """Why it is not tried at all."""

    @property
    def group(self) -> str:
        """The letter of the row's group."""
        return next(
            letter for letter, (_, low, high) in GROUPS.items() if low <= self.number <= high
        )

    @property
    def is_tried(self) -> bool:
        """Whether anything tries it."""
        return bool(self.cases or self.by)


def row(number: int, title: str, *cases: Case, by: tuple[str, ...] = (), left_out: str = "") -> Row:
    """Return a row; short to write, since there are many."""
    return Row(number=number, title=title, cases=cases, by=by, left_out=left_out)
