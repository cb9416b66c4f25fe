"""Runs a student's notebook step by step: up to the place of one of its graded cells, and waits.

    plan      order      ids of the course's code cells that have one
              read_only  id -> source: put back, whatever the hand-in says there
              setup      id of a test cell -> what the cells below need of it

Test cells of the hand-in are never run: the course's own are, elsewhere. A cell that is missing has
its place after the one before it. Of two cells with one id the last one counts, as in nbgrader.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from grader.wire.notebooks import Cell, NotebookError, read_notebook
from grader.worker.notebooks import FAILURE, NotebookFinder

_STEPPING: Final[dict[str, Stepping]] = {}


def step(name: str, until: str, plan: Mapping[str, Any] | None) -> str | None:
    """Run module `name`'s notebook up to cell `until`; return which cell failed first.

    Without a plan, a notebook that was not begun in this process is not begun: None. Raises
    NotebookError for what is no notebook.
    """
    stepping = _STEPPING.get(name)
    if stepping is None:
        if plan is None:
            return None
        stepping = _STEPPING[name] = Stepping(name, plan)
    return stepping.up_to(until)


class Stepping:
    """One notebook on its way."""

    def __init__(self, name: str, plan: Mapping[str, Any]) -> None:
        """Read the notebook and put the course's cells into their places."""
        spec = importlib.util.find_spec(name)
        if spec is None or not isinstance(spec.loader, NotebookFinder) or not spec.origin:
            raise NotebookError(f"there is no notebook for {name!r} in this hand-in.")
        place = pathlib.Path(spec.origin)
        content = place.read_bytes()
        notebook = read_notebook(content, place.name)
        listed = list(zip(grade_ids(content), notebook.cells, strict=True))
        self._sequence = arranged(listed, [str(each) for each in plan["order"]])
        self._given = dict(plan["read_only"]) | dict(plan["setup"])
        self._known = frozenset(self._sequence_ids()) & frozenset(plan["order"])
        self._tests = self._known - frozenset(plan.get("answers", ()))
        self._next = 0
        self._module = importlib.util.module_from_spec(spec)
        sys.modules[name] = self._module
        vars(self._module)[FAILURE] = ""
        from grader.worker.shell import Running  # noqa: PLC0415 - it needs IPython, most labs do not

        self._running = Running(self._module, str(place))

    def _sequence_ids(self) -> list[str]:
        return [name for name, _ in self._sequence]
