"""Makes the notebooks of a lab from the sources of its modules, and the record of its starters.

The solution is taken out first and the rest is converted after, so that nothing can be in a
notebook that is not in a starter.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tomllib
from collections.abc import Mapping
from typing import Final

from grader import percent
from grader.errors import ManifestError, MarkerError
from grader.lab import Submit
from grader.layout import STARTERS
from grader.notebook_choice import CELLS, print_of
from grader.notebook_starter import about, check, notebook
from grader.starter import make_starter
from grader.wire.notebooks import Notebook, read_notebook

_HEAD: Final = """\
# Written by `grader build`: how the starters looked when they were handed out. A module and its
# notebook lie in every student's folder; the one that nobody worked on is known by this.
"""

Files = Mapping[str, bytes]


def is_in_cells(path: str, submit: Submit) -> bool:
    """Tell whether a file of the source is also the source of a notebook."""
    return path.removesuffix(".py") in dict(submit.notebooks) and path.endswith(".py")


def starter_module(text: str, name: str) -> str:
    """Return the starter of a module whose source is in cells. Raises MarkerError."""
    return percent.as_module(make_starter(text, name), name)


def starter_notebook(text: str, name: str, title: str) -> bytes:
    """Return the notebook that students begin with, from a source. Raises MarkerError."""
    written = percent.written_cells(text, name)
    stripped = make_starter(text, name)
    return _converted(stripped, name, title, written)


def solved_notebook(text: str, name: str, title: str) -> bytes:
    """Return the reference solution as a notebook. Raises MarkerError."""
    return _converted(text, name, title, percent.written_cells(text, name))


def _converted(text: str, name: str, title: str, written: frozenset[str]) -> bytes:
    cells = percent.cells_of(text, name, written)
    docstring = ast.get_docstring(ast.parse(text)) or ""
    before = text[: text.index("# %%")] if "# %%" in text else text
    if len(ast.parse(before).body) > bool(docstring):
        raise MarkerError(
            "before the first cell there is room for a docstring, and nothing else.",
            where=f"{name}:1",
            advice="Begin the first cell above the imports.",
        )
    module = name.rsplit("/", maxsplit=1)[-1]
    return notebook([about(title, docstring, module), *cells, check()])


def record(made: Files, submit: Submit) -> dict[str, bytes]:
    """Return starter.toml, for labs that take a module as a notebook; nothing for others."""
    prints: dict[str, str] = {}
    given: dict[str, list[str]] = {}
    for module, path in submit.notebooks:
        if path not in made:
            continue
        if f"{module}.py" in made:
            prints[f"{module}.py"] = print_of(made[f"{module}.py"])
        prints[path] = print_of(made[path])
        prints[f"{path}{CELLS}"] = print_of_cells(read_notebook(made[path], path))
        given[path] = _given(made[path])
    if not prints:
        return {}
    lines = [
        _HEAD,
        "[prints]",
        *(f"{json.dumps(path)} = {json.dumps(sha)}" for path, sha in prints.items()),
    ]
    lines += [
        "",
        "[given]",
        *(f"{json.dumps(path)} = {json.dumps(ids)}" for path, ids in given.items()),
    ]
    return {STARTERS: ("\n".join(lines) + "\n").encode()}


def print_of_cells(read: Notebook) -> str:
    """Return the SHA-256 over the code of a notebook, whatever else its file says."""
    whole = "\0".join(
        "\n".join(line.rstrip() for line in cell.source.splitlines()) for cell in read.cells
    )
    return hashlib.sha256(whole.encode()).hexdigest()


def _given(content: bytes) -> list[str]:
    cells = json.loads(content)["cells"]
    return [
        cell["id"]
        for cell in cells
        if cell["cell_type"] == "code" and cell["metadata"]["nbgrader"]["locked"]
    ]


def read_record(content: bytes | None, where: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return (path -> print, path of a notebook -> ids of the cells that the lab gives).

    Both are empty where there is no record. Raises ManifestError for one that cannot be read.
    """
    if content is None:
        return {}, {}
    try:
        told = tomllib.loads(content.decode())
        prints = {str(path): str(sha) for path, sha in told["prints"].items()}
        given = {str(path): [str(mark) for mark in ids] for path, ids in told["given"].items()}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError):
        raise ManifestError(
            "this is not what `grader build` wrote.", where=where, advice="Run: grader build"
        ) from None
    return prints, given
