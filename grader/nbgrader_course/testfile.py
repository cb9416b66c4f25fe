"""Writes the pytest files of an imported notebook: one function for each test cell."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_WIDTH: Final = 80
_HEAD: Final = '''\
"""{title}

Each function is one test cell of {file}. `cells` has the student's notebook run up to that cell,
then runs the text here, on the trusted side, with the names that the notebook has there. `NOTEBOOK`
says where names come from; what it says was read from the course's own notebook.
Made by `grader import nbgrader`; yours to change.
"""

{imports}NOTEBOOK = {notebook}
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One test function."""

    check: str
    """Id of the check."""
    title: str
    """What a student reads."""
    cell: str
    """Id of the cell."""
    source: str
    """The test cell's text."""
    options: Mapping[str, object]
    """More arguments of the call: `out_of`, `capture`."""
    at_least: float | None = None
    """For a step of partial credit: points that the cell must give."""


def file_text(
    title: str,
    file: str,
    notebook: Mapping[str, Any],
    functions: Iterable[Function],
    *,
    imports: Iterable[str] = (),
) -> str:
    """Return the text of a test file; `notebook` is what a plan tells.

    `imports` are libraries that the tests need: where one is not there, the file cannot be read,
    which is our fault and costs nobody points.
    """
    listed = list(functions)
    needed = "".join(f"import {name}  # the checks need it\n" for name in imports)
    head = _HEAD.format(
        title=title,
        file=file,
        imports=needed and f"{needed}\n",
        notebook="".join(_value(dict(notebook), 0)),
    )
    often = Counter(each.cell for each in listed)
    named = {each.cell: each.source for each in listed if often[each.cell] > 1}
    texts = [f"\n{_constant(cell)} = {_text(source)}\n" for cell, source in named.items()]
    bodies = [f"\n\n{_function(each, named)}" for each in listed]
    return "".join([head, *texts, *bodies])


def title_of(source: str, cell: str) -> str:
    """Return the line that a student reads: the cell's own docstring or comment, if it has one."""
    try:
        said = ast.get_docstring(ast.parse(source)) or ""
    except SyntaxError:
        said = ""
    if not said:
        first = next((line.strip() for line in source.splitlines() if line.strip()), "")
        said = first.strip("# ") if first.startswith("#") else ""
    said = said.split("\n\n", maxsplit=1)[0].strip()
    return said or f"Test cell {cell}."


def _constant(cell: str) -> str:
    return f"CELL_{re.sub(r'[^a-zA-Z0-9]', '_', cell).upper()}"


def _function(function: Function, named: Mapping[str, str]) -> str:
    cell = function.cell
    source = _constant(cell) if cell in named else _text(function.source)
    first = f"{_quoted(cell)}, {source}"
    options = "".join(f", {key}={_quoted(value)}" for key, value in function.options.items())
    call = f"cells.run({first}{options})"
    if function.at_least is not None:
        call = f"cells.earns({first}, {function.at_least!r}{options})"
    return f"def test_{function.check}(cells):\n    {_docstring(function.title)}\n    {call}\n"


def _quoted(value: object) -> str:
    """Return a literal, with the quotes that formatters write where that is the same."""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return json.dumps(value)
    return repr(value)


def _docstring(title: str) -> str:
    plain = " ".join(title.split()).replace("\\", "/").replace('"""', "'''")
    return f'"""{plain.rstrip(chr(34))}"""'


def _text(source: str) -> str:
    """Return a literal of some lines: as they stand, wherever that is possible."""
    body = source.strip("\n")
    for quotes in ("'''", '"""'):
        if quotes not in body:
            raw = "r" if "\\" in body else ""
            return f"{raw}{quotes}\n{body}\n{quotes}"
    return repr(source)


def _value(value: object, depth: int) -> Iterator[str]:
    space = "    " * (depth + 1)
    if isinstance(value, dict):
        yield "{\n"
        for key, inner in value.items():
            yield f"{space}{_quoted(key)}: "
            yield from _value(inner, depth + 1)
            yield ",\n"
        yield "    " * depth + "}"
    elif isinstance(value, list):
        flat = ", ".join(map(_quoted, value))
        short = len(flat) <= _WIDTH
        yield (
            f"[{flat}]"
            if short
            else "[\n" + "".join(f"{space}{_quoted(each)},\n" for each in value)
        )
        yield "" if short else "    " * depth + "]"
    elif isinstance(value, str) and "\n" in value:
        yield _text(value)
    else:
        yield _quoted(value)
