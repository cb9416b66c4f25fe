"""Writes the lab.toml of an imported lab. Text out; what it says is decided elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.nbgrader_course.regions import Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class LabToml:
    """What a lab.toml says."""

    name: str
    """Name of the folder in `source/`."""
    scale: int
    """Points here for one point of the course."""
    marks: Marks
    """The words by which the course marks its regions."""
    notebooks: Mapping[str, str]
    """Module -> file, of notebooks with checks."""
    others: tuple[str, ...]
    """Notebooks without checks."""
    preload: tuple[str, ...]
    """Libraries that are imported ahead of time."""
    given: tuple[str, ...]
    """Files that students receive unchanged."""
    checks: tuple[tuple[str, int, str], ...]
    """(id, points, `notebook/cell`) of each check."""


def lab_toml(told: LabToml) -> str:
    """Return the text.

    One notebook with checks is required. Of several, one that is missing costs its own points, as
    in nbgrader, so all of them are optional.
    """
    files = list(told.notebooks.values())
    required = files if len(files) == 1 else []
    optional = [*([] if required else files), *told.others]
    total = sum(points for _, points, _ in told.checks)
    parts = [
        ["schema = 1", f"title = {_quoted(told.name)}"],
        [
            "[nbgrader]",
            f"source = {_quoted(told.name)}",
            f"scale = {told.scale}",
            *_marks(told.marks),
        ],
        [
            "[submit]",
            *([f"required = {_listed(required)}"] if required else []),
            *([f"optional = {_listed(optional)}"] if optional else []),
            f"modules = {_listed(told.notebooks)}",
        ],
        [
            "[submit.notebooks]",
            *(f"{module} = {_quoted(file)}" for module, file in told.notebooks.items()),
        ],
        ["[image]", f"preload = {_listed(told.preload)}"] if told.preload else [],
        # As nbgrader's own default: 30 s for a cell.
        ["[limits]", "call_s = 30", "wall_s = 300", "memory_mb = 768"],
        ["[floors]", "starter_max = 0", f"liars_max = {total // 4}"],
        ["[build]", f"given = {_listed(told.given)}"] if told.given else [],
        *_checks(told.checks),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _checks(checks: Iterable[tuple[str, int, str]]) -> Iterator[list[str]]:
    for check, points, cell in checks:
        lines = ["[[check]]", f"id = {_quoted(check)}", f"points = {points}"]
        yield [*lines, f"cell = {_quoted(cell)}"] if cell else lines


def _marks(marks: Marks) -> Iterator[str]:
    """Yield what the course marks otherwise than nbgrader does by default."""
    usual = Marks()
    for key in ("solution", "hidden", "scheme"):
        value = getattr(marks, key)
        if value != getattr(usual, key):
            yield f"{key} = {_listed(value)}"
    for key in ("code_stub", "text_stub"):
        value = getattr(marks, key)
        if value != getattr(usual, key):
            yield f"{key} = {_quoted(value)}"


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's are valid ones, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"
