"""Where one student stands in one lab: the grade, and the run it rests on, told to one audience.

This is all that a format for other programs gets. It holds a Report and never a Run, so what the
audience may not read is gone before a format sees anything. Values only; no files, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grader.grade import Grade, State
from grader.identity import Student
from grader.outcome import Verdict
from grader.plaintext import MESSAGE_BYTES, capped
from grader.report import Report

_STATES: Final = {
    Verdict.GRADED: State.GRADED,
    Verdict.UNGRADABLE: State.UNGRADABLE,
    Verdict.BROKEN: State.PENDING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One student's grade for one lab, and the run that it rests on."""

    student: Student
    """Who it is."""
    grade: Grade
    """What counts today, with deadline, late policy and overrides."""
    report: Report | None
    """The run that the grade names, told to one audience; None when there is none."""

    @property
    def points(self) -> float | None:
        """Points of the grade, at most two decimals; None is not a zero."""
        return self.grade.points

    @property
    def is_ungradable(self) -> bool:
        """Whether there are no points because of the hand-in's form."""
        return self.grade.state is State.UNGRADABLE

    @property
    def says_something(self) -> bool:
        """Whether there are points, or a reason that the student can act on.

        Absent students and runs that broke through our fault have neither.
        """
        return self.points is not None or self.is_ungradable

    @property
    def reason(self) -> str:
        """Why the hand-in could not be graded; empty otherwise."""
        if not self.is_ungradable:
            return ""
        told = self.report.reason if self.report else ""
        return told or capped(self.grade.why, MESSAGE_BYTES)

    @property
    def remark(self) -> str:
        """How the grade came about, where there is more to say than the run does; safe text."""
        return "" if self.is_ungradable else capped(self.grade.why, MESSAGE_BYTES)


def of_report(report: Report) -> Standing:
    """Return the standing that a single report gives, where no cohort and no results are near."""
    points = None if report.earned is None else float(report.earned)
    return Standing(
        student=Student(id=report.student),
        grade=Grade(
            student=report.student,
            lab=report.lab,
            state=_STATES[report.verdict],
            points=points,
            out_of=report.out_of,
            run_id=report.run_id,
            attempt=report.attempt,
            attempts=report.attempt if report.verdict is Verdict.GRADED else 0,
            reasons=(report.reason,) if report.reason else (),
        ),
        report=report,
    )
