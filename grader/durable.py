"""Writes that are on the disk, whole, before they return: a file appears complete or not at all.

It knows nothing of grading, and refuses to leave half of anything behind when a disk is full.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from grader.crash_points import Point, reached
from grader.errors import ResultsError

PART: Final = ".part"
"""Ending of a file that is being written; one that is found later was cut off by a crash."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_AGAIN: Final = (
    "then start the same command again: what is recorded stays, only the rest is graded."
)


class Disk:
    """The file system, as the results folder uses it. Tests override it to fail."""

    def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        """Replace the file by `data` in one step: old or new, never a mixture.

        `sync=False` is for pages that can be made again: they survive a killed process, and
        perhaps not a power cut. Raises ResultsError; the old file is then untouched.
        """
        part = path.with_name(path.name + PART)
        about = _about(path)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                self._write_all(descriptor, data)
                if sync:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            reached(Point.PART_WRITTEN, about)
            part.replace(path)
            reached(Point.PART_RENAMED, about)
            if sync:
                _sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise refusal(error, path) from error

    def append(self, path: Path, line: bytes) -> int:
        """Append one line and return its offset; it is on the disk when this returns.

        Raises ResultsError; the file then ends where it ended before.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                before = os.fstat(descriptor).st_size
                self._append_or_undo(descriptor, line, before, _about(path))
            finally:
                os.close(descriptor)
            if before == 0:
                _sync_folder(path.parent)
        except OSError as error:
            raise refusal(error, path) from error
        reached(Point.LINE_SYNCED, _about(path))
        return before

    def truncate(self, path: Path, size: int) -> None:
        """Cut the file off after `size` bytes."""
        try:
            with path.open("r+b") as file:
                file.truncate(size)
                os.fsync(file.fileno())
        except OSError as error:
            raise refusal(error, path) from error

    def folder(self, path: Path, *, sync: bool = True) -> None:
        """Make the folder, with those above it, unless it is there."""
        try:
            if not path.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                if sync:
                    _sync_folder(path.parent)
        except OSError as error:
            raise refusal(error, path) from error

    def _append_or_undo(self, descriptor: int, line: bytes, before: int, about: str) -> None:
        try:
            reached(Point.LINE_BEGUN, about)
            self._write_all(descriptor, line)
            reached(Point.LINE_WRITTEN, about)
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):  # if even this fails, the next start sets the torn line aside
                os.ftruncate(descriptor, before)
                os.fsync(descriptor)
            raise

    def _write_all(self, descriptor: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]


def refusal(error: OSError, path: Path) -> ResultsError:
    """Say what the operating system refused: what happened, where, what to do."""
    if error.errno in _FULL:
        return ResultsError(
            "the disk is full, or a limit on the size of files is reached",
            where=str(path),
            advice=f"Make room, {_AGAIN}",
        )
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return ResultsError(
            f"writing is not allowed here ({error.strerror})",
            where=str(path),
            advice=f"Make the folder writable, {_AGAIN}",
        )
    return ResultsError(
        f"the file system refuses ({error.strerror or error})",
        where=str(path),
        advice=f"Look after the disk, {_AGAIN}",
    )


def _about(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there; the rename is journalled instead
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
