"""Hands a lab out: each student's own copy, as a folder or as a zip, whole or not at all.

It writes copies and reads back only what it wrote; it makes no data and knows no secret.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final

from grader.building import build
from grader.crash_points import Point, reached
from grader.durable import PART
from grader.errors import LabError, UsageError
from grader.lab_folder import LabFolder
from grader.layout import Files, not_junk, place_of, read_tree
from grader.pack import zip_of
from grader.submission import Bundle

README: Final = "README.md"
OLD: Final = ".old"
"""Ending of a copy that is being replaced."""
COURSE_FOLDERS: Final = ("labs", "solutions", "course")
"""Folders of the course into which no copy goes."""
NOTE: Final = """\
> **This copy is for {student}.** The files in `data/` were drawn for you alone. Numbers on this
> page come from the course's own copy, so most of yours will be near to them, and few the same.
"""


class What(StrEnum):
    """What became of a copy."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    LEFT = "left"
    """It differs from what would be written now, and nobody said that it may be replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One student's copy of a lab, written or left as it was."""

    student: str
    """Id of the student."""
    path: Path
    """Its folder, or its zip."""
    what: What
    """What became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """Where copies go, and in which form."""

    folder: Path
    """Copies are FOLDER/STUDENT/LAB, or FOLDER/STUDENT/LAB.zip."""
    as_zip: bool = False
    """A zip for each student in place of a folder."""
    replace: bool = False
    """Copies that are there and differ are replaced; whatever was changed in them is lost."""


def lab_files(folder: LabFolder) -> Files:
    """Return what students receive of a lab, with everybody's data.

    Raises LabError when a starter is not what its source says.
    """
    slug = folder.lab.slug
    if folder.private is not None and (folder.private / "source").is_dir():
        changes = build(folder, check=True)
        if changes:
            raise LabError(
                "the starter is not what its source says, so it is not handed out.",
                where=place_of(changes[0].path),
                advice=f"Run: grader build {slug}",
            )
    files = read_tree(folder.public, not_junk, place_of(folder.public))
    return {path: content for path, content in files.items() if path != f"{slug}.zip"}


def copy_of(files: Files, student: str, data: Files) -> Files:
    """Return the files of a student's copy: their own data, and a word about it in the README."""
    own = {path: data.get(path, content) for path, content in files.items()}
    if data and README in own:
        title, _, rest = own[README].decode().partition("\n")
        own[README] = f"{title}\n\n{NOTE.format(student=student)}{rest}".encode()
    return own


def refuse_place(handout: Handout, root: Path, students: Iterable[str]) -> None:
    """Raise UsageError where a copy would lie among the course's own files."""
    taken = [root / name for name in COURSE_FOLDERS]
    for student in ("", *students):
        target = (handout.folder / student).resolve()
        for folder in taken:
            if target == folder or target.is_relative_to(folder):
                raise UsageError(
                    f"copies for students do not go into the course's own folder {folder.name}/.",
                    where=str(target),
                    advice="Name another folder with --out.",
                )


def write(handout: Handout, folder: LabFolder, student: str, files: Files) -> Copy:
    """Write one copy, unless it is there already. A reader sees none, the old one or the new one.

    Raises UsageError when the place cannot be written; what was there is then still there.
    """
    slug = folder.lab.slug
    target = handout.folder / student / (f"{slug}.zip" if handout.as_zip else slug)
    return write_to(target, folder, files, student=student, replace=handout.replace)


def write_to(
    target: Path, folder: LabFolder, files: Files, *, student: str = "", replace: bool = False
) -> Copy:
    """Write one copy to its place, as `write` does. Raises UsageError."""
    slug = folder.lab.slug
    try:
        _mend(target)
        if target.exists() or target.is_symlink():
            if _is_same(target, slug, files):
                return Copy(student=student, path=target, what=What.UNCHANGED)
            if not replace:
                return Copy(student=student, path=target, what=What.LEFT)
            what = What.REPLACED
        else:
            what = What.CREATED
        _put(target, slug, files, _executables(folder.public, files))
    except OSError as error:
        raise UsageError(
            f"this copy cannot be written ({error.strerror or error}).",
            where=str(target),
            advice="Make room, or name another folder with --out; then give the same command "
            "again: copies that are there stay as they are.",
        ) from error
    return Copy(student=student, path=target, what=what)


def _mend(target: Path) -> None:
    """Undo what a killed release left: half a new copy goes, an old one comes back."""
    _remove(_beside(target, PART))
    old = _beside(target, OLD)
    if old.exists() and not target.exists():
        old.rename(target)
    _remove(old)


def _is_same(target: Path, slug: str, files: Files) -> bool:
    if target.suffix == ".zip" and not target.is_dir():
        return target.is_file() and target.read_bytes() == _zip(slug, files)
    try:
        return target.is_dir() and read_tree(target, lambda _path: True, slug) == files
    except LabError:  # a link or something else that we never write
        return False


def _put(target: Path, slug: str, files: Files, executables: set[str]) -> None:
    """Write the copy beside its place, then move it there."""
    part, old = _beside(target, PART), _beside(target, OLD)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if target.suffix == ".zip":
            _write(part, _zip(slug, files))
        else:
            for path, content in files.items():
                _write(part / path, content, 0o755 if path in executables else 0o644)
        reached(Point.COPY_WRITTEN)
        if target.exists() and target.is_dir():
            target.rename(old)  # no system call replaces a folder that is not empty
            reached(Point.COPY_ASIDE)
        part.replace(target)
        reached(Point.COPY_PLACED)
        _remove(old)
    except BaseException:
        with suppress(OSError):
            _mend(target)
        raise


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)


def _zip(slug: str, files: Files) -> bytes:
    return zip_of(Bundle.of({f"{slug}/{path}": content for path, content in files.items()}))


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(f".{target.name}{ending}")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _executables(public: Path, files: Files) -> set[str]:
    places = ((path, public / PurePosixPath(path)) for path in files)
    return {path for path, place in places if place.stat().st_mode & stat.S_IXUSR}
