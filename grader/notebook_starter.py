"""Writes a notebook for students from the cells of a source: nbformat 4.5, nbgrader metadata 3.

The same cells make the same bytes, as Jupyter would save them. nbgrader need not be there, nor
Jupyter; what is written is valid by their schemas (a test asks them).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from grader.percent import Cell

CHECK: Final = "check"
"""Id of the cell that runs the public checks."""
ABOUT: Final = "about"
"""Id of the first cell, which says what the notebook is for."""
_SCHEMA: Final = 3
_CHECKING: Final = """\
# Save the notebook, then run this cell: it runs the checks that you see.
if __name__ == "__main__":
    !grader check"""
_ABOUT: Final = """\
# {title}

{about}

This notebook is one of two ways to do the lab: the other is the file `{module}`. They hold the same
tasks; work in one of them, and leave the other as it is.

Write where a cell says `NotImplementedError`. When your work is graded, all cells are run from the
top in a new process, and what they leave is checked; what the file stores as output counts for
nothing. So, before you hand in: *Restart and run all*."""


def notebook(cells: Sequence[Cell]) -> bytes:
    """Return the notebook with these cells."""
    document = {
        "cells": [_cell(cell) for cell in cells],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    return f"{text}\n".encode()


def about(title: str, docstring: str, module: str) -> Cell:
    """Return the first cell: the lab's title, what its source says of itself, and how it works."""
    first = docstring.strip().split("\n\n")[0]
    text = _ABOUT.format(title=title, about=first, module=module)
    return Cell(id=ABOUT, text=text, is_text=True)


def check() -> Cell:
    """Return the last cell, which runs the public checks."""
    return Cell(id=CHECK, text=_CHECKING)


def _cell(cell: Cell) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": "markdown" if cell.is_text else "code",
        "id": cell.id,
        "metadata": {"nbgrader": _nbgrader(cell)},
        "source": cell.text.splitlines(keepends=True),
    }
    if not cell.is_text:
        made |= {"execution_count": None, "outputs": []}
    return made


def _nbgrader(cell: Cell) -> dict[str, Any]:
    """Say what nbgrader should know: students write in it, or it is ours."""
    return {
        "schema_version": _SCHEMA,
        "grade": False,
        "grade_id": cell.id,
        "locked": not cell.is_students,
        "solution": cell.is_students,
        "task": False,
    }
