"""The clean morning from which lab 02's batches are made, and what a gate must answer to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from .faults import lines_at, some
from .lines import KEY, make_lines, numbered
from .outlets import make_outlets

CLOSED_LONG_AGO = "K09"
"""A ninth outlet, which stands in the table and sells nothing any more."""
ALLOWED = 14
"""Most bad rows among 72 that leave the batch alive: 14 / 72 is 19.4 %, and 20 % is the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call of the gate, and what it must answer."""

    name: str
    """What is odd or wrong, for staff."""
    batch: pd.DataFrame
    """What arrives."""
    history: pd.DataFrame
    """What was accepted before."""
    outlets: pd.DataFrame
    """The outlets."""
    now: pd.Timestamp
    """The moment of the call."""
    decision: str = "accept"
    """accept, quarantine or reject."""
    aside: frozenset[int] = field(default_factory=frozenset)
    """Line numbers that must be set aside; all of them when the batch is rejected."""
    faults: Mapping[int, str] = field(default_factory=dict)
    """Line number -> what is wrong with that line, where a batch has several faults; for staff."""

    def differs(self, decision: str, accepted: Sequence[int], aside: Iterable[int]) -> str:
        """Return how an answer differs from what was meant, for staff; "" if it does not."""
        if decision != self.decision:
            return f"{self.name}: {self.decision} was meant, not {decision!r:.40}"
        every, seen = set(self.batch["line"].tolist()), set(aside)
        for what, lines in (
            ("should be set aside", self.aside - seen),
            ("should not be set aside", seen - self.aside),
            ("should be accepted", every - self.aside - set(accepted)),
            ("should not be accepted", set(accepted) - (every - self.aside)),
            (
                "should be accepted once",
                {line for line, count in Counter(accepted).items() if count > 1},
            ),
        ):
            if lines:
                return f"{self.name}: {self._told(lines)} {what}"
        return ""

    def _told(self, lines: set[int]) -> str:
        # A student may have put anything into the column.
        first = sorted(lines, key=str)[:3]
        words = [str(line)[:40] for line in first]
        for place, line in enumerate(first):
            words[place] += f" ({self.faults[line]})" if line in self.faults else ""
        return f"line {', '.join(words)}{' and others' * (len(lines) > len(first))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A clean morning: 72 rows of yesterday, three days of history, eight open outlets."""

    rng: np.random.Generator
    """Where all choices come from."""
    day: pd.Timestamp
    """The day that the batch is about."""
    case: Case
    """The clean batch, accepted as a whole."""

    @property
    def batch(self) -> pd.DataFrame:
        """The clean batch; never changed in place."""
        return self.case.batch

    def some(self, count: int) -> list[int]:
        """Return positions of `count` rows of the clean batch."""
        return some(self.rng, self.batch, count)

    def a_few(self) -> list[int]:
        """Return positions of one to ALLOWED rows of the clean batch."""
        return self.some(int(self.rng.integers(1, ALLOWED + 1)))

    def apart(self, column: str, count: int) -> list[int]:
        """Return positions of rows that stay different sales when `column` is overwritten."""
        return self._of(np.flatnonzero(self._alike(column)), count)

    def each_apart(self, columns: Sequence[str]) -> list[list[int]]:
        """Return for each column one row or more of its own, at most ALLOWED in all.

        Those of a column of KEY stay different sales when it is overwritten.
        """
        most = ALLOWED // len(columns)
        free = np.ones(len(self.batch), dtype=bool)
        found = []
        for column in columns:
            pool = np.flatnonzero(free & self._alike(column))
            rows = self._of(pool, int(self.rng.integers(1, most + 1)))
            free[rows] = False
            found.append(rows)
        return found

    def _alike(self, column: str) -> np.ndarray:
        """Return a mask of rows: all, or those that have what the first has in a column of KEY."""
        if column not in KEY:
            return np.ones(len(self.batch), dtype=bool)
        return (self.batch[column] == self.batch[column].iloc[0]).to_numpy()

    def _of(self, pool: np.ndarray, count: int) -> list[int]:
        chosen = self.rng.choice(pool, size=min(count, len(pool)), replace=False)
        return sorted(chosen.tolist())

    def of(self, outlet: str) -> list[int]:
        """Return the positions of all rows of an outlet."""
        return np.flatnonzero(self.batch["outlet"] == outlet).tolist()

    def good(self, name: str, batch: pd.DataFrame | None = None, **changes: object) -> Case:
        """Return a case that must be accepted."""
        made = self.batch if batch is None else batch
        return replace(self.case, name=f"good: {name}", batch=made, **changes)

    def faulty(
        self, name: str, batch: pd.DataFrame, where: Sequence[int], **changes: object
    ) -> Case:
        """Return a case in which the rows at these positions must be set aside, and no others."""
        return replace(
            self.case,
            name=f"faulty: {name}",
            batch=batch,
            decision="quarantine",
            aside=lines_at(batch, where),
            **changes,
        )

    def several(
        self, batch: pd.DataFrame, faults: Mapping[str, Sequence[int]], **changes: object
    ) -> Case:
        """Return a case with several faults, each in rows of its own (positions)."""
        told = {line: name for name, rows in faults.items() for line in lines_at(batch, rows)}
        where = [row for rows in faults.values() for row in rows]
        return self.faulty(", ".join(faults), batch, where, faults=told, **changes)

    def refused(self, name: str, batch: pd.DataFrame, **changes: object) -> Case:
        """Return a case that must be rejected as a whole."""
        every = frozenset(batch["line"].tolist())
        return replace(
            self.case,
            name=f"refused: {name}",
            batch=batch,
            decision="reject",
            aside=every,
            **changes,
        )


def make_world(rng: np.random.Generator) -> World:
    """Return a fresh world on a day between February 2025 and December 2026."""
    day = pd.Timestamp("2025-02-01") + pd.Timedelta(days=int(rng.integers(0, 650)))
    outlets = make_outlets(rng, 9)
    outlets.loc[outlets["outlet"] == CLOSED_LONG_AGO, "closed"] = pd.Timestamp("2024-06-30")
    selling = outlets[outlets["closed"].isna()]
    lines = make_lines(rng, selling, first_day=str(day - pd.Timedelta(days=3)), length=4)
    clean = Case(
        name="good: a clean batch",
        batch=numbered(lines[lines["date"] == day]),
        history=numbered(lines[lines["date"] < day]),
        outlets=outlets,
        now=(day + pd.Timedelta(days=1, hours=5)).tz_localize("UTC"),
    )
    return World(rng=rng, day=day, case=clean)
