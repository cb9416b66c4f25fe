"""Whose data is this? Compares a file, or lines of it, with the data that students received.

Pure: bytes in, counts out. It says whose data something was drawn for, and never who copied it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from grader.layout import Files

FEWEST_LETTERS: Final = 12
"""A shorter line may stand in anybody's data."""
DIGEST: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{12,64}(?![0-9a-f])")
"""The beginning of a SHA-256: 12 digits are the same by chance once in 280 million million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How much of what was asked about stands in one student's data."""

    student: str
    """Id of the student; empty for everybody's copy."""
    lines: int
    """Different lines that stand there."""
    digests: int
    """SHA-256 sums, or beginnings of one, that are those of its files."""

    @property
    def found(self) -> int:
        """Both together."""
        return self.lines + self.digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about."""

    lines: frozenset[str]
    """Its different lines that are long enough and hold a digit."""
    digests: frozenset[str]
    """What looks like a SHA-256 in it."""

    @property
    def size(self) -> int:
        """How much there is to be found."""
        return len(self.lines) + len(self.digests)


def question_of(content: bytes) -> Question:
    """Return what can be recognised in a file: its rows, and any SHA-256 that it mentions."""
    text = content.decode("utf-8", "replace")
    return Question(lines=_lines(text), digests=frozenset(DIGEST.findall(text.lower())))


def likeness(question: Question, student: str, data: Files) -> Likeness:
    """Return how much of it stands in a student's data."""
    held: set[str] = set()
    sums = []
    for content in data.values():
        held |= _lines(content.decode("utf-8", "replace"))
        sums.append(hashlib.sha256(content).hexdigest())
    return Likeness(
        student=student,
        lines=len(question.lines & held),
        digests=sum(any(each.startswith(mark) for each in sums) for mark in question.digests),
    )


def nearest_first(found: Iterable[Likeness]) -> list[Likeness]:
    """Return those of whom anything was found, the most first."""
    kept = [each for each in found if each.found]
    return sorted(kept, key=lambda each: (-each.found, each.student))


def is_clear(found: list[Likeness]) -> bool:
    """Tell whether the first of them (nearest first) has at least twice as much as the second."""
    return bool(found) and (len(found) == 1 or found[0].found >= 2 * found[1].found)


def _lines(text: str) -> frozenset[str]:
    stripped = (line.strip() for line in text.splitlines())
    return frozenset(
        line for line in stripped if len(line) >= FEWEST_LETTERS and any(map(str.isdigit, line))
    )
