"""Grades for Canvas: standings -> the CSV that its gradebook imports.

Canvas finds its columns by their places: student, ID, SIS ids, section, then one column for the
lab. Who has no points is left out: Canvas takes an empty cell for a mark that is taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.errors import UsageError
from grader.formats.csv import Cell, import_csv, number, read_rows, safe_text
from grader.formats.standing import Standing
from grader.identity import person_key, unique_keys

FIXED: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
"""The columns before the grades, where no exported gradebook says which there are."""
_KNOWN: Final = frozenset({*FIXED, "Integration ID", "Root Account"})
_POINTS_POSSIBLE: Final = "    Points Possible"
_NUMBERED: Final = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)")
_ADVICE: Final = (
    "In Canvas: Grades, Export, Export entire gradebook; save it unchanged, with commas."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A file for Canvas, and what should be said about it."""

    data: bytes
    """The file."""
    column: str
    """The column that the grades are in."""
    is_new: bool
    """Whether Canvas will make a new column."""
    missing: tuple[str, ...]
    """Ids of students with points that the exported gradebook does not have."""


def canvas_csv(standings: Iterable[Standing], title: str, out_of: int) -> Filled:
    """Return the file without an exported gradebook: Canvas makes a new column for the lab.

    `ID` is the roster's lms_id; both SIS columns are the id, which Canvas tries in that order.
    """
    column = safe_text(title)
    rows: list[list[Cell]] = [[*FIXED, column], [_POINTS_POSSIBLE, "", "", "", "", out_of]]
    for standing in standings:
        student = standing.student
        if standing.points is None:
            continue
        texts = (student.name or student.id, student.lms_id, student.id, student.id)
        cells = [safe_text(text) for text in (*texts, student.section)]
        rows.append([*cells, number(standing.points)])
    return Filled(data=import_csv(rows), column=column, is_new=True, missing=())


def canvas_from(
    standings: Iterable[Standing], title: str, out_of: int, *, template: bytes, where: str
) -> Filled:
    """Return the file with the identifying columns of an exported gradebook.

    `title` is the lab's column, `A gate (4711)`, or only its title, or only Canvas's number. The
    other grade columns are left out, so that importing changes nothing else. Raises UsageError for
    a file that is no exported gradebook, and for a name that two columns have.
    """
    book = _Gradebook(template, where)
    name, place = book.column(title)
    with_points = [each for each in standings if each.points is not None]
    rows: list[list[Cell]] = [[*book.fixed, name]]
    possible = [_POINTS_POSSIBLE, *[""] * (len(book.fixed) - 1)]
    rows.append([*possible, out_of])
    found = set()
    for row, standing in book.matched(with_points):
        found.add(standing.student.id)
        cells = [safe_text(cell) for cell in row[: len(book.fixed)]]
        rows.append([*cells, number(standing.points)])
    missing = [each.student.id for each in with_points if each.student.id not in found]
    return Filled(data=import_csv(rows), column=name, is_new=place is None, missing=tuple(missing))


class _Gradebook:
    """An exported gradebook: its identifying columns, its grade columns, its students."""

    def __init__(self, data: bytes, where: str) -> None:
        self._where = where
        rows = read_rows(data, where)
        header = [cell.strip() for cell in rows[0]] if rows else []
        if header[:2] != ["Student", "ID"] or "Section" not in header:
            raise UsageError(
                "this is no gradebook of Canvas: its first line must begin with Student, ID.",
                where=where,
                advice=_ADVICE,
            )
        last = header.index("Section") + 1
        self.fixed = header[:last]
        self._grades = header[last:]
        strange = [name for name in self.fixed if name not in _KNOWN]
        if strange:
            raise UsageError(
                f"a column {strange[0]!a} stands before Section, where Canvas has none.",
                where=where,
                advice=_ADVICE,
            )
        self._students = [
            self._whole(row, line, len(header))
            for line, row in enumerate(rows[1:], start=2)
            if row and row[0].strip() and "Points Possible" not in row[0]
        ]

    def column(self, title: str) -> tuple[str, int | None]:
        """Return the name of the lab's column and its place, or the title where there is none."""
        wanted = title.strip()
        exact = [name for name in self._grades if name == wanted]
        found = exact or [name for name in self._grades if wanted in _title_and_number(name)]
        if len(found) > 1:
            raise UsageError(
                f"{len(found)} columns are called {wanted!a}.",
                where=self._where,
                advice=f'Name one with its number: --column "{found[0]}".',
            )
        if not found:
            return safe_text(wanted), None
        return found[0], self._grades.index(found[0])

    def matched(self, standings: Sequence[Standing]) -> Iterator[tuple[list[str], Standing]]:
        """Yield each row of a student with points: by number, by id, by login, by full name."""
        known = unique_keys(_keys_of(standings))
        by_id = {each.student.id: each for each in standings}
        taken: set[str] = set()
        for row in self._students:
            student = next((known[key] for key in self._keys(row) if key in known), "")
            if student and student not in taken:
                taken.add(student)
                yield row, by_id[student]

    def _keys(self, row: Sequence[str]) -> Iterator[str]:
        cells = dict(zip(self.fixed, row, strict=False))
        yield f"lms:{cells.get('ID', '').strip()}"
        for name in ("SIS User ID", "SIS Login ID"):
            value = cells.get(name, "").strip().casefold()
            if value:
                yield f"id:{value}"
        yield f"name:{_first_name_first(cells['Student'])}"

    def _whole(self, row: list[str], line: int, width: int) -> list[str]:
        if len(row) != width:
            raise UsageError(
                f"this line has {len(row)} cells; the first one has {width}.",
                where=f"{self._where}:{line}",
                advice=_ADVICE,
            )
        return row


def _keys_of(standings: Iterable[Standing]) -> Iterator[tuple[str, str]]:
    for standing in standings:
        student = standing.student
        yield f"lms:{student.lms_id}" if student.lms_id else "", student.id
        yield f"id:{student.id.casefold()}", student.id
        yield f"id:{student.email.casefold()}" if student.email else "", student.id
        yield f"name:{person_key(student.name)}" if student.name else "", student.id


def _first_name_first(name: str) -> str:
    last, comma, first = name.partition(",")
    return person_key(f"{first} {last}" if comma else name)


def _title_and_number(column: str) -> tuple[str, ...]:
    found = _NUMBERED.fullmatch(column)
    return found.groups() if found else (column,)
