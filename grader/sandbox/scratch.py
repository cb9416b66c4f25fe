"""Folders that the boxes of the process sandbox live in: made, removed, and found again.

It starts no process and ends none. A folder's owner is known by a lock that the system lets go of
when the owner dies, so that nothing here trusts a process number.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

try:
    import fcntl
except ImportError:  # Windows: there an open file cannot be removed, which serves as the lock
    fcntl = None  # type: ignore[assignment]

PREFIX: Final = "grader-"
LOCK: Final = "supervisor-of-boxes.lock"
"""Only a folder that holds a file of this name is ours to remove."""
OLD_S: Final = 86_400.0
"""Where nothing can be locked, a supervisor is taken for dead after a day."""


class Scratch:
    """One supervisor's folder, and in it one folder for each of its boxes."""

    def __init__(self, root: Path | None = None) -> None:
        """Make the folder in `root`, or where the system keeps temporary files."""
        self._root = root or Path(tempfile.gettempdir())
        # Short names: a Unix socket's path may have no more than 104 bytes on some systems.
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._root))
        self._lock: IO[bytes] = (self.path / LOCK).open("wb")
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # For callers that forget to close, or cannot: it runs at the end of the program, too.
        self._end = weakref.finalize(self, _end, self.path, self._lock, os.getpid())

    def folder(self) -> Path:
        """Return a new, empty folder that only this user can enter."""
        folder = self.path / secrets.token_hex(4)
        folder.mkdir(mode=0o700)
        return folder

    def close(self) -> None:
        """Remove all of it. Twice is fine."""
        self._end()

    def orphans(self) -> Iterator[Path]:
        """Yield the folders beside this one whose supervisor is dead."""
        for path in sorted(self._root.glob(PREFIX + "*")):
            if path != self.path and _is_ours(path) and _is_orphaned(path):
                yield path


def clear(path: Path) -> bool:
    """Remove a supervisor's folder, its lock last; return whether all of it is gone.

    Without its lock it would be nobody's, and what is left of it would never be swept.
    """
    try:
        _, folders = _look(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    gone = [remove_tree(folder) for folder in folders]
    return all(gone) and remove_tree(path)


def _end(path: Path, lock: IO[bytes], owner: int) -> None:
    # A forked child that comes to its end must leave its parent's folder alone.
    if os.getpid() != owner:
        return
    if fcntl is None:
        lock.close()
    clear(path)
    lock.close()


def _is_ours(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    is_folder = path.is_dir() and not path.is_symlink()
    return is_folder and (not hasattr(os, "getuid") or found.st_uid == os.getuid())


def _is_orphaned(path: Path) -> bool:
    lock = path / LOCK
    try:
        if lock.is_symlink() or not lock.is_file():
            return False
        if fcntl is None:
            return time.time() - lock.stat().st_mtime > OLD_S
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove_tree(top: Path) -> bool:
    """Remove a folder, however deep it is; return whether all of it is gone. Never raises.

    Folders are lifted to the top before they are emptied, because a path of thousands of folders
    is longer than the system accepts and recursion into it is deeper than Python's stack.
    """
    try:
        while _lift(top):
            pass
        top.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _lift(top: Path) -> bool:
    """Take one level off each folder in `top`; return whether there was any."""
    files, folders = _look(top)
    for file in files:
        file.unlink()
    for folder in folders:
        folder.chmod(0o700)
        inner_files, inner_folders = _look(folder)
        for file in inner_files:
            file.unlink()
        for inner in inner_folders:
            # Moving a folder needs the right to write in it: its `..` changes.
            inner.chmod(0o700)
            inner.rename(top / secrets.token_hex(8))
        folder.rmdir()
    return bool(folders)


def _look(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return (files and links, folders) in it."""
    with os.scandir(folder) as entries:
        found = [(entry.is_dir(follow_symlinks=False), Path(entry.path)) for entry in entries]
    return [path for is_dir, path in found if not is_dir], [
        path for is_dir, path in found if is_dir
    ]
