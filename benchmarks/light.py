"""A light assignment: three small functions, no library; the same for every grader compared.

As a lab of ours it is a manifest and a pytest file; as notebooks it is what nbgrader's and otter's
authors write, with one graded cell a function.
"""

from __future__ import annotations

import pathlib
import textwrap
from dataclasses import dataclass
from typing import Any, Final

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grader.lab_folder import LabFolder
from grader.library import Library
from grader.submission import Bundle

POINTS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One function: what is written for it, and what says whether it is right."""

    name: str
    solution: str
    tests: tuple[str, ...]


TASKS: Final = (
    Task(
        name="share",
        solution="""
            def share(values, limit):
                return sum(value > limit for value in values) / len(values)
            """,
        tests=("assert share([1, 5, 9, 12], 4) == 0.75", "assert share([1], 4) == 0"),
    ),
    Task(
        name="tidy",
        solution="""
            def tidy(words):
                return [word.strip().lower() for word in words if word.strip()]
            """,
        tests=("assert tidy([' Kopi', 'SUSU ', ' ']) == ['kopi', 'susu']", "assert tidy([]) == []"),
    ),
    Task(
        name="counted",
        solution="""
            def counted(words):
                found = {}
                for word in words:
                    found[word] = found.get(word, 0) + 1
                return found
            """,
        tests=("assert counted(['a', 'b', 'a']) == {'a': 2, 'b': 1}", "assert counted([]) == {}"),
    ),
)

MANIFEST: Final = """\
schema = 1
title = "Three small functions"

[submit]
required = ["light.py"]
modules = ["light"]
"""


def solution() -> Bundle:
    """Return a right hand-in as a module."""
    parts = [textwrap.dedent(task.solution).strip() for task in TASKS]
    text = "\n\n\n".join(parts) + "\n"
    return Bundle.of({"light.py": text.encode()})


def tests() -> str:
    """Return the pytest file: one test a function."""
    lines = ["from light import counted, share, tidy"]
    for task in TASKS:
        body = "\n".join(f"    {line}" for line in task.tests)
        lines.append(f'def test_{task.name}():\n    """{task.name} is right."""\n{body}')
    return "\n\n\n".join(lines) + "\n"


def lab(root: pathlib.Path) -> LabFolder:
    """Write the lab into a folder and load it."""
    root.mkdir(parents=True, exist_ok=True)
    checks = [f'\n[[check]]\nid = "{task.name}"\npoints = {POINTS}\n' for task in TASKS]
    (root / "lab.toml").write_text(MANIFEST + "".join(checks))
    (root / "test_public.py").write_text(tests())
    return Library(root).load(root)


def nbgrader_source() -> str:
    """Return the instructor's notebook, with nbgrader's metadata (version 3)."""
    cells: list[Any] = []
    for task in TASKS:
        body = textwrap.dedent(task.solution).strip()
        marked = f"### BEGIN SOLUTION\n{body}\n### END SOLUTION"
        cells.append(_nbgrader_cell(marked, task.name, grade=False))
        cells.append(_nbgrader_cell("\n".join(task.tests), f"test_{task.name}", grade=True))
    return _written(cells)


def _nbgrader_cell(source: str, name: str, *, grade: bool) -> Any:
    told: dict[str, Any] = {
        "grade": grade,
        "grade_id": name,
        "locked": grade,
        "schema_version": 3,
        "solution": not grade,
        "task": False,
    }
    if grade:
        told["points"] = POINTS
    return new_code_cell(source, metadata={"nbgrader": told})


def otter_source() -> str:
    """Return the instructor's notebook as `otter assign` reads it."""
    cells: list[Any] = [
        new_raw_cell("# ASSIGNMENT CONFIG\nsolutions_pdf: false\ntemplate_pdf: false")
    ]
    for task in TASKS:
        cells.append(new_raw_cell(f"# BEGIN QUESTION\nname: {task.name}\npoints: {POINTS}"))
        cells.append(new_markdown_cell(f"Write `{task.name}`."))
        cells.append(new_raw_cell("# BEGIN SOLUTION"))
        body = textwrap.dedent(task.solution).strip()
        cells.append(new_code_cell(f"# BEGIN SOLUTION\n{body}\n# END SOLUTION"))
        cells.append(new_raw_cell("# END SOLUTION"))
        cells.append(new_raw_cell("# BEGIN TESTS"))
        cells.append(new_code_cell("\n".join(task.tests)))
        cells.append(new_raw_cell("# END TESTS"))
        cells.append(new_raw_cell("# END QUESTION"))
    return _written(cells)


def _written(cells: list[Any]) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"
