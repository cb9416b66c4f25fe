"""`[nbgrader]` of a lab.toml: where an imported lab came from, and how its notebooks are marked."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from grader.lab import Origin
from grader.manifest_values import Line
from grader.nbgrader_course.regions import Marks
from grader.tables import Table

Pair = Annotated[tuple[Line, Line], Field(strict=False)]
_USUAL: Final = Marks()


class NbgraderTable(Table):
    """`[nbgrader]`: the folder of an nbgrader course that the lab was imported from."""

    source: Line
    """Name of the folder in `source/`, and in `submitted/STUDENT/`."""
    scale: int = Field(default=1, ge=1, le=100)
    """Points here for one point there."""
    solution: Pair = _USUAL.solution
    """Words that begin and end a solution."""
    hidden: Pair = _USUAL.hidden
    """Words that begin and end hidden tests."""
    scheme: Pair = _USUAL.scheme
    """Words that begin and end a mark scheme."""
    code_stub: str = _USUAL.code_stub
    """What students find in place of code."""
    text_stub: str = _USUAL.text_stub
    """What students find in place of a text."""


def origin_of(table: NbgraderTable | None) -> Origin | None:
    """Return where the lab came from; None for a lab that was written here."""
    return Origin(name=table.source, scale=table.scale) if table else None


def marks_of(table: NbgraderTable) -> Marks:
    """Return the words by which the notebooks are marked."""
    return Marks(
        solution=table.solution,
        hidden=table.hidden,
        scheme=table.scheme,
        code_stub=table.code_stub,
        text_stub=table.text_stub,
    )
