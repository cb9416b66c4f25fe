"""Shows the answers of an imported notebook as one module, and puts a changed one back.

Liars and mutants are made from the text of a module. For a notebook, that text is the cells that
students write, one after the other; what was made of it goes back into those cells.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Final

from grader.lab import Lab
from grader.nbgrader_course.cells import Cell, Role, read_notebook
from grader.nbgrader_course.regions import written
from grader.submission import Bundle

_HEAD: Final = "# cell {} of the notebook"
_HEADS: Final = re.compile(r"^# cell (\d+) of the notebook$", re.MULTILINE)
_BEGIN: Final = "### BEGIN SOLUTION"
_END: Final = "### END SOLUTION"


def flat(bundle: Bundle, lab: Lab) -> Bundle:
    """Return a hand-in with a module beside each notebook; as it is, for labs not imported."""
    if lab.origin is None:
        return bundle
    files = bundle.as_dict()
    shown = {
        f"{module}.py": flattened(files[path])
        for module, path in lab.submit.notebooks
        if path in files
    }
    return Bundle.of(files | {name: text.encode() for name, text in shown.items()})


def folded(bundle: Bundle, lab: Lab) -> Bundle:
    """Return a hand-in whose modules have gone back into their notebooks."""
    if lab.origin is None:
        return bundle
    files = bundle.as_dict()
    for module, path in lab.submit.notebooks:
        text = files.pop(f"{module}.py", None)
        if text is not None and path in files:
            files[path] = with_answers(files[path], text.decode())
    return Bundle.of(files)


def flattened(content: bytes) -> str:
    """Return the answers of a notebook as one text, with marks around what students write.

    Cells that are not plain Python, with magics in them, are left out.
    """
    parts = []
    for cell in _answers(content):
        marked = _BEGIN in cell.source
        source = cell.source if marked else f"{_BEGIN}\n{cell.source}\n{_END}"
        parts.append(f"{_HEAD.format(cell.number)}\n{source}\n")
    return "\n".join(parts)


def with_answers(content: bytes, text: str) -> bytes:
    """Return a notebook with these answers; a text without heads goes into the first of them."""
    answers = [cell.number for cell in _answers(content)]
    pieces = _HEADS.split(text)
    found = dict(zip(map(int, pieces[1::2]), pieces[2::2], strict=True))
    if not found:
        found = dict.fromkeys(answers, "") | ({answers[0]: text} if answers else {})
    document = json.loads(content)
    for number in answers:
        if number in found:
            source = found[number].strip("\n")
            document["cells"][number - 1]["source"] = source.splitlines(keepends=True)
    return written(document)


def _answers(content: bytes) -> list[Cell]:
    cells = read_notebook(content, "the notebook").cells
    return [
        cell
        for cell in cells
        if cell.kind == "code" and cell.role is Role.ANSWER and _is_plain(cell.source)
    ]


def _is_plain(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True
