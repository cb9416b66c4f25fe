"""Takes solutions, hidden tests and mark schemes out of a notebook: what students receive.

Lines are marked as nbgrader marks them (`### BEGIN SOLUTION`, `### END SOLUTION`), and what stands
in their place is what nbgrader writes there.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from grader.errors import MarkerError
from grader.nbgrader_course.cells import Cell, Notebook, Role

_PUT_BACK: Final = frozenset({Role.READ_ONLY, Role.TEST, Role.TASK})
"""Cells that students cannot edit, and that are as they were whatever is handed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The words by which a course marks its regions, and what it writes in their place."""

    solution: tuple[str, str] = ("BEGIN SOLUTION", "END SOLUTION")
    """First and last line of a solution."""
    hidden: tuple[str, str] = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
    """First and last line of hidden tests."""
    scheme: tuple[str, str] = ("BEGIN MARK SCHEME", "END MARK SCHEME")
    """First and last line of a mark scheme."""
    code_stub: str = "# YOUR CODE HERE\nraise NotImplementedError()"
    """What students find in place of code."""
    text_stub: str = "YOUR ANSWER HERE"
    """What students find in place of a text."""


def without(source: str, marks: tuple[str, str], where: str, stub: str = "") -> tuple[str, bool]:
    """Return a source without the marked regions, and whether there was one.

    `stub` is written in place of each, indented as its first line. Raises MarkerError.
    """
    first, last = marks
    kept: list[str] = []
    inside = found = False
    for line in source.split("\n"):
        if first in line:
            if inside:
                raise MarkerError(f"{first} stands inside another one.", where=where)
            inside = found = True
            indent = re.match(r"\s*", line)
            space = indent.group(0) if indent else ""
            kept += [space + part for part in stub.split("\n")] if stub else []
        elif last in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise MarkerError(
            f"{first} has no {last}.", where=where, advice="Write it after the last line of these."
        )
    return "\n".join(kept), found


def visible(cell: Cell, marks: Marks, where: str) -> tuple[str, bool]:
    """Return what students see of a cell, solutions included, and whether something is hidden."""
    here = f"{where}, {cell.name}"
    source, hidden = without(cell.source, marks.hidden, here)
    if hidden and cell.role is not Role.TEST:
        raise MarkerError(
            "there are hidden tests in a cell that is no test.",
            where=here,
            advice="Make it `Autograder tests` in nbgrader's toolbar.",
        )
    return source, hidden


def starter_source(cell: Cell, marks: Marks, where: str) -> str:
    """Return the source of a cell as students receive it. Raises MarkerError."""
    here = f"{where}, {cell.name}"
    stub = marks.code_stub if cell.kind == "code" else marks.text_stub
    source, solved = without(cell.source, marks.solution, here, stub)
    is_answer = cell.role in {Role.ANSWER, Role.BY_HAND}
    if solved and not is_answer:
        raise MarkerError(
            "there is a solution in a cell that is no answer, so students would see the rest.",
            where=here,
            advice="Make it `Autograded answer` in nbgrader's toolbar.",
        )
    if is_answer and not solved:
        source = stub
    source, _ = visible(
        Cell(number=cell.number, kind=cell.kind, source=source, role=cell.role, id=cell.id),
        marks,
        where,
    )
    source, scheme = without(source, marks.scheme, here)
    if scheme and cell.role is not Role.TASK:
        raise MarkerError("there is a mark scheme in a cell that is no task.", where=here)
    return source


def starter(notebook: Notebook, marks: Marks) -> bytes:
    """Return the notebook that students receive: no solutions, hidden tests, outputs or schemes.

    Cells that nbgrader puts back are locked in it, and all have its checksums, so that `nbgrader
    validate` knows them. Raises MarkerError.
    """
    document: dict[str, Any] = copy.deepcopy(notebook.document)
    metadata = document.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("celltoolbar", None)
    cells = [_starter_cell(cell, marks, notebook.where) for cell in notebook.cells]
    return written({"cells": cells, **document})


def written(document: Mapping[str, Any]) -> bytes:
    """Return a notebook as Jupyter writes it."""
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def whole(notebook: Notebook) -> bytes:
    """Return the notebook as it is, its header and footer included, outputs left out."""
    cells = [_bare(cell.document) for cell in notebook.cells]
    return written({"cells": cells, **notebook.document})


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(document)
    if made["cell_type"] == "code":
        made |= {"outputs": [], "execution_count": None}
    return made


def _starter_cell(cell: Cell, marks: Marks, where: str) -> dict[str, Any]:
    made = _bare(cell.document)
    source = starter_source(cell, marks, where)
    made["source"] = source.splitlines(keepends=True)
    if cell.role is Role.FREE:
        return made
    metadata = made["metadata"]
    metadata["deletable"] = False
    if cell.role in _PUT_BACK:
        metadata["editable"] = False
    told = metadata["nbgrader"]
    told["cell_type"] = cell.kind
    told["checksum"] = _checksum(source, cell)
    return made


def _checksum(source: str, cell: Cell) -> str:
    """Return nbgrader's checksum of a cell; it tells students whether a cell was changed."""
    grade = cell.role in {Role.TEST, Role.BY_HAND}
    flags = (grade, cell.role in {Role.ANSWER, Role.BY_HAND}, cell.role in _PUT_BACK)
    points = [str(cell.points)] if grade else []
    told = "".join([source, cell.kind, *map(str, flags), cell.id, *points])
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()
