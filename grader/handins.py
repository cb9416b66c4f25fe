"""What was handed in, kept for good: one zip per snapshot, one receipt per attempt.

A snapshot is on the disk before its receipt is, and its receipt before anybody is told. Nothing
here is ever overwritten or removed; an attempt that is handed in again becomes another attempt.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from grader.crash_points import Point, reached
from grader.durable import Disk, refusal
from grader.errors import ResultsError
from grader.journal import Journal
from grader.submission import Bundle, Submission

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_REGULAR: Final = 0o100644 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That a student's files were taken in: who, which attempt, when, what."""

    student: str
    """Id of the student."""
    attempt: int
    """1 for the first accepted hand-in of this student."""
    received_at: datetime
    """When it was received (aware, UTC)."""
    digest: str
    """Digest of the bundle, and name of its zip."""
    notes: tuple[str, ...] = ()
    """What was odd about it at the door."""

    def as_entry(self) -> dict[str, Any]:
        """Return the line of the ledger."""
        entry: dict[str, Any] = {
            "student": self.student,
            "attempt": self.attempt,
            "received_at": self.received_at.isoformat(),
            "digest": self.digest,
        }
        return entry | ({"notes": list(self.notes)} if self.notes else {})

    @classmethod
    def from_entry(cls, entry: dict[str, Any]) -> Receipt:
        """Read a line of the ledger; KeyError, TypeError or ValueError when it is none."""
        received = datetime.fromisoformat(entry["received_at"])
        if received.tzinfo is None:
            raise ValueError("received_at has no time zone")
        return cls(
            student=str(entry["student"]),
            attempt=int(entry["attempt"]),
            received_at=received,
            digest=str(entry["digest"]),
            notes=tuple(str(note) for note in entry.get("notes", ())),
        )


class HandIns:
    """The snapshots and the ledger of one results folder."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        """Name the results folder; `load` reads the ledger."""
        self._folder = folder / "handins"
        self._disk = disk
        self._journal = Journal(folder / "ledger.jsonl", disk)
        self._of: dict[str, list[Receipt]] = {}

    def repair(self) -> str:
        """Set a torn receipt aside; return a note about it, or ""."""
        return self._journal.repair()

    def load(self) -> None:
        """Read the ledger. Raises ResultsError at a line that is no receipt."""
        self._of = {}
        for _, receipt in self._journal.entries(Receipt.from_entry):
            self._of.setdefault(receipt.student, []).append(receipt)

    def all(self) -> list[Receipt]:
        """Return every receipt, by student in the order of first appearance, then by attempt."""
        return [receipt for receipts in self._of.values() for receipt in receipts]

    def of(self, student: str) -> tuple[Receipt, ...]:
        """Return the receipts of one student, by attempt."""
        return tuple(self._of.get(student, ()))

    def accept(
        self, student: str, bundle: Bundle, received_at: datetime, notes: tuple[str, ...] = ()
    ) -> Receipt:
        """Keep the snapshot, write the receipt of a new attempt, and return it.

        Raises ResultsError; nothing was then accepted.
        """
        self.keep(bundle)
        reached(Point.SNAPSHOT_KEPT, student)
        receipt = Receipt(
            student=student,
            attempt=len(self._of.get(student, ())) + 1,
            received_at=received_at,
            digest=bundle.digest,
            notes=notes + bundle.notes,
        )
        self._journal.append(receipt.as_entry())
        self._of.setdefault(student, []).append(receipt)
        reached(Point.HANDIN_ACCEPTED, student)
        return receipt

    def submission(self, receipt: Receipt, lab: str) -> Submission:
        """Return what was handed in, read back from its snapshot.

        Raises ResultsError when the snapshot is gone or is not what was accepted.
        """
        return Submission(
            student=receipt.student,
            lab=lab,
            attempt=receipt.attempt,
            received_at=receipt.received_at,
            bundle=self._snapshot(receipt.digest),
        )

    def keep(self, bundle: Bundle) -> None:
        """Put the snapshot on the disk, unless it is there."""
        path = self._path(bundle.digest)
        if path.exists():  # renamed into place, so it is whole
            return
        self._disk.folder(self._folder)
        self._disk.write(path, packed(bundle))

    def _snapshot(self, digest: str) -> Bundle:
        path = self._path(digest)
        try:
            with zipfile.ZipFile(path) as archive:
                bundle = Bundle.of({name: archive.read(name) for name in archive.namelist()})
        except OSError as error:
            raise refusal(error, path) from error
        except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError) as error:
            raise self._damaged(path, str(error)) from error
        if bundle.digest != digest:
            raise self._damaged(path, "its content is not what was accepted")
        return bundle

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.zip"

    def _damaged(self, path: Path, why: str) -> ResultsError:
        return ResultsError(
            f"a stored hand-in is damaged ({why})",
            where=str(path),
            advice="Bring the file back from a copy, or move it away and let the student's "
            "original be read again by `grader batch`.",
        )


def packed(bundle: Bundle) -> bytes:
    """Return the bundle as a zip whose bytes depend on paths and contents alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in bundle.files:
            info = zipfile.ZipInfo(file.path, _EPOCH)
            info.external_attr = _REGULAR
            info.create_system = 3  # the same on every machine
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.content)
    return buffer.getvalue()
