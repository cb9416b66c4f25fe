"""Where the files of a lab go: what the checker gets, what lies beside the student's files.

Reads folders (regular files only, sizes capped) and sorts paths. It never imports or runs what it
reads, and gives the worker nothing of the tests.

A lab of the course is laid out for the checker as

    conftest.py  test_public.py  data/…         from labs/NN-slug/
    hidden/conftest.py  hidden/test_hidden.py   from solutions/NN-slug/
    hidden/kopi/…                               from solutions/kopi/, where lab.toml includes it

A lab that was given as a path keeps its own layout.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

from grader.durable import PART
from grader.errors import LabError
from grader.lab import Submit

MAX_FILES: Final = 2_000
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
MAX_TREE_BYTES: Final = 64 * 1024 * 1024

HIDDEN: Final = "hidden"
DATA: Final = "data/"
STARTERS: Final = "starter.toml"
NOT_FOR_BOXES: Final = frozenset({"lab.toml", "README.md", STARTERS})
PRIVATE_ONLY: Final = frozenset({"source", "submissions", "DESIGN.md", "equivalent.toml"})
JUNK: Final = frozenset(
    {
        *("__pycache__", ".git", ".DS_Store", "__MACOSX", ".ipynb_checkpoints"),
        *(".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis", ".venv"),
    }
)

Files = dict[str, bytes]
Wanted = Callable[[PurePosixPath], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The files of a lab, sorted by who gets them. Paths are relative to the layout's root."""

    trusted: Files
    """For the checker: tests, fixtures, data."""
    worker: Files
    """For the worker, beside the student's files: public data and given files."""
    public_tests: tuple[str, ...]
    """Test files whose inputs a student may see."""
    hidden_tests: tuple[str, ...]
    """The other test files."""


def read_tree(folder: Path, wanted: Wanted, where: str, *, lenient: bool = False) -> Files:
    """Return path -> content of all wanted regular files below a folder, in order of path.

    Raises LabError for links, special files and too much of anything. With `lenient` (a student's
    own folder) links and large files are left out instead.
    """
    files: Files = {}
    total = 0
    for path, place in _walk(folder, PurePosixPath(), wanted):
        reason = _not_readable(place)
        if reason and lenient:
            continue
        if reason:
            raise LabError(reason, where=f"{where}/{path}", advice="Move it out of the lab.")
        content = place.read_bytes()
        total += len(content)
        files[str(path)] = content
        if total > MAX_TREE_BYTES or len(files) > MAX_FILES:
            raise LabError(
                f"the folder holds more than {MAX_FILES:,} files or {_mb(MAX_TREE_BYTES)} MB.",
                where=where,
                advice="A lab needs small files; make large data in a fixture.",
            )
    return files


def is_test_file(path: str) -> bool:
    """Tell whether pytest would collect a file of that name."""
    name = PurePosixPath(path).name
    return fnmatchcase(name, "test_*.py") or fnmatchcase(name, "*_test.py")


def is_students(path: str, submit: Submit) -> bool:
    """Tell whether a path is the student's: listed in [submit], or part of one of the modules."""
    if path in (*submit.required, *submit.optional, *dict(submit.notebooks).values()):
        return True
    top = PurePosixPath(path).parts[0]
    return top in submit.modules or top.removesuffix(".py") in submit.modules


def not_junk(path: PurePosixPath) -> bool:
    """Tell whether a path is content: no caches, no leftovers of editors and systems."""
    if path.name.startswith(".") and path.suffix == PART:  # a build was killed in the middle
        return False
    return path.name not in JUNK and path.suffix not in {".pyc", ".pyo"}


def course_layout(
    public: Files, private: Files, shared: dict[str, Files], *, submit: Submit, given: Files
) -> Layout:
    """Lay out a lab of the course from its public folder, its private one, and shared folders.

    Raises LabError for a test file in the public folder whose name does not say that it is public.
    """
    trusted = {path: content for path, content in public.items() if not is_students(path, submit)}
    for path in trusted:
        if is_test_file(path) and not is_public_test(path):
            raise LabError(
                "a test file that students receive is called test_public.py, or test_public_….py.",
                where=path,
                advice="Rename it, or move it to the lab's folder in solutions/.",
            )
    if any(path.startswith(f"{HIDDEN}/") for path in public):
        raise LabError(
            "the name of this folder is taken: the hidden tests are put there.",
            where=HIDDEN,
            advice="Rename the folder.",
        )
    hidden = dict(private)
    for name, files in shared.items():
        if any(PurePosixPath(path).parts[0] == name for path in private):
            raise LabError(
                f"the lab's own folder has {name!r} too, and [private] includes another one.",
                where=f"solutions/{name}",
            )
        hidden.update(
            {f"{name}/{path}": text for path, text in files.items() if not is_test_file(path)}
        )
    tests = tuple(f"{HIDDEN}/{path}" for path in hidden if is_test_file(path))
    return Layout(
        trusted=trusted | {f"{HIDDEN}/{path}": content for path, content in hidden.items()},
        worker=_public_data(trusted) | given,
        public_tests=tuple(path for path in trusted if is_public_test(path)),
        hidden_tests=tests,
    )


