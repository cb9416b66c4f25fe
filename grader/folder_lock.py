"""One writer per folder: a lock that the operating system takes back when its owner dies.

The file also names its owner (process, machine, boot), for the message that a second one gets.
It never removes or breaks a lock that a living process holds.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from grader.durable import refusal
from grader.errors import ResultsError

_HELD: Final[set[str]] = set()
"""Folders that this process holds: POSIX locks do not see a second owner in the same process."""
_GUARD: Final = threading.Lock()
_BUSY: Final = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
_MARK: Final = 1 << 30
"""Windows locks bytes, and forbids others to read them: this byte is far behind the text."""


class FolderLock:
    """The right to write into one folder. Taken by `acquire`, given back by `release`."""

    def __init__(self, path: Path) -> None:
        """Name the lock file; it is created when needed and never removed (that would race)."""
        self.path = path
        self._descriptor: int | None = None
        self._key = ""

    def acquire(self, now: Callable[[], datetime]) -> str:
        """Take the lock; return a note when its last owner ended without giving it back.

        Raises ResultsError when a living process has it.
        """
        key = str(self.path.resolve())
        with _GUARD:
            if key in _HELD:
                raise self._refused(self._owner())
            _HELD.add(key)
        try:
            descriptor = self._locked()
        except BaseException:
            with _GUARD:
                _HELD.discard(key)
            raise
        self._key, self._descriptor = key, descriptor
        return self._sign(descriptor, now)

    def release(self) -> None:
        """Give the lock back. Twice is fine."""
        if self._descriptor is None:
            return
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        with suppress(OSError):
            os.close(self._descriptor)  # the operating system's lock goes with it
        self._descriptor = None
        with _GUARD:
            _HELD.discard(self._key)

    def _locked(self) -> int:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise refusal(error, self.path) from error
        try:
            _lock(descriptor)
        except OSError as error:
            owner = _read(descriptor)
            os.close(descriptor)
            if error.errno in _BUSY:
                raise self._refused(owner) from error
            raise ResultsError(
                f"this file system cannot lock files ({error.strerror})",
                where=str(self.path),
                advice="Put the results on a disk of this machine.",
            ) from error
        return descriptor

    def _sign(self, descriptor: int, now: Callable[[], datetime]) -> str:
        before = _read(descriptor)
        owner = {
            "pid": os.getpid(),
            "machine": platform.node(),
            "boot": boot_id(),
            "since": now().isoformat(),
        }
        try:
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, json.dumps(owner).encode())
        except OSError as error:
            self.release()
            raise refusal(error, self.path) from error
        if not before:
            return ""
        return f"An earlier run ({_name(before)}) ended without finishing; going on from there."

    def _owner(self) -> dict[str, Any]:
        # Not by opening the file: closing it would drop this process's own POSIX lock.
        return {"pid": os.getpid(), "machine": platform.node()}

    def _refused(self, owner: dict[str, Any]) -> ResultsError:
        return ResultsError(
            f"another grader is writing into this folder ({_name(owner)})",
            where=str(self.path.parent),
            advice="Wait until it has ended, or give another folder with --out.",
        )


def boot_id() -> str:
    """Return what names this boot of the machine, or "" where nothing does."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _name(owner: dict[str, Any]) -> str:
    since = f", since {owner['since']}" if "since" in owner else ""
    return f"process {owner.get('pid', '?')} on {owner.get('machine', '?')}{since}"


def _read(descriptor: int) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        os.lseek(descriptor, 0, os.SEEK_SET)
        owner = json.loads(os.read(descriptor, 4096))
        if isinstance(owner, dict):
            return owner
    return {}


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        os.lseek(descriptor, _MARK, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock(descriptor: int) -> None:
        import fcntl  # noqa: PLC0415 - does not exist on Windows

        # lockf, not flock: a forked child that outlives us must not keep the folder locked.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
