"""Reads a notebook: JSON in, code cells out, everything bounded. Nothing of it is run here.

    Notebook ── cells ──► Cell(number, name, source)

Only the sources count. Stored outputs, execution counts, attachments, widgets and all metadata are
claims of whoever saved the file, and nobody looks at them. It is used in the worker, and on a
student's own machine for a look at their own file; where work is graded, the trusted side takes a
notebook for bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

FORMAT: Final = 4
MOST_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a notebook: a hundred pictures of a plot, and far less than a box's memory."""
MOST_PARTS: Final = 500_000
"""Brackets, braces and commas: what costs memory in JSON. Pictures are text and have none."""
MOST_CELLS: Final = 2_000
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN: Final = 60
_SAVE_AGAIN: Final = "Open it in Jupyter, save it again, and run all cells from the top."


class NotebookError(ValueError):
    """A file is no notebook that can be run; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One code cell."""

    number: int
    """Its place among the code cells, counted from 1: what people count by."""
    id: str
    """Its id; empty where the file gives none (formats before 4.5)."""
    source: str
    """What is in it."""

    @property
    def name(self) -> str:
        """Say which cell it is: `cell 4 (limits)`; ids that a program made up say nothing."""
        made_up = len(self.id) in {8, 36} and re.fullmatch(r"[0-9a-f-]+", self.id)
        return f"cell {self.number}" + (f" ({self.id})" if self.id and not made_up else "")

    @property
    def first_line(self) -> str:
        """Return its first line that is not empty, cut to what fits in a message."""
        lines = (line.strip() for line in self.source.splitlines())
        first = next((line for line in lines if line), "")
        return first if len(first) <= _SHOWN else f"{first[: _SHOWN - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """The code of a notebook, in the order of the file."""

    cells: tuple[Cell, ...]
    """Its code cells."""
    ids: tuple[str, ...]
    """The ids of all its cells, texts included, where they have any."""


def read_notebook(content: bytes, name: str) -> Notebook:
    """Return the code of a notebook; `name` is what messages call the file.

    Raises NotebookError, and nothing else, for what is no notebook of format 4: broken JSON, other
    versions, cells that are none, two cells with one id, too much of anything.
    """
    document = _document(content, name)
    _demand_version(document, name)
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise _bad(name, "it has no list of cells", _SAVE_AGAIN)
    if len(cells) > MOST_CELLS:
        raise _bad(name, f"it has {len(cells):,} cells; {MOST_CELLS:,} are the limit", "Split it.")
    ids = tuple(_ids(cells, name))
    return Notebook(cells=tuple(_code(cells, name)), ids=ids)


def _document(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise _bad(
            name,
            f"it has {_mb(len(content))} MB; {_mb(MOST_BYTES)} are the limit",
            "Clear all outputs in Jupyter, and save it again.",
        )
    if sum(map(content.count, (b"[", b"{", b","))) > MOST_PARTS:
        raise _bad(
            name, "it has too many parts", "Clear all outputs in Jupyter, and save it again."
        )
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _bad(name, f"byte {error.start} is not UTF-8 text", _SAVE_AGAIN) from None
    except json.JSONDecodeError as error:
        said = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _bad(name, f"it is broken JSON ({said})", _SAVE_AGAIN) from None
    except (ValueError, RecursionError):
        raise _bad(name, "it holds a number or a nesting that is too large", _SAVE_AGAIN) from None
    if not isinstance(document, dict):
        raise _bad(name, "it is JSON, but not that of a notebook", _SAVE_AGAIN)
    return document


def _demand_version(document: dict[str, Any], name: str) -> None:
    version = document.get("nbformat")
    if version == FORMAT and type(version) is int:
        return
    told = repr(version)[:_SHOWN] if "nbformat" in document else "missing"
    raise _bad(
        name,
        f"its format is {told}, and only format {FORMAT} can be run",
        "Open it in a current Jupyter and save it: that writes format 4.",
    )


def _ids(cells: list[Any], name: str) -> Iterator[str]:
    """Yield the ids that cells have; refuse what is no cell, and an id that comes twice."""
    seen: dict[str, int] = {}
    for place, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
            raise _bad(name, f"number {place} of its cells is none", _SAVE_AGAIN)
        mark = cell.get("id")
        if mark is None:
            continue
        if not isinstance(mark, str) or not _ID.fullmatch(mark):
            raise _bad(name, f"the id of cell {place} (of all cells) is not valid", _SAVE_AGAIN)
        if mark in seen:
            raise _bad(
                name,
                f"cells {seen[mark]} and {place} (of all cells) have the same id, {mark!r}",
                "Open it in Jupyter and save it: that gives each cell an id of its own.",
            )
        seen[mark] = place
        yield mark


def _code(cells: list[dict[str, Any]], name: str) -> Iterator[Cell]:
    number = 0
    for place, cell in enumerate(cells, start=1):
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise _bad(name, f"the source of cell {place} (of all cells) is no text", _SAVE_AGAIN)
        if cell["cell_type"] == "code":
            number += 1
            yield Cell(number=number, id=cell.get("id") or "", source=source)


def _bad(name: str, what: str, advice: str) -> NotebookError:
    return NotebookError(f"{name} cannot be read as a notebook: {what}. {advice}")


def _mb(size: int) -> int:
    return -(-size // (1024 * 1024))