def path_layout(files: Files, *, submit: Submit, given: Files) -> Layout:
    """Lay out a lab that was given as a path: its own layout, the student's files left out.

    Where a test_hidden*.py stands, all but test_public*.py is hidden; otherwise all is public.
    """
    trusted = {path: content for path, content in files.items() if not is_students(path, submit)}
    tests = [path for path in trusted if is_test_file(path)]
    has_hidden = any(PurePosixPath(path).name.startswith("test_hidden") for path in tests)
    public = tuple(path for path in tests if not has_hidden or is_public_test(path))
    return Layout(
        trusted=trusted,
        worker=_public_data(trusted) | given,
        public_tests=public,
        hidden_tests=tuple(path for path in tests if path not in public),
    )


def without_hidden_tests(files: Files) -> Files:
    """Leave out the tests that a student has not received, and those that a student wrote."""
    has_public = any(is_public_test(path) for path in files)
    return {
        path: content
        for path, content in files.items()
        if not is_test_file(path)
        or is_public_test(path)
        or not (has_public or PurePosixPath(path).name.startswith("test_hidden"))
    }


def is_public_test(path: str) -> bool:
    """Tell whether a test file's name says that students may see it."""
    return fnmatchcase(PurePosixPath(path).name, "test_public*.py")


def wanted_in_public(path: PurePosixPath) -> bool:
    """Tell whether a file of a lab's public folder may go to a box."""
    return not_junk(path) and str(path) not in NOT_FOR_BOXES and not path.name.startswith(".")


def wanted_in_path_lab(path: PurePosixPath) -> bool:
    """Tell whether a file of a lab that was given as a path may go to a box."""
    return wanted_in_public(path) and path.parts[0] not in PRIVATE_ONLY


def wanted_in_private(path: PurePosixPath) -> bool:
    """Tell whether a file of a lab's private folder goes to the checker."""
    return wanted_in_public(path) and path.parts[0] not in PRIVATE_ONLY


def place_of(path: Path) -> str:
    """Return a path for messages: from here if it lies below, else from labs/ or solutions/."""
    if path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    for number in range(len(path.parts) - 1, 0, -1):
        if path.parts[number] in {"labs", "solutions"}:
            return "/".join(path.parts[number:])
    return str(path)


def _public_data(trusted: Files) -> Files:
    return {path: content for path, content in trusted.items() if path.startswith(DATA)}


def _walk(
    folder: Path, inside: PurePosixPath, wanted: Wanted
) -> Iterator[tuple[PurePosixPath, Path]]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names alone are needed, and in order
    except OSError as error:
        raise LabError(
            f"this folder cannot be read: {error.strerror}.", where=str(folder)
        ) from None
    for name in names:
        path, place = inside / name, folder / name
        if not wanted(path):
            continue
        if place.is_dir() and not place.is_symlink():
            yield from _walk(place, path, wanted)
        else:
            yield path, place


def _not_readable(place: Path) -> str:
    """Return why a file cannot be part of a lab, or an empty string."""
    try:
        status = place.lstat()
    except OSError as error:
        return f"this file cannot be read: {error.strerror}."
    if stat.S_ISLNK(status.st_mode):
        return "links are not allowed in a lab: copy the file here instead."
    if not stat.S_ISREG(status.st_mode):
        return "this is no regular file."
    if status.st_size > MAX_FILE_BYTES:
        return f"this file has {_mb(status.st_size)} MB; {_mb(MAX_FILE_BYTES)} are the limit."
    return "" if os.access(place, os.R_OK) else "this file may not be read."


def _mb(size: int) -> int:
    return -(-size // (1024 * 1024))
