"""Finds what lies in the folder of an nbgrader course, and writes the labs that are made of it.

    COURSE/nbgrader_config.py     read as text, for a few settings; never run
    COURSE/source/NAME/*.ipynb    each NAME becomes a lab
    COURSE/source_with_tests/     the same with tests that nbgrader wrote (AUTOTEST)

Labs are written beside their places, read as the grader would read them, and moved there: all of
what was asked for, or nothing.
"""

from __future__ import annotations

import ast
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from grader.errors import GraderError, LabError, UsageError
from grader.lab_reader import read_lab
from grader.layout import Files, not_junk, read_tree
from grader.manifest import read_manifest
from grader.nbgrader_course.cells import Notebook, demand_size, joined, read_notebook
from grader.nbgrader_course.making import Made, Wanted
from grader.nbgrader_course.regions import Marks

CONFIG: Final = "nbgrader_config.py"
SOURCE: Final = "source"
WITH_TESTS: Final = "source_with_tests"
KEPT: Final = ("submissions", "DESIGN.md", "equivalent.toml", "proof.md")
"""What people add to an imported lab on its private side; importing it again keeps it."""
_NOTHING: Final = Notebook(where="", cells=())
_TEXTS: Final = {
    "ClearSolutions.begin_solution_delimeter": ("solution", 0),
    "ClearSolutions.end_solution_delimeter": ("solution", 1),
    "ClearHiddenTests.begin_test_delimeter": ("hidden", 0),
    "ClearHiddenTests.end_test_delimeter": ("hidden", 1),
    "ClearMarkScheme.begin_mark_scheme_delimeter": ("scheme", 0),
    "ClearMarkScheme.end_mark_scheme_delimeter": ("scheme", 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a course's configuration says that matters here."""

    marks: Marks = field(default_factory=Marks)
    """The words by which regions are marked."""
    header: str = ""
    """Notebook that is put before each, relative to the course."""
    footer: str = ""
    """Notebook that is put after each."""


def names_in(course: Path) -> list[str]:
    """Return the names of the folders in `source/` that hold notebooks.

    Raises UsageError for a folder that is no nbgrader course.
    """
    source = course / SOURCE
    if not source.is_dir():
        raise UsageError(
            f"there is no folder {SOURCE}/, so this is no nbgrader course.",
            where=str(course),
            advice=f"Name the folder that holds {CONFIG} and {SOURCE}/.",
        )
    found = sorted(place.name for place in source.iterdir() if any(place.glob("*.ipynb")))
    if not found:
        raise UsageError(
            "no folder in it holds a notebook, so there is nothing to import.",
            where=str(source),
            advice=f"nbgrader keeps its notebooks in {SOURCE}/NAME/.",
        )
    return found


def read_settings(course: Path) -> Settings:
    """Return what the configuration says. Raises UsageError for one that is no Python."""
    path = course / CONFIG
    if not path.is_file():
        return Settings()
    try:
        tree = ast.parse(path.read_bytes(), CONFIG)
    except (SyntaxError, ValueError) as error:
        raise UsageError(
            f"this file is not Python ({getattr(error, 'msg', error)}).",
            where=f"{path}:{getattr(error, 'lineno', None) or 1}",
        ) from None
    told = dict(_assigned(tree))
    pairs = {name: list(getattr(Marks(), name)) for name in ("solution", "hidden", "scheme")}
    for key, (name, place) in _TEXTS.items():
        if isinstance(told.get(key), str):
            pairs[name][place] = told[key]
    marks = Marks(
        solution=(pairs["solution"][0], pairs["solution"][1]),
        hidden=(pairs["hidden"][0], pairs["hidden"][1]),
        scheme=(pairs["scheme"][0], pairs["scheme"][1]),
    )
    stub = told.get("ClearSolutions.code_stub")
    stub = stub.get("python") if isinstance(stub, dict) else stub
    text = told.get("ClearSolutions.text_stub")
    return Settings(
        marks=replace(
            marks,
            code_stub=stub if isinstance(stub, str) else marks.code_stub,
            text_stub=text if isinstance(text, str) else marks.text_stub,
        ),
        header=str(told.get("IncludeHeaderFooter.header") or ""),
        footer=str(told.get("IncludeHeaderFooter.footer") or ""),
    )


def _assigned(tree: ast.Module) -> Iterator[tuple[str, object]]:
    """Yield (`Class.name`, value) of `c.Class.name = value`, for values that are written out."""
    for node in tree.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        words = ast.unparse(node.targets[0]).split(".")
        if len(words) == 3 and words[0] == "c":  # noqa: PLR2004 - c, class, name
            with suppress(ValueError):
                yield ".".join(words[1:]), ast.literal_eval(node.value)


def read_folder(course: Path, name: str, settings: Settings) -> Wanted:
    """Return what lies in `source/NAME`. Raises LabError or UsageError."""
    folder = course / SOURCE / name
    if not folder.is_dir() or not any(folder.glob("*.ipynb")):
        known = ", ".join(names_in(course))
        raise UsageError(
            f"there is no notebook in {SOURCE}/{name}.",
            where=str(course),
            advice=f"Folders with notebooks are: {known}.",
        )
    for place in sorted(folder.glob("*.ipynb")):
        demand_size(place.stat().st_size, f"{SOURCE}/{name}/{place.name}")
    files = read_tree(folder, not_junk, f"{SOURCE}/{name}")
    notebooks = {}
    for path in [path for path in files if "/" not in path and path.endswith(".ipynb")]:
        content = files.pop(path)
        notebooks[path] = _notebook(course, f"{name}/{path}", content, settings)
    return Wanted(name=name, notebooks=notebooks, files=files, marks=settings.marks)


def _notebook(course: Path, path: str, content: bytes, settings: Settings) -> Notebook:
    with_tests = course / WITH_TESTS / path
    if b"AUTOTEST" in content and with_tests.is_file():
        return read_notebook(with_tests.read_bytes(), f"{WITH_TESTS}/{path}")
    body = read_notebook(content, f"{SOURCE}/{path}")
    ends = [_end(course, place) for place in (settings.header, settings.footer)]
    return joined([ends[0], body, ends[1]])


def _end(course: Path, place: str) -> Notebook:
    if not place:
        return _NOTHING
    try:
        return read_notebook((course / place).read_bytes(), place)
    except OSError as error:
        raise UsageError(
            f"{CONFIG} names the notebook {place!r}, which cannot be read ({error.strerror}).",
            where=str(course),
        ) from None


# -- writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A lab that was written."""

    made: Made
    """What it was made of."""
    public: Path
    """Its folder in labs/."""
    private: Path
    """Its folder in solutions/."""


def write_labs(made: Sequence[Made], out: Path, *, replaced: bool = False) -> list[Written]:
    """Write labs below a folder: all of them, or none.

    A lab of the same name that was imported before stays where it is, and is written anew only
    where `replaced` says so; submissions that were added to it are kept. Raises UsageError.
    """
    slugs = _slugs(made, out, replaced=replaced)
    work = out / f".import-{secrets.token_hex(4)}"
    try:
        for each, slug in zip(made, slugs, strict=True):
            _write(each, slug, work, out)
        places = [(side, slug) for slug in slugs for side in ("labs", "solutions")]
        (work / "old").mkdir(parents=True)
        _move_all([(work / side / slug, out / side / slug) for side, slug in places], work / "old")
    except OSError as error:
        raise UsageError(
            f"the labs cannot be written ({error.strerror or error}).",
            where=str(error.filename or out),
            advice="Make room, or name another folder with --out.",
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return [
        Written(made=each, public=out / "labs" / slug, private=out / "solutions" / slug)
        for each, slug in zip(made, slugs, strict=True)
    ]


def _slugs(made: Sequence[Made], out: Path, *, replaced: bool) -> list[str]:
    known = dict(_imported(out))
    taken = {place.name for place in out.glob("labs/*")} | {
        place.name for place in out.glob("solutions/*")
    }
    found: list[str] = []
    for each in made:
        slug = known.get(each.name) or _slug(each.name, taken)
        if each.name in known and not replaced:
            raise UsageError(
                f"{each.name!r} was imported before.",
                where=str(out / "labs" / slug),
                advice="Give --replace to write it anew; what you changed in it is lost, "
                "submissions are kept.",
            )
        taken.add(slug)
        found.append(slug)
    return found


def _imported(out: Path) -> Iterator[tuple[str, str]]:
    for place in sorted(out.glob("labs/*/lab.toml")):
        with suppress(GraderError, OSError):  # another lab's mistakes are not ours to tell
            table = read_manifest(place.read_bytes(), str(place)).nbgrader
            if table is not None:
                yield table.source, place.parent.name


def _slug(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "lab"
    numbers = [int(found.group(1)) for each in taken if (found := re.match(r"(\d+)-", each))]
    return f"{max(numbers, default=0) + 1:02d}-{plain}"


def _write(made: Made, slug: str, work: Path, out: Path) -> None:
    """Write one lab into the working folder, and read it as the grader will."""
    for side, files in (("labs", made.public), ("solutions", made.private)):
        _put(files, work / side / slug)
    for name in KEPT:
        there = out / "solutions" / slug / name
        if there.is_dir():
            shutil.copytree(there, work / "solutions" / slug / name)
        elif there.is_file():
            shutil.copy2(there, work / "solutions" / slug / name)
    try:
        read_lab(work / "labs" / slug, work / "solutions" / slug)
    except LabError as error:
        raise LabError(
            f"the lab that was made of it is wrong: {error.message}",
            where=f"{SOURCE}/{made.name}",
            advice=error.advice,
        ) from error


def _put(files: Files, folder: Path) -> None:
    for path, content in files.items():
        place = folder / PurePosixPath(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _move_all(pairs: Sequence[tuple[Path, Path]], aside: Path) -> None:
    """Move each folder to its place; where one cannot be moved, all is as it was."""
    done: list[tuple[Path, Path, Path]] = []
    try:
        for number, (fresh, target) in enumerate(pairs):
            old = aside / str(number)
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                target.rename(old)
            done.append((fresh, target, old))
            fresh.rename(target)
    except OSError:
        for fresh, target, old in reversed(done):
            if target.exists():
                target.rename(fresh)
            if old.exists():
                old.rename(target)
        raise
