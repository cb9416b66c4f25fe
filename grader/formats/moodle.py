"""Grades for Moodle: standings -> the CSV of its grade import, or its grading worksheet filled in.

Who has no points is left out, or left as the worksheet has it: an empty cell would take away a mark
that a person gave in Moodle. Feedback holds titles and rules, and nothing that code printed.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Final

from grader.errors import UsageError
from grader.formats.csv import Cell, import_csv, number, read_rows, safe_text
from grader.formats.standing import Standing

IDENTIFIER: Final = "Identifier"
GRADE: Final = "Grade"
MAXIMUM: Final = "Maximum Grade"
EMAIL: Final = "Email address"
FEEDBACK: Final = "Feedback comments"
_PARTICIPANT: Final = "Participant "
_ADVICE: Final = (
    "In Moodle: the assignment, View all submissions, Download grading worksheet. It needs the "
    "English words Identifier and Grade in its first line."
)


def moodle_csv(standings: Iterable[Standing], title: str) -> bytes:
    """Return a file for Moodle's `Import grades` (CSV), one row for each student with points.

    `title` names the column of the grade. Students are found by their e-mail address or their ID
    number, which is the id of the roster.
    """
    name = safe_text(title)
    header = ["ID number", "Email address", "Full name", name, f"Feedback: {name}"]
    return import_csv([header, *(_row(each) for each in standings if each.points is not None)])


def moodle_worksheet(
    standings: Iterable[Standing], template: bytes, where: str
) -> tuple[bytes, tuple[str, ...]]:
    """Return the worksheet with grades and feedback, and ids of students that it does not have.

    All other cells stay as they are. Students are found by the number of `Participant 123` (the
    roster's lms_id), or by e-mail address. Raises UsageError for a file that is no worksheet, or
    one of a maximum that is not the lab's.
    """
    rows = read_rows(template, where)
    header = [cell.strip() for cell in rows[0]] if rows else []
    if IDENTIFIER not in header or GRADE not in header:
        raise UsageError(
            f"this is no grading worksheet: its first line has no {IDENTIFIER} and {GRADE}.",
            where=where,
            advice=_ADVICE,
        )
    with_points = [each for each in standings if each.points is not None]
    sheet = _Sheet(header, where)
    filled = [sheet.fill(row, number, with_points) for number, row in enumerate(rows[1:], start=2)]
    missing = tuple(each.student.id for each in with_points if each.student.id not in sheet.found)
    return import_csv([header, *filled]), missing


class _Sheet:
    """A worksheet that is being filled in."""

    def __init__(self, header: Sequence[str], where: str) -> None:
        self._at = {name: place for place, name in enumerate(header)}
        self._width = len(header)
        self._where = where
        self.found: set[str] = set()

    def fill(self, row: Sequence[str], line: int, standings: Sequence[Standing]) -> list[Cell]:
        """Return a row with the grade of its student, if there is one."""
        if len(row) != self._width:
            raise UsageError(
                f"this line has {len(row)} cells; the first one has {self._width}.",
                where=f"{self._where}:{line}",
                advice="Download the worksheet again, and do not change it.",
            )
        cells: list[Cell] = [_kept(cell) for cell in row]
        standing = self._whose(row, standings)
        if standing is None:
            return cells
        self.found.add(standing.student.id)
        self._demand_same_maximum(row, line, standing)
        cells[self._at[GRADE]] = number(standing.points)
        if FEEDBACK in self._at:
            cells[self._at[FEEDBACK]] = feedback(standing)
        return cells

    def _whose(self, row: Sequence[str], standings: Sequence[Standing]) -> Standing | None:
        identifier = row[self._at[IDENTIFIER]].strip().removeprefix(_PARTICIPANT)
        email = row[self._at[EMAIL]].strip().casefold() if EMAIL in self._at else ""
        for standing in standings:
            student = standing.student
            if student.lms_id and student.lms_id == identifier:
                return standing
            if email and student.email and student.email.casefold() == email:
                return standing
        return None

    def _demand_same_maximum(self, row: Sequence[str], line: int, standing: Standing) -> None:
        if MAXIMUM not in self._at:
            return
        said = row[self._at[MAXIMUM]].strip().replace(",", ".")
        try:
            same = float(said) == standing.grade.out_of
        except ValueError:
            same = False
        if not same:
            raise UsageError(
                f"the maximum in Moodle is {said or 'empty'!a}; the lab has "
                f"{standing.grade.out_of} points.",
                where=f"{self._where}:{line}",
                advice=f"Set the assignment's maximum grade to {standing.grade.out_of}.",
            )


def feedback(standing: Standing) -> str:
    """Return a few words on how the grade came about, as HTML, which is what Moodle shows.

    They are the lab's and the rules' words only.
    """
    report = standing.report
    told = [report.headline] if report and report.lines else []
    told += [standing.remark] if standing.remark else []
    open_lines = [line.title for line in report.lines if not line.passed] if report else []
    told += ["Not passed yet:", *open_lines] if open_lines else []
    return safe_text(html.escape(" ".join(told), quote=False))


def _kept(cell: str) -> str:
    """Return a cell of the worksheet; a lone dash is Moodle's word for nothing, and no formula."""
    return cell if cell.strip() == "-" else safe_text(cell)


def _row(standing: Standing) -> list[Cell]:
    student = standing.student
    return [
        safe_text(student.id),
        safe_text(student.email),
        safe_text(student.name),
        number(standing.points),
        feedback(standing),
    ]
