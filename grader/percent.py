"""Turns one source into a module and into a notebook: Python with cells, as many editors know it.

    # %% limits                       a cell of code; its name is its id in the notebook
    MAX_BAD = 0.20

    # %% task-1 [markdown]            a cell of text, in comments
    # --------------------
    # Task 1: is it there?            a rule above a line makes it a heading

A module is the same text without the lines that begin cells. Pure text in, pure text out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from grader.errors import MarkerError
from grader.starter import BEGIN, comments_of

_MARK: Final = re.compile(r"# %% ([a-z][a-z0-9-]{0,60})( \[markdown\])?")
_LIKE: Final = re.compile(r"\s*#+\s*%%")
_RULE: Final = re.compile(r"# ?-{10,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a source."""

    id: str
    """Its name."""
    text: str
    """Python; or Markdown, without the comment signs."""
    is_text: bool = False
    """True for Markdown."""
    is_students: bool = False
    """True where students write in it."""


def has_cells(text: str) -> bool:
    """Tell whether a source is divided into cells."""
    return any(_LIKE.match(line) for line in text.split("\n"))


def as_module(text: str, name: str) -> str:
    """Return the source without the lines that begin cells. Raises MarkerError like `cells_of`."""
    marks = _marks(text, name)
    lines = text.split("\n")
    return "\n".join(line for number, line in enumerate(lines, start=1) if number not in marks)


def cells_of(text: str, name: str, written: frozenset[str] = frozenset()) -> tuple[Cell, ...]:
    """Return the cells of a source; what stands before the first one is no cell.

    `written` are ids of cells that students write in. Raises MarkerError, with file and line, for a
    line that only looks like the beginning of a cell, an id that comes twice, a cell of text with
    code in it, and a source without cells.
    """
    marks = _marks(text, name)
    if not marks:
        raise MarkerError(
            "the lab takes this module as a notebook, and it has no cells.",
            where=name,
            advice="Begin each cell with a line such as `# %% limits`.",
        )
    lines = text.split("\n")
    ends = [*list(marks)[1:], len(lines) + 1]
    made = []
    for (begin, (mark, is_text)), end in zip(marks.items(), ends, strict=True):
        body = lines[begin : end - 1]
        made.append(
            Cell(
                id=mark,
                text=_markdown(body, begin, name) if is_text else "\n".join(body).strip("\n"),
                is_text=is_text,
                is_students=mark in written,
            )
        )
    return tuple(made)


def written_cells(text: str, name: str) -> frozenset[str]:
    """Return the ids of the cells that hold a part of the solution, from a source with markers."""
    found = cells_of(text, name)
    return frozenset(
        cell.id for cell in found if any(line.strip() == BEGIN for line in cell.text.split("\n"))
    )


def _marks(text: str, name: str) -> dict[int, tuple[str, bool]]:
    """Return line -> (id, whether it is text) of every line that begins a cell."""
    comments = comments_of(text, name)
    marks: dict[int, tuple[str, bool]] = {}
    seen: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if number not in comments or not _LIKE.match(line):
            continue
        found = _MARK.fullmatch(line.rstrip("\r"))
        if not found:
            raise MarkerError(
                "this looks like the beginning of a cell, but it is none.",
                where=f"{name}:{number}",
                advice="Write `# %% name`, or `# %% name [markdown]`, at the left edge; names are "
                "of small letters, digits and hyphens.",
            )
        mark = found.group(1)
        if mark in seen:
            raise MarkerError(
                f"the cell of line {seen[mark]} is called {mark!r} already.",
                where=f"{name}:{number}",
            )
        seen[mark] = number
        marks[number] = (mark, bool(found.group(2)))
    return marks


def _markdown(body: list[str], begin: int, name: str) -> str:
    return "\n".join(_uncommented(body, begin, name)).strip("\n")


def _uncommented(body: list[str], begin: int, name: str) -> Iterator[str]:
    heading = False
    for number, line in enumerate(body, start=begin + 1):
        if line.strip() and not line.startswith("#"):
            raise MarkerError(
                "this is code in a cell of text.",
                where=f"{name}:{number}",
                advice="Begin a cell of code before it.",
            )
        if _RULE.fullmatch(line.rstrip()):
            heading = True
            continue
        text = line.removeprefix("#").removeprefix(" ").rstrip()
        yield f"## {text}" if heading and text else text
        heading = False
