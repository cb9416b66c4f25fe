"""What a student handed in: a snapshot of files, and when it came. Values only; no I/O.

The snapshot that is graded is the snapshot that is hashed: a Bundle holds the bytes themselves.
`grader.door` makes Bundles from folders and archives.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFile:
    """One regular file of a hand-in."""

    path: str
    """Relative POSIX path, NFC, without `.` or `..`."""
    content: bytes
    """The bytes that are graded."""
    sha256: str
    """Hex digest of the content."""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The files of one hand-in, checked at the door."""

    files: tuple[BundleFile, ...]
    """Sorted by path."""
    digest: str
    """SHA-256 over paths and contents."""
    ignored: tuple[str, ...] = ()
    """Junk that was left out, such as `__MACOSX/…`, for the receipt."""
    notes: tuple[str, ...] = ()
    """What the student should know: files outside the lab's list, odd characters."""

    @classmethod
    def of(
        cls, files: dict[str, bytes], *, ignored: tuple[str, ...] = (), notes: tuple[str, ...] = ()
    ) -> Bundle:
        """Make a bundle from paths that were already checked."""
        made = tuple(
            BundleFile(path=path, content=content, sha256=hashlib.sha256(content).hexdigest())
            for path, content in sorted(files.items())
        )
        whole = hashlib.sha256()
        for file in made:
            whole.update(f"{len(file.path.encode())}:{file.path}:{file.sha256}\n".encode())
        return cls(files=made, digest=whole.hexdigest(), ignored=ignored, notes=notes)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def as_dict(self) -> dict[str, bytes]:
        """Return path -> content."""
        return {file.path: file.content for file in self.files}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One hand-in of one student for one lab. Append-only: a resubmission is another one."""

    student: str
    """Id of the student, from the roster or the name of the folder."""
    lab: str
    """Slug of the lab."""
    attempt: int
    """1 for the first submission of this student to this lab."""
    received_at: datetime
    """Aware, UTC. Lateness is judged by this, never by when grading ran."""
    bundle: Bundle
    """What was handed in."""
