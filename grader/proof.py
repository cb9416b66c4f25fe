"""What a proof of a lab says: a row for each submission tried, the mutants, and what is wrong.

Values only. A proof is made by `grader.proving` and shown by `grader.prooftable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.errors import NotProvedError
from grader.lab import Floors

Kind = Literal["reference", "starter", "right", "wrong", "hostile", "liar"]
"""Why a submission is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRow:
    """One submission that was tried, under one seed or several."""

    name: str
    """`reference`, `starter`, the name of an example's folder, or `liar__…`."""
    kind: Kind
    """Why it is tried."""
    wanted: str
    """How it should end, in a few words."""
    saw: str
    """How it ended, in a few words."""
    ok: bool | None
    """Whether it ended as it should; None when it was not run."""
    points: int | None = None
    """Points in the worst case: the fewest where all are wanted, the most elsewhere."""
    seconds: float | None = None
    """Median time of its runs."""
    runs: int = 0
    """How many times it was graded, each time with another seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A mutant of the reference that earned everything."""

    file: str
    """Path in the reference."""
    line: int
    """Line of the change."""
    operator: str
    """Name of the operator that made it."""
    becomes: str
    """The changed line, without its indentation."""
    diff: str
    """The change as a unified diff."""
    equivalent: str = ""
    """Why it means the same as the reference, as the author declares; empty when it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationScore:
    """How many small changes of the reference the checks noticed."""

    possible: int
    """Places times operators: how many mutants there could be."""
    tried: int
    """How many were graded."""
    killed: int
    """How many of them lost a point."""
    survivors: tuple[Survivor, ...] = ()
    """Those that lost none, the declared equivalent ones included."""
    seed: int = 0
    """Seed that chose them."""
    call_s: float = 0.0
    """Seconds that one call might take."""

    @property
    def equivalent(self) -> int:
        """Survivors that the author declares to mean the same as the reference."""
        return sum(bool(survivor.equivalent) for survivor in self.survivors)

    @property
    def noticeable(self) -> int:
        """Mutants that the checks ought to notice."""
        return self.killed + len(self.survivors) - self.equivalent

    @property
    def rate(self) -> float | None:
        """Share of the noticeable mutants that was killed; None when there is none."""
        return self.killed / self.noticeable if self.noticeable else None

    @property
    def percent(self) -> int:
        """The rate in whole percent, rounded down so that it never looks better than it is."""
        return 100 * self.killed // self.noticeable if self.noticeable else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """How often one check said no to a wrong submission."""

    check: str
    """Id of the check."""
    count: int
    """Wrong submissions that failed it, those that earn nothing at all left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What trying a lab on submissions with known outcomes brought to light."""

    lab: str
    """Slug of the lab."""
    title: str
    """What the lab is called."""
    lab_digest: str
    """Digest of the lab that was proved."""
    out_of: int
    """Points that could be earned."""
    floors: Floors
    """What was demanded."""
    sandbox: str
    """docker, process or fake."""
    isolates: bool
    """Whether that sandbox contains hostile code."""
    seeds: tuple[int, ...]
    """Seeds of the reference's runs; the others use the first of them."""
    rows: tuple[ProofRow, ...]
    """The submissions, in a fixed order."""
    mutation: MutationScore | None
    """None when no mutant was tried."""
    refusals: tuple[Refusals, ...]
    """One for each check, in the order of the lab."""
    findings: tuple[str, ...]
    """What is wrong, and what to do about it; empty when the lab is proved."""
    notes: tuple[str, ...] = ()
    """What a reader should know that is no fault of the lab."""
    reference_seconds: float | None = None
    """Median time of the reference's runs."""
    seconds: float = 0.0
    """Time of the whole proof."""

    @property
    def is_proved(self) -> bool:
        """Whether nothing wrong was found among what was tried."""
        return not self.findings

    @property
    def is_complete(self) -> bool:
        """Whether everything was tried, hostile submissions and mutants included."""
        return self.mutation is not None and all(row.ok is not None for row in self.rows)

    def demand(self) -> None:
        """Raise NotProvedError, with every finding, unless the lab is proved."""
        if self.is_proved:
            return
        counted = "1 thing is" if len(self.findings) == 1 else f"{len(self.findings)} things are"
        raise NotProvedError(
            "\n".join([f"{counted} wrong.", *(f"  {finding}" for finding in self.findings)]),
            where=self.lab,
        )
