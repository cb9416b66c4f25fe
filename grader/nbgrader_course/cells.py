"""Reads an instructor's notebook: its cells, and what nbgrader's metadata make of each.

Instructors' notebooks are trusted, and wrong in many ways all the same: whatever is wrong is told
with the file, the cell and what to do. Nothing of a notebook is run here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from grader.errors import LabError

MOST_BYTES: Final = 16 * 1024 * 1024
FORMAT: Final = 4
SCHEMA: Final = 3
_GRADE_ID: Final = re.compile(r"[a-zA-Z0-9_\-]+")
_KINDS: Final = frozenset({"code", "markdown", "raw"})


class Role(StrEnum):
    """What nbgrader does with a cell."""

    FREE = "free"
    """Nothing: students may change it."""
    READ_ONLY = "read-only"
    """It is put back as it was before anything is run."""
    ANSWER = "answer"
    """Students write it; what it is worth, tests say."""
    TEST = "test"
    """It is run; no error, full points."""
    BY_HAND = "by hand"
    """Students write it, a person gives points."""
    TASK = "task"
    """A text that asks for cells of the student's own; a person gives points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of an instructor's notebook."""

    number: int
    """Its place among all cells, counted from 1."""
    kind: str
    """code, markdown or raw."""
    source: str
    """What is in it."""
    role: Role = Role.FREE
    """What nbgrader does with it."""
    id: str = ""
    """nbgrader's `grade_id`; empty for a free cell."""
    points: float = 0.0
    """What it is worth; not always a whole number."""
    document: dict[str, Any] = field(default_factory=dict)
    """The cell as it stands in the file."""

    @property
    def name(self) -> str:
        """Say which cell it is."""
        return f"cell {self.number}" + (f" ({self.id})" if self.id else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """An instructor's notebook."""

    where: str
    """What messages call the file."""
    cells: tuple[Cell, ...]
    """Its cells, in order."""
    document: dict[str, Any] = field(default_factory=dict)
    """All of the file but the cells."""


def read_notebook(content: bytes, where: str) -> Notebook:
    """Return an instructor's notebook; `where` names the file in messages.

    Raises LabError for what is no notebook of format 4 in Python with nbgrader's metadata of
    version 3: too large, broken, of another version, two cells with one id, points that are none.
    """
    document = _document(content, where)
    _demand_version(document, where)
    _demand_python(document, where)
    listed = document.pop("cells", None)
    if not isinstance(listed, list):
        raise LabError("it has no list of cells, so it is no notebook.", where=where)
    cells = tuple(_cell(cell, number, where) for number, cell in enumerate(listed, start=1))
    _demand_distinct(cells, where)
    return Notebook(where=where, cells=cells, document=document)


def joined(parts: list[Notebook]) -> Notebook:
    """Return the last but one of the notebooks, with the cells of all: header, body, footer.

    Raises LabError when two of them use one id.
    """
    body = parts[len(parts) // 2]
    listed = [cell for part in parts for cell in part.cells]
    cells = tuple(
        Cell(
            number=number,
            kind=cell.kind,
            source=cell.source,
            role=cell.role,
            id=cell.id,
            points=cell.points,
            document=cell.document,
        )
        for number, cell in enumerate(listed, start=1)
    )
    _demand_distinct(cells, body.where)
    return Notebook(where=body.where, cells=cells, document=body.document)


def demand_size(size: int, where: str) -> None:
    """Raise LabError for a notebook of too many bytes."""
    if size > MOST_BYTES:
        raise LabError(
            f"this notebook has {_mb(size)} MB; {_mb(MOST_BYTES)} MB are the limit.",
            where=where,
            advice="Clear all outputs in Jupyter, and save it again.",
        )


def _document(content: bytes, where: str) -> dict[str, Any]:
    demand_size(len(content), where)
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LabError(
            f"byte {error.start} is not UTF-8 text, so this is no notebook.", where=where
        ) from None
    except json.JSONDecodeError as error:
        raise LabError(
            f"this notebook is broken JSON: {error.msg}.",
            where=f"{where}:{error.lineno}",
            advice="Open it in Jupyter and save it again, or take the last copy that opens.",
        ) from None
    except (ValueError, RecursionError):
        raise LabError(
            "this notebook holds a number or a nesting that is too large.", where=where
        ) from None
    if not isinstance(document, dict) or "nbformat" not in document:
        raise LabError("this is JSON, but not that of a notebook.", where=where)
    return document


def _demand_version(document: dict[str, Any], where: str) -> None:
    version = document["nbformat"]
    if type(version) is int and version == FORMAT:
        return
    older = type(version) is int and version < FORMAT
    raise LabError(
        f"the format of this notebook is {str(version)[:20]}; only {FORMAT} can be read.",
        where=where,
        advice="Convert it: jupyter nbconvert --to notebook --inplace FILE"
        if older
        else "Save it with a Jupyter that writes format 4.",
    )


def _demand_python(document: dict[str, Any], where: str) -> None:
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    told = [metadata.get("kernelspec"), metadata.get("language_info")]
    names = [part.get(key) for part, key in zip(told, ("language", "name"), strict=True)
             if isinstance(part, dict)]  # fmt: skip
    language = next((name for name in names if isinstance(name, str) and name), "python")
    if language.lower() not in {"python", "ipython"}:
        raise LabError(
            f"this notebook is written in {language[:40]}, and only Python is graded here.",
            where=where,
        )


def _cell(cell: object, number: int, where: str) -> Cell:
    here = f"{where}, cell {number}"
    if not isinstance(cell, dict) or cell.get("cell_type") not in _KINDS:
        raise LabError("this is no cell of a notebook.", where=here)
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise LabError("the source of this cell is no text.", where=here)
    kind = cell["cell_type"]
    metadata = cell.get("metadata")
    told = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not told:
        return Cell(number=number, kind=kind, source=source, document=cell)
    if not isinstance(told, dict):
        raise LabError("nbgrader's metadata of this cell are none.", where=here)
    _demand_schema(told, here)
    role = _role(told, kind, here)
    if role is Role.FREE:
        return Cell(number=number, kind=kind, source=source, document=cell)
    return Cell(
        number=number,
        kind=kind,
        source=source,
        role=role,
        id=_grade_id(told, here),
        points=_points(told, here) if role in {Role.TEST, Role.BY_HAND, Role.TASK} else 0.0,
        document=cell,
    )


def _demand_schema(told: dict[str, Any], here: str) -> None:
    version = told.get("schema_version", 0)
    if version == SCHEMA and type(version) is int:
        return
    older = type(version) is int and version < SCHEMA
    raise LabError(
        f"nbgrader's metadata of this cell have version {str(version)[:20]}; {SCHEMA} can be read.",
        where=here,
        advice="Bring the course up to date, in its folder: nbgrader update ."
        if older
        else "This grader is older than the nbgrader of the course.",
    )


def _role(told: dict[str, Any], kind: str, here: str) -> Role:
    grade, solution = told.get("grade") is True, told.get("solution") is True
    if told.get("task") is True:
        return Role.TASK
    if grade and solution:
        return Role.BY_HAND
    if grade and kind != "code":
        raise LabError(
            "this cell is graded and is neither code nor an answer of the student's.",
            where=here,
            advice="Make it `Manually graded answer` in nbgrader's toolbar.",
        )
    if grade:
        return Role.TEST
    if solution:
        return Role.ANSWER
    return Role.READ_ONLY if told.get("locked") is True else Role.FREE


def _grade_id(told: dict[str, Any], here: str) -> str:
    grade_id = told.get("grade_id")
    if isinstance(grade_id, str) and _GRADE_ID.fullmatch(grade_id):
        return grade_id
    raise LabError(
        f"this cell needs an id of letters, digits, - and _, not {str(grade_id)[:40]!r}.",
        where=here,
        advice="Give it one in nbgrader's toolbar.",
    )


def _points(told: dict[str, Any], here: str) -> float:
    points: Any = told.get("points")
    is_number = isinstance(points, (int, float)) and not isinstance(points, bool)
    if is_number and math.isfinite(points) and points >= 0:
        return float(points)
    raise LabError(
        f"this cell needs points, a number from 0, not {str(points)[:40]!r}.",
        where=here,
        advice="Give it some in nbgrader's toolbar.",
    )


def _demand_distinct(cells: tuple[Cell, ...], where: str) -> None:
    for first, again in _twins(cells):
        raise LabError(
            f"cells {first.number} and {again.number} have the same id, {again.id!r}.",
            where=where,
            advice="One is a copy of the other: give it an id of its own in nbgrader's toolbar.",
        )


def _twins(cells: tuple[Cell, ...]) -> Iterator[tuple[Cell, Cell]]:
    seen: dict[str, Cell] = {}
    for cell in cells:
        if cell.id and cell.id in seen:
            yield seen[cell.id], cell
        seen[cell.id] = cell


def _mb(size: int) -> int:
    return -(-size // (1024 * 1024))
