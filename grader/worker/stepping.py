"""Runs a student's notebook step by step: up to the place of one of its graded cells, and waits.

    plan      order      ids of the course's code cells that have one
              tests      those of them that are tests
              read_only  id -> source: put back, whatever the hand-in says there
              setup      id of a test cell -> what the cells below need of it

Test cells of the hand-in are never run: the course's own are, elsewhere. A cell that is missing has
its place after the one before it, or before the one after it; where no cell has its id any more (a
tool has dropped them), the end is the place of all. Of two cells with one id the last one counts,
as in nbgrader.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pathlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from grader.wire.notebooks import Cell, NotebookError, read_notebook
from grader.worker.notebooks import FAILURE, NotebookFinder

_ABSENT: Final = Cell(number=0, id="", source="")
_begun: dict[str, Stepping] = {}


def step(name: str, until: str, plan: Mapping[str, Any] | None) -> str | None:
    """Run module `name`'s notebook up to cell `until`; return which cell failed first.

    Without a plan, a notebook that was not begun in this process is not begun: None. Raises
    NotebookError for what is no notebook.
    """
    stepping = _begun.get(name)
    if stepping is None:
        if plan is None:
            return None
        stepping = _begun[name] = Stepping(name, plan)
    return stepping.up_to(until)


class Stepping:
    """One notebook on its way."""

    def __init__(self, name: str, plan: Mapping[str, Any]) -> None:
        """Read the notebook and put the course's cells into their places."""
        importlib.invalidate_caches()
        spec = importlib.util.find_spec(name)
        if spec is None or not isinstance(spec.loader, NotebookFinder) or not spec.origin:
            raise NotebookError("This notebook was not handed in.")
        place = pathlib.Path(spec.origin)
        content = place.read_bytes()
        notebook = read_notebook(content, place.name)
        order = [str(each) for each in plan["order"]]
        listed = list(zip(grade_ids(content), notebook.cells, strict=True))
        self._sequence = arranged(listed, order)
        self._given = {str(key): str(text) for key, text in plan["read_only"].items()}
        self._given |= {key: str(plan["setup"].get(key, "")) for key in plan["tests"]}
        self._next = 0
        self._module = importlib.util.module_from_spec(spec)
        sys.modules[name] = self._module
        vars(self._module)[FAILURE] = ""
        from grader.worker.shell import Running  # noqa: PLC0415 - it needs IPython, most labs do not

        self._running = Running(self._module, str(place))

    def up_to(self, until: str) -> str:
        """Run what stands above a cell and was not run yet; return which cell failed first."""
        ids = [name for name, _ in self._sequence]
        end = ids.index(until) if until in ids else len(ids)
        cells = [self._cell(name, cell) for name, cell in self._sequence[self._next : end]]
        self._next = max(self._next, end)
        failure = self._running.run(cell for cell in cells if cell.source.strip())
        vars(self._module)[FAILURE] = failure
        return failure

    def _cell(self, name: str, cell: Cell) -> Cell:
        return replace(cell, source=self._given[name]) if name in self._given else cell


def grade_ids(content: bytes) -> Iterator[str]:
    """Yield nbgrader's id of each code cell, empty where there is none.

    The notebook was read before, so that its size and shape are known to be in bounds.
    """
    for cell in json.loads(content.decode("utf-8-sig"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        told: Any = cell.get("metadata")
        told = told.get("nbgrader") if isinstance(told, dict) else None
        name = told.get("grade_id") if isinstance(told, dict) else None
        yield name if isinstance(name, str) else ""


def arranged(listed: Sequence[tuple[str, Cell]], order: Sequence[str]) -> list[tuple[str, Cell]]:
    """Return (id, cell) with one cell for each id of `order`, and none for other ids."""
    last = {name: place for place, (name, _) in enumerate(listed) if name in order}
    made = [
        (name if last.get(name) == place else "", cell) for place, (name, cell) in enumerate(listed)
    ]
    before = 0
    for place, name in enumerate(order):
        ids = [each for each, _ in made]
        if name in ids:
            before = ids.index(name) + 1
            continue
        if not before:
            below = [ids.index(each) for each in order[place:] if each in ids]
            before = min(below, default=len(made))
        made.insert(before, (name, _ABSENT))
        before += 1
    return made
