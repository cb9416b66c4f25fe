"""What lies side by side in a class folder or in one big zip: folders and files, one per line.

A folder on disk and a zip are told apart here and nowhere else. Names and times are read, contents
are not, except the first bytes of a file to see whether it is an archive.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from grader.archives import HEAD_BYTES, Kind, archive_entries, kind_of
from grader.entry import MIB, DoorLimits, Entry, moment
from grader.errors import BundleRefusedError, UsageError
from grader.filenames import NameRefusedError, junk_prefix, split_path
from grader.folders import folder_entries
from grader.plaintext import one_line
from grader.platforms import all_canvas, moodle_label, student_of_archive

CLASS_LIMITS: Final = DoorLimits(
    files=100_000, listed=100_000, archive_bytes=4096 * MIB, total_bytes=4096 * MIB
)
"""What a whole class's zip may hold; each hand-in in it meets the door's own limits."""
LONG_AGO: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands for a time that nobody knows: first in every order, never late."""

_ARCHIVES: Final = frozenset({Kind.ZIP, Kind.TAR, Kind.TAR_GZ})
_DOCUMENTS: Final = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".jar", ".whl", ".npz", ".gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One folder or file that lies there."""

    name: str
    """Its name."""
    path: Path
    """Where it is on disk, or the zip that holds it."""
    is_folder: bool
    """True for a folder."""
    modified_at: datetime = LONG_AGO
    """When it, or the newest file in it, was changed, as far as its source says."""
    entries: tuple[tuple[str, str], ...] | None = None
    """In a zip: (entry, path below this thing) of each file; None on disk."""
    problem: str = ""
    """Why it cannot be looked at."""

    def inside(self) -> list[Thing]:
        """Return what lies in a folder, one level down, junk left out."""
        if self.entries is None:
            return _on_disk(self.path)
        return _grouped(self.path, [(*pair, self.modified_at) for pair in self.entries])

    def is_archive(self) -> bool:
        """Say whether it is a file that means to be an archive, broken or not."""
        if self.is_folder:
            return False
        if student_of_archive(self.name):
            return True
        if self.entries is not None or self.name.lower().endswith(_DOCUMENTS):
            return False
        return kind_of(_head(self.path)) in _ARCHIVES


def things_in(top: Path) -> list[Thing]:
    """Return what lies in a class folder or a big zip, sorted by name.

    A single folder around a learning platform's names, and a big zip that lies alone in a folder,
    are opened: both are what a download leaves behind. So is nbgrader's course folder.
    """
    things = _in_zip(top) if top.is_file() else _on_disk(top)
    submitted = [thing for thing in things if thing.name == "submitted" and thing.is_folder]
    if submitted:
        return submitted[0].inside()
    if len(things) != 1 or things[0].problem or _has_platform_names(things):
        return things
    only = things[0]
    try:
        inner = only.inside() if only.is_folder else _in_zip(only.path)
    except (BundleRefusedError, UsageError):
        return things
    whole_class = only.entries is not None and len(inner) > 1 and _all_hand_ins(inner)
    return inner if whole_class or _has_platform_names(inner) else things


def _has_platform_names(things: list[Thing]) -> bool:
    files = [thing.name for thing in things if not thing.is_folder]
    moodle = any(moodle_label(thing.name, is_folder=thing.is_folder) for thing in things)
    return moodle or all_canvas(files)


def _all_hand_ins(things: list[Thing]) -> bool:
    return all(thing.is_folder or thing.is_archive() for thing in things)


def _on_disk(folder: Path) -> list[Thing]:
    try:
        with os.scandir(folder) as found:
            names = sorted(entry.name for entry in found)
    except OSError as error:
        raise UsageError(
            f"this folder cannot be read ({error.strerror}).",
            where=str(folder),
            advice="Name the folder or the zip that holds the hand-ins.",
        ) from error
    return [_disk_thing(folder / name) for name in names if not junk_prefix((name,))]


def _disk_thing(path: Path) -> Thing:
    thing = Thing(name=path.name, path=path, is_folder=False)
    try:
        status = path.lstat()
    except OSError as error:
        return replace(thing, problem=f"it cannot be read ({error.strerror}).")
    thing = replace(thing, modified_at=moment(status.st_mtime) or LONG_AGO)
    if stat.S_ISDIR(status.st_mode):
        return replace(thing, is_folder=True, modified_at=_newest(path) or thing.modified_at)
    if stat.S_ISREG(status.st_mode):
        return thing
    kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "a device, a pipe or a socket"
    return replace(thing, problem=f"it is {kind}. Put the files themselves there.")


def _newest(folder: Path) -> datetime | None:
    """Return when the newest file below a folder was changed, as far as it can be looked at."""
    newest = None
    try:
        for number, entry in enumerate(folder_entries(folder, DoorLimits())):
            if entry.modified_at and not entry.refusal:
                newest = max(newest or entry.modified_at, entry.modified_at)
            if number > DoorLimits().files:
                break
    except BundleRefusedError:
        return newest
    return newest


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _in_zip(path: Path) -> list[Thing]:
    try:
        with path.open("rb") as file:
            if kind_of(file.read(HEAD_BYTES)) is not Kind.ZIP:
                raise UsageError(
                    "this file is not a zip of hand-ins.",
                    where=str(path),
                    advice="Name the folder or the zip that holds the hand-ins.",
                )
            found = list(_files_of(archive_entries(file, Kind.ZIP, CLASS_LIMITS)))
    except OSError as error:
        raise UsageError(
            f"this file cannot be read ({error.strerror}).", where=str(path)
        ) from error
    return _grouped(path, found)


def _files_of(entries: Iterator[Entry]) -> Iterator[tuple[str, str, datetime]]:
    for entry in entries:
        if not entry.is_folder:
            yield entry.name, entry.name, entry.modified_at or LONG_AGO


def _grouped(path: Path, found: list[tuple[str, str, datetime]]) -> list[Thing]:
    """Group (entry, path below, time) by the first part of the path."""
    groups: dict[tuple[str, bool], list[tuple[str, str, datetime]]] = defaultdict(list)
    broken = []
    for entry, below, at in found:
        try:
            parts = split_path(below)
        except NameRefusedError as error:
            name = one_line(below)
            broken.append(Thing(name=name, path=path, is_folder=False, problem=f"{error}."))
            continue
        if parts and not junk_prefix(parts):
            groups[parts[0], len(parts) > 1].append((entry, "/".join(parts[1:]), at))
    things = [
        Thing(
            name=name,
            path=path,
            is_folder=is_folder,
            modified_at=max(at for _, _, at in files),
            entries=tuple((entry, below or name) for entry, below, _ in files),
        )
        for (name, is_folder), files in groups.items()
    ]
    return sorted([*things, *broken], key=lambda thing: thing.name)
