"""Which cells of an nbgrader gradebook a lab's checks stand for, and what each earned.

A lab of our own becomes one notebook, `checks`, with a cell for each check. A lab that was imported
goes back to where it came from: the notebooks and cells of its course, in the course's own points.
Pure: nothing of nbgrader is imported here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grader.formats.standing import Standing
from grader.lab import Lab
from grader.outcome import Verdict

NOTEBOOK: Final = "checks"
"""Name of the notebook that holds the checks of a lab: there is no file of that name."""
DECIDED: Final = "decided_by_a_person"
"""Grade cell, worth nothing itself, for what an override adds to the checks or takes off them."""
Place = tuple[str, str]
"""(notebook, cell)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A grade cell that is written."""

    notebook: str
    """Its notebook, without `.ipynb`."""
    cell: str
    """Its name there."""
    maximum: float
    """Its points there."""

    @property
    def place(self) -> Place:
        """Return (notebook, cell)."""
        return self.notebook, self.cell


def targets(lab: Lab, standings: Sequence[Standing]) -> list[Target]:
    """Return the cells that are written, in the order of the checks.

    The cell for what a person decided is there always for a lab of our own; in a course's own
    notebooks there is none, so another notebook is made where somebody has such a decision.
    """
    points: dict[Place, float] = defaultdict(float)
    for check in lab.checks:
        if lab.origin is None or check.cell:
            points[_place(check.cell or check.id, lab)] += check.points / _scale(lab)
    made = [Target(notebook=nb, cell=cell, maximum=round(most, 4))
            for (nb, cell), most in points.items()]  # fmt: skip
    decided = Target(notebook=NOTEBOOK, cell=DECIDED, maximum=0.0)
    if lab.origin is None or any(_decided(each, lab) for each in standings):
        made.append(decided)
    return made


def scores(standing: Standing, lab: Lab) -> dict[Place, float]:
    """Return place -> score: the checks of the run that counts, and what a person decided."""
    found: dict[Place, float] = defaultdict(float)
    earned = _earned(standing)
    for check in lab.checks:
        if lab.origin is None or check.cell:
            found[_place(check.cell or check.id, lab)] += earned.get(check.id, 0.0) / _scale(lab)
    rounded = {place: round(score, 4) for place, score in found.items()}
    return rounded | {(NOTEBOOK, DECIDED): _decided(standing, lab)}


def penalty(standing: Standing, lab: Lab) -> float:
    """Return what lateness costs, in the gradebook's points."""
    return round(standing.grade.penalty / _scale(lab), 4)


def _decided(standing: Standing, lab: Lab) -> float:
    if standing.points is None:
        return 0.0
    checks = sum(_earned(standing).get(check.id, 0.0) for check in lab.checks)
    return round((standing.points + standing.grade.penalty - checks) / _scale(lab), 2)


def _earned(standing: Standing) -> dict[str, float]:
    report = standing.report
    if report is None or report.verdict is not Verdict.GRADED:
        return {}
    return {line.check: float(line.earned) for line in report.lines}


def _place(cell: str, lab: Lab) -> Place:
    notebook, _, name = cell.partition("/")
    return (notebook, name) if lab.origin else (NOTEBOOK, cell)


def _scale(lab: Lab) -> int:
    return lab.origin.scale if lab.origin else 1
