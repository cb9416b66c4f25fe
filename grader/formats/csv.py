"""Grades as a spreadsheet reads them: table -> bytes, and back again.

UTF-8 with a byte order mark, since Excel takes a file without one for the local code page and
spoils every accent; other programs skip the mark. Text is always quoted and can never act as a
formula; numbers are never quoted, so that they stay numbers.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from grader.cohort import Cohort, class_grades
from grader.errors import UsageError
from grader.grade import Grade
from grader.identity import Student
from grader.lab import Lab
from grader.outcome import Run, Verdict
from grader.plaintext import visible

COLUMNS: Final = (
    "student", "name", "section", "state", "points", "out_of", "percent", "late_hours", "penalty",
    "attempt", "attempts", "run", "why",
)  # fmt: skip
"""The first columns; then `check:ID` with the points earned, for each check of the lab."""
CHECK: Final = "check:"

_GUARD: Final = "'"
# What OWASP lists, after NFKC, which makes full-width and small forms plain; and the minus sign.
_FORMULA: Final = frozenset("=+-@\u2212")

Cell = str | int | float


def grades_csv(
    grades: Iterable[Grade], lab: Lab, cohort: Cohort | None = None, *, runs: Iterable[Run] = ()
) -> bytes:
    """Return one row per grade, then one per student of the roster who has none.

    `runs` are looked at for the points of each check of the run that counts.
    """
    known = list(grades)
    by_id = {run.id: run for run in runs}
    students = {student.id: student for student in (cohort.students if cohort else ())}
    seen = {grade.student for grade in known}
    absent = [grade for grade in class_grades(lab, (), cohort) if grade.student not in seen]
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *(safe_text(f"{CHECK}{check.id}") for check in lab.checks)])
    for grade in (*known, *absent):
        student = students.get(grade.student, Student(id=grade.student))
        writer.writerow([*_fixed(grade, student), *_earned(by_id.get(grade.run_id), lab)])
    return text.getvalue().encode("utf-8-sig")


def read_grades_csv(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a file that `grades_csv` made, without the guards before its text.

    Raises UsageError, with the line, for a file that is something else.
    """
    rows = read_rows(data, "grades.csv")
    header = [unguarded(cell) for cell in rows[0]] if rows else []
    if header[: len(COLUMNS)] != list(COLUMNS):
        raise UsageError(
            f"its first line must begin with {', '.join(COLUMNS)}.",
            where="grades.csv:1",
            advice=_ADVICE,
        )
    found = []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise UsageError(
                f"row {line} has {len(row)} cells; {len(header)} are needed.",
                where=f"grades.csv:{line}",
                advice=_ADVICE,
            )
        found.append({name: unguarded(cell) for name, cell in zip(header, row, strict=True)})
    return found


def read_rows(data: bytes, where: str) -> list[list[str]]:
    """Return the cells of a CSV file with commas, in UTF-8; `where` names it in messages.

    Raises UsageError for a file that is something else.
    """
    try:
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"this is not a CSV file in UTF-8 ({error}).", where=where, advice=_ADVICE
        ) from error


def import_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows for a platform to import: text quoted, numbers bare, no byte order mark.

    The caller guards text by `safe_text`. A mark would become part of the first column's name.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows(rows)
    return text.getvalue().encode()


_ADVICE: Final = "Save it as CSV with commas, in UTF-8, with all its columns."


def _fixed(grade: Grade, student: Student) -> Iterator[Cell]:
    yield safe_text(grade.student)
    yield safe_text(student.name)
    yield safe_text(student.section)
    yield grade.state.value
    yield number(grade.points)
    yield grade.out_of
    yield number(grade.percent)
    yield number(round(grade.late_by.total_seconds() / 3600, 2))
    yield number(grade.penalty)
    yield grade.attempt or ""
    yield grade.attempts
    yield safe_text(grade.run_id)
    yield safe_text(grade.why)


def _earned(run: Run | None, lab: Lab) -> Iterator[Cell]:
    """Yield the points per check; nothing where no run judged the work."""
    judged = run.results if run and run.verdict is Verdict.GRADED else ()
    earned = {result.id: result.earned for result in judged}
    for check in lab.checks:
        yield earned.get(check.id, "")


def number(value: float | None) -> Cell:
    """Return a whole number as an int, another as a float, and nothing as an empty cell."""
    if value is None:
        return ""
    return int(value) if value == int(value) else value


def safe_text(text: str) -> str:
    """Return text on one line, with a guard where a spreadsheet could take it for a formula.

    What begins with the guard itself gets another, so that `_plain` always takes off the right one.
    """
    line = " ".join(visible(text).splitlines()).replace("\t", " ")
    first = unicodedata.normalize("NFKC", line.lstrip().lstrip("\"'` ").lstrip()[:1])[:1]
    if line.startswith(_GUARD) or first in _FORMULA:
        return f"{_GUARD}{line}"
    return line


def unguarded(cell: str) -> str:
    """Return the text of a cell without the guard that `safe_text` set."""
    return cell.removeprefix(_GUARD)
