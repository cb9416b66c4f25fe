"""Offers the entries of a folder to the door: a walk that nobody can lead out of the folder.

Each folder is held open while it is read, and each file is opened below it without following
links, so a link that is put in place of a file while we look is refused, never followed. What is
read is read once.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, Self

from grader.entry import PIECE_BYTES, DoorLimits, Entry, moment, refuse
from grader.errors import BundleRefusedError
from grader.filenames import junk_prefix

HAS_FOLDER_DESCRIPTORS: Final = (
    os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd and os.scandir in os.supports_fd
)
"""False on Windows, where files are compared before and after they are opened: that leaves a narrow
moment, so hand-ins of others are better read where this is True."""

_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_READ: Final = (
    os.O_RDONLY
    | _NO_FOLLOW
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a pipe that nobody writes to would wait for ever
    | getattr(os, "O_BINARY", 0)
)
_FOLDER: Final = _READ | getattr(os, "O_DIRECTORY", 0)
_LINK_ADVICE: Final = "Put a copy of the file itself in its place."
_CHANGED: Final = "it changed while it was read"

Wanted = Callable[[str], bool]


def everything(path: str) -> bool:  # noqa: ARG001 - a Wanted that wants all
    """Want every path."""
    return True


def folder_entries(
    folder: Path, limits: DoorLimits, *, wanted: Wanted = everything
) -> Iterator[Entry]:
    """Yield files and folders below `folder`, sorted by name.

    What is not wanted is passed by unread, folders with all that they hold.
    """
    with _opening(""), _Place.top(folder) as place:
        yield from _walk(place, "", limits, wanted)


def _walk(place: _Place, above: str, limits: DoorLimits, wanted: Wanted) -> Iterator[Entry]:
    with _opening(above):
        names = place.names(limits.listed)
    for name in names:
        path = f"{above}{name}"
        if not wanted(path):
            continue
        with _opening(path):
            status = place.stat(name)
        is_folder = stat.S_ISDIR(status.st_mode)
        if junk_prefix((*above.split("/")[:-1], name)):
            yield Entry(name=path, is_folder=is_folder)
        elif is_folder:
            yield Entry(name=path, is_folder=True)
            with _opening(path):
                below = place.enter(name, status)
            with below:
                yield from _walk(below, f"{path}/", limits, wanted)
        else:
            yield _file(place, name, path, status)


def _file(place: _Place, name: str, path: str, status: os.stat_result) -> Entry:
    refusal = _refusal(status)
    return Entry(
        name=path,
        refusal=refusal,
        advice=_LINK_ADVICE if "link" in refusal else "",
        pieces=partial(_pieces, place, name, status),
        modified_at=moment(status.st_mtime),
    )


def _refusal(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "it is a symbolic link"
    if not stat.S_ISREG(status.st_mode):
        return "it is a device, a pipe or a socket"
    if status.st_nlink > 1:
        return "it is a hard link: the same file has another name elsewhere"
    if status.st_mode & (stat.S_ISUID | stat.S_ISGID):
        return "it would run with another user's rights (setuid or setgid)"
    return ""


def _pieces(place: _Place, name: str, before: os.stat_result) -> Iterator[bytes]:
    with _opening(name):
        descriptor = place.open(name)
        try:
            status = os.fstat(descriptor)
            if _refusal(status) or not os.path.samestat(before, status):
                raise refuse(_CHANGED, "Try again when nothing writes to it.")
            while piece := os.read(descriptor, PIECE_BYTES):
                yield piece
        finally:
            os.close(descriptor)


@contextmanager
def _opening(path: str) -> Iterator[None]:
    """Translate what the operating system says about `path`."""
    what = "it" if path else "the folder"
    try:
        yield
    except BundleRefusedError:
        raise
    except PermissionError as error:
        raise refuse(f"{what} may not be read", "Change its permissions.") from error
    except FileNotFoundError as error:
        raise refuse(
            _CHANGED if path else "there is no such file or folder", "Look at the path."
        ) from error
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EMLINK, errno.ENOTDIR}:
            raise refuse(f"{what} is a symbolic link", _LINK_ADVICE) from error
        raise refuse(f"{what} cannot be read ({error.strerror or error})") from error


@dataclass(slots=True)
class _Place:
    """A folder that is held open, or, where the system cannot do that, its path."""

    path: Path
    descriptor: int | None

    @classmethod
    def top(cls, folder: Path) -> _Place:
        return cls(folder, os.open(folder, _FOLDER) if HAS_FOLDER_DESCRIPTORS else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)

    def names(self, limit: int) -> list[str]:
        """Return at most `limit` + 1 names: enough for the door to see that there are too many."""
        with os.scandir(self.path if self.descriptor is None else self.descriptor) as found:
            return sorted(entry.name for entry in islice(found, limit + 1))

    def stat(self, name: str) -> os.stat_result:
        if self.descriptor is None:
            return (self.path / name).lstat()
        return os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)

    def open(self, name: str) -> int:
        if self.descriptor is None:
            return os.open(self.path / name, _READ)
        return os.open(name, _READ, dir_fd=self.descriptor)

    def enter(self, name: str, status: os.stat_result) -> _Place:
        """Open a folder below this one, which `status` was seen to be."""
        if self.descriptor is None:
            now = (self.path / name).lstat()
            if not (stat.S_ISDIR(now.st_mode) and os.path.samestat(status, now)):
                raise refuse(_CHANGED, "Try again when nothing writes to it.")
            return _Place(self.path / name, None)
        return _Place(self.path / name, os.open(name, _FOLDER, dir_fd=self.descriptor))
