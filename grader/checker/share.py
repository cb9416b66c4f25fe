"""Files in a test's `tmp_path`: the student's code finds them, and (if allowed) its own come back.

A test's folder is copied to the same path in the worker before a call. What the student's code
wrote there comes back only with `remote_operators`, as bytes of regular files inside that folder:
what a test then does with them is the test's own choice, but it cannot unpickle them (`run` refuses
that in the whole process). Strict labs read them with `student.read(path)`.
"""

from __future__ import annotations

import contextlib
import pathlib
import zlib
from typing import TYPE_CHECKING, Any, Final

from grader.checker.faults import nonsense
from grader.errors import WireError

if TYPE_CHECKING:
    from grader.checker.session import Session

MAX_FILES: Final = 1_000
MAX_BYTES: Final = 16 * 1024 * 1024
HASHED_BYTES: Final = 64 * 1024
Stamp = tuple[int, int, int]
"""Time of change, size, checksum: clocks of files tick slower than a call takes."""


class Share:
    """One folder, kept the same on both sides of a session."""

    def __init__(self, session: Session, root: pathlib.Path) -> None:
        """Share what lies below `root`, once there is such a folder."""
        self._session = session
        self._root = root
        self._seen: dict[str, Stamp] = {}
        self._generation = -1
        self._busy = False

    def push(self) -> None:
        """Send files and folders that are new or changed here."""
        if self._busy or not self._root.is_dir():
            return
        if self._generation != self._session.generation:
            self._seen.clear()
            self._generation = self._session.generation
        now = self._look()
        changed = {name: self._content(name) for name in now if self._seen.get(name) != now[name]}
        self._seen = now
        if changed:
            self._ask("put_files", changed)

    def pull(self) -> None:
        """Take what the student's code wrote; only where the manifest trusts it."""
        if self._busy or not self._seen or not self._session.settings.remote_operators:
            return
        told = self._ask("changed_files", MAX_FILES, MAX_BYTES)
        if not isinstance(told, dict):
            return
        try:
            for name, content in told.items():
                self._write(str(name), content)
        except (WireError, OSError, ValueError) as problem:
            raise self._session.fault(nonsense(problem)) from None
        self._seen = self._look()

    def _ask(self, op: str, *args: object) -> Any:
        self._busy = True
        try:
            return self._session.request(op, *args, root=str(self._root))
        finally:
            self._busy = False

    def _look(self) -> dict[str, Stamp]:
        found: dict[str, Stamp] = {}
        for path in sorted(self._root.rglob("*"))[:MAX_FILES]:
            if not path.is_symlink():
                name = path.relative_to(self._root).as_posix()
                found[name] = _stamp(path) if path.is_file() else (0, -1, 0)
        return found

    def _content(self, name: str) -> bytes | None:
        path = self._root / name
        return path.read_bytes() if path.is_file() else None

    def _write(self, name: str, content: object) -> None:
        parts = pathlib.PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\0" in name:
            raise WireError("a file outside the shared folder")
        path = self._root.joinpath(*parts)
        if any(above.is_symlink() for above in (path, *path.parents) if above != self._root.parent):
            raise WireError("a file behind a link")
        if type(content) is bytes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        else:
            path.mkdir(parents=True, exist_ok=True)


def _stamp(path: pathlib.Path) -> Stamp:
    stat = path.stat()
    checksum = 0
    if stat.st_size <= HASHED_BYTES:
        with contextlib.suppress(OSError):  # one that may not be read
            checksum = zlib.crc32(path.read_bytes())
    return stat.st_mtime_ns, stat.st_size, checksum
