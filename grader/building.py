"""Writes the starters in `labs/NN/` from the reference solution, or tells how they differ.

All starters of a lab are made before the first is written, each is replaced at once or not at all,
and no other file of the lab's public folder is touched.
"""

from __future__ import annotations

import contextlib
import difflib
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.crash_points import Point, reached
from grader.durable import PART
from grader.errors import LabError, MarkerError
from grader.lab import Submit
from grader.lab_folder import LabFolder
from grader.layout import Files, is_students, not_junk, place_of, read_tree
from grader.manifest_values import LABS_OWN_FILES
from grader.nbgrader_course.cells import read_notebook
from grader.nbgrader_course.regions import Marks, starter
from grader.nbgrader_course.table import marks_of
from grader.notebook_building import is_in_cells, record, starter_module, starter_notebook
from grader.starter import make_starter, regions


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file of a lab's public folder that is not what its source says."""

    path: Path
    """The file in the public folder."""
    what: str
    """`created` or `updated`; with `check`, what building would do."""
    diff: str
    """Unified diff from the present file to the starter; one line for files that are no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a lab's reference solution lies, and which of its files carry no markers on purpose."""

    folder: Path
    """`solutions/NN-slug/source`."""
    submit: Submit
    """What students hand in: only such files have markers."""
    given: Collection[str] = ()
    """Copied unchanged."""
    withheld: Collection[str] = ()
    """Not copied."""
    title: str = ""
    """The lab's title, which stands at the top of its notebooks."""
    marks: Marks | None = None
    """How notebooks of an nbgrader course are marked; None for labs that were written here."""


def build(lab: LabFolder, *, check: bool = False) -> list[Change]:
    """Write the lab's starters where they differ, and return what changed.

    With `check` nothing is written: a list that is not empty means that the starters are out of
    date. Raises MarkerError, with file and line, before anything is written; LabError for a source
    file that is no starter.
    """
    table = lab.manifest.build
    source = Source(
        folder=lab.source,
        submit=lab.lab.submit,
        given=table.given,
        withheld=table.withheld,
        title=lab.lab.title,
        marks=marks_of(lab.manifest.nbgrader) if lab.manifest.nbgrader else None,
    )
    return build_folder(source, lab.public, check=check)


def build_folder(source: Source, public: Path, *, check: bool = False) -> list[Change]:
    """Do as `build` does, from the folder of a source to a public folder."""
    made = starters(source)
    changes = []
    for path, content in made.items():
        target = public / path
        change = _difference(target, content, _executable(source.folder / path))
        if change is None:
            continue
        changes.append(change)
    if not check:
        for path in made:  # what a killed build left
            _beside(public / path).unlink(missing_ok=True)
        for change in changes:
            path = str(change.path.relative_to(public).as_posix())
            _replace(change.path, made[path], _mode(source.folder / path))
    return changes


def starters(source: Source) -> dict[str, bytes]:
    """Return path -> starter for all files of the source. Raises MarkerError or LabError."""
    where = place_of(source.folder)
    files = read_tree(source.folder, not_junk, where)
    for path in (*source.given, *source.withheld):
        if path not in files:
            raise LabError(
                f"[build] names {path!r}, which the source does not have.",
                where=where,
                advice=f"Files of the source: {', '.join(files) or 'none'}.",
            )
    made = {
        path: _imported(path, content, source) or _starter(path, content, source)
        for path, content in files.items()
        if path not in source.withheld
    }
    return made if source.marks else _with_notebooks(made, files, source)


def _with_notebooks(made: dict[str, bytes], files: Files, source: Source) -> dict[str, bytes]:
    """Add the notebooks of modules whose sources are in cells, and the record of all starters."""
    for module, path in source.submit.notebooks:
        name = f"{module}.py"
        if name not in made:
            continue
        if path in made:
            raise LabError(
                f"{path!r} is made from {name}; it has no source of its own.",
                where=place_of(source.folder / path),
            )
        where = place_of(source.folder / name)
        made[path] = starter_notebook(files[name].decode(), where, source.title)
    return made | record(made, source.submit)


def _imported(path: str, content: bytes, source: Source) -> bytes:
    """Return the starter of a notebook of an nbgrader course; nothing for any other file."""
    if source.marks is None or path in source.given or not path.endswith(".ipynb"):
        return b""
    return starter(read_notebook(content, place_of(source.folder / path)), source.marks)


def _starter(path: str, content: bytes, source: Source) -> bytes:
    where = place_of(source.folder / path)
    if path in LABS_OWN_FILES | {"README.md"} or PurePosixPath(path).parts[0] == "data":
        raise LabError(
            f"{path!r} is written by hand in the lab's public folder; it has no source.",
            where=where,
            advice="Move it to the lab's folder in labs/.",
        )
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        if path in source.given:
            return content
        line = content[: error.start].count(b"\n") + 1
        raise MarkerError("this line is not UTF-8 text.", where=f"{where}:{line}") from None
    has_regions = bool(regions(text, where))
    if path in source.given:
        if has_regions:
            raise MarkerError("this file is given, and yet it has solution markers.", where=where)
        return content
    if not has_regions:
        raise MarkerError(
            "this file has no solution markers: students would receive all of it.",
            where=where,
            advice="Mark the solution. If students may have the file, or must start it from "
            'nothing, say so in lab.toml: [build] given = ["…"] or withheld = ["…"].',
        )
    if not is_students(path, source.submit):
        raise LabError(
            "this file has solution markers, but students do not hand it in.",
            where=where,
            advice="Add it to [submit] in lab.toml.",
        )
    make = starter_module if is_in_cells(path, source.submit) else make_starter
    return make(text, where).encode()


def _difference(target: Path, content: bytes, executable: bool) -> Change | None:
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise LabError("a starter belongs here, but this is no regular file.", where=str(target))
    if not target.exists():
        return Change(path=target, what="created", diff=_diff(target, b"", content))
    present = target.read_bytes()
    if present == content and _executable(target) == executable:
        return None
    return Change(path=target, what="updated", diff=_diff(target, present, content))


def _diff(target: Path, present: bytes, content: bytes) -> str:
    name = place_of(target)
    if present == content:
        return f"{name}: the executable bit differs\n"
    try:
        before, after = present.decode(), content.decode()
    except UnicodeDecodeError:
        return f"{name}: files that are no text differ\n"
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        fromfile=name,
        tofile=f"{name} (built from its source)",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _executable(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & stat.S_IXUSR)


def _mode(path: Path) -> int:
    return 0o755 if _executable(path) else 0o644


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}{PART}")


def _replace(target: Path, content: bytes, mode: int) -> None:
    """Write the file beside its place and move it there, so that a reader sees old or new."""
    fresh = _beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.chmod(mode)
        reached(Point.STARTER_WRITTEN, target.name)
        fresh.replace(target)
        reached(Point.STARTER_PLACED, target.name)
    except OSError as error:
        raise LabError(
            f"this file cannot be written: {error.strerror}.", where=str(target)
        ) from None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
