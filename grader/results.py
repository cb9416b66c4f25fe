"""The results folder of one lab and one class: append-only, whole after any interruption.

    results/
      batch.json            which lab, and which versions of it were official, in order
      lock                  who is writing here now; empty when nobody is
      ledger.jsonl          receipts: student, attempt, when received, digest of the files
      handins/DIGEST.zip    the files of each accepted hand-in, exactly as they were graded
      runs.jsonl            one run per line, in the order they were recorded
      broken.jsonl          runs that broke through our fault: notes for staff, never scores
      runs/RUN/             feedback.html and staff.html of one run
      students/STUDENT.html the page that counts today, for that student
      index.html grades.csv the class
      regrades/DIGEST/      runs with a changed lab, which count only when applied

All but the pages is truth and is only ever appended to (`batch.json` is replaced in one step); the
pages can be made again by `grader report`. A run is known by (student, attempt, files, version of
the lab), and the same one is never recorded twice. It refuses a second writer, another lab's
folder and damage that it would have to guess about.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from grader.crash_points import Point, reached
from grader.durable import PART, Disk, refusal
from grader.errors import ResultsError, UsageError
from grader.folder_lock import FolderLock
from grader.formats.runjson import run_from_json, run_to_json
from grader.handins import HandIns, Receipt
from grader.journal import Journal
from grader.lab import Lab
from grader.outcome import Run, Verdict

SCHEMA: Final = 1
_PLAIN_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_HASHED_NAME: Final = re.compile(r"-[0-9a-f]{10}$")
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_OURS: Final = frozenset({"lock", "batch.json", f"batch.json{PART}"})

Key = tuple[str, int, str, str]
"""(student, attempt, files, digest of the lab): what is never graded twice."""


def utc_now() -> datetime:
    """Return the time, aware, in UTC. Handed in where a clock is needed."""
    return datetime.now(tz=UTC)  # noqa: TID251 - this is the clock that is passed in


def safe_name(name: str) -> str:
    """Return a file name for any id; different ids get different names on every file system.

    Plain lower-case ids stay as they are; all others get a short hash, since `Ann` and `ann` are
    one file on some disks, and `../x` is none of ours.
    """
    plain = _PLAIN_NAME.fullmatch(name) and not _HASHED_NAME.search(name)
    if plain and not _DEVICES.fullmatch(name):
        return name
    stem = re.sub(r"[^a-z0-9_]+", "-", name.lower())[:40].strip("-")
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{stem or 'x'}-{mark}"


def files_of(run: Run) -> str:
    """Name what a run was about: the digest of the files, or why there were none."""
    if run.bundle_digest:
        return run.bundle_digest
    return "refused:" + hashlib.sha256(run.reason.encode("utf-8", "replace")).hexdigest()


def key_of(run: Run) -> Key:
    """Return what identifies a run."""
    return run.student, run.attempt, files_of(run), run.lab_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recorded run in few bytes: enough to choose by, and where the whole of it stands."""

    key: Key
    """What identifies it."""
    run_id: str
    """Names its folder."""
    verdict: Verdict
    """GRADED or UNGRADABLE."""
    earned: int
    """Points earned."""
    variant: int | None
    """Seed of the student's own data; None when it was everybody's copy."""
    offset: int
    """Where its line begins in runs.jsonl."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of the lab that counted from some moment on."""

    digest: str
    """Digest of the lab."""
    since: str
    """When it began to count (ISO 8601, UTC)."""
    who: str = ""
    """Who decided it; empty for the first one."""
    why: str = ""
    """Why it was decided."""


class Results:
    """One results folder. Made by `open` (to write, locked) or `read` (changes nothing)."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        """Use `Results.open` or `Results.read` instead."""
        self.folder = folder
        self.disk = disk or Disk()
        self.notes: list[str] = []
        self.lab_slug = ""
        self.versions: tuple[Version, ...] = ()
        self.handins = HandIns(folder, self.disk)
        self.journal = Journal(folder / "runs.jsonl", self.disk)
        self._broken = Journal(folder / "broken.jsonl", self.disk)
        self._lock = FolderLock(folder / "lock")
        self._recorded: dict[Key, Recorded] = {}

    @classmethod
    def open(
        cls,
        folder: Path,
        lab: Lab | None = None,
        *,
        disk: Disk | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> Self:
        """Lock the folder for writing and repair what an interruption cut off.

        With a lab, a new folder is set up for it, and a folder of another lab or of another
        version of it is refused. Raises ResultsError or UsageError.
        """
        made = cls(folder, disk)
        made._refuse_foreign(create=lab is not None)
        made.disk.folder(folder)
        note = made._lock.acquire(clock)
        try:
            reached(Point.LOCK_TAKEN)
            made._ready(lab, clock)
        except BaseException:
            made.close()
            raise
        made.notes[:0] = [note] if note else []
        return made

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Look at a folder without a lock; nothing is changed."""
        made = cls(folder)
        made._refuse_foreign(create=False)
        made._load_batch()
        made._load()
        return made

    def close(self) -> None:
        """Give the folder back. Twice is fine."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def lab_digest(self) -> str:
        """Digest of the version of the lab that counts."""
        return self.versions[-1].digest if self.versions else ""

    def has(self, key: Key) -> bool:
        """Tell whether this very run is recorded."""
        return key in self._recorded

    def record(self, run: Run) -> bool:
        """Append the run; False (and nothing written) when this very run is there already.

        Raises ResultsError; the run is then not recorded.
        """
        if run.verdict is Verdict.BROKEN:
            raise ValueError("a broken run is a note, not a result")
        if key_of(run) in self._recorded:
            return False
        self._remember(run, self.journal.append(run_to_json(run)))
        return True

    def note_broken(self, run: Run) -> None:
        """Keep a broken run as a note for staff."""
        self._broken.append(run_to_json(run))

    def broken(self) -> list[Run]:
        """Return the last broken run of every hand-in that has no result yet."""
        last: dict[tuple[str, int], Run] = {}
        for _, run in self._broken.entries(run_from_json):
            last[run.student, run.attempt] = run
        done = {(found.key[0], found.key[1]) for found in self._official()}
        return [run for place, run in last.items() if place not in done]

    def pending(self) -> list[Receipt]:
        """Return accepted hand-ins that have no run with the version that counts."""
        return [receipt for receipt in self.handins.all() if not self.has(self.key_for(receipt))]

    def key_for(self, receipt: Receipt) -> Key:
        """Return the key that a run of this hand-in gets with the version that counts."""
        return receipt.student, receipt.attempt, receipt.digest, self.lab_digest

    def official(self) -> Iterator[Run]:
        """Yield the runs that count, one per student and attempt, reading as it goes."""
        for found in self._official():
            yield self.run(found)

    def official_summaries(self) -> list[Recorded]:
        """Return what counts, in few bytes each."""
        return self._official()

    def run(self, found: Recorded) -> Run:
        """Return the whole of a recorded run."""
        return self.journal.at(found.offset, run_from_json)

    def make_official(self, version: Version) -> None:
        """Let another version of the lab count from now on: one step, all or nothing."""
        self._write_batch((*self.versions, version))

    def run_folder(self, run_id: str) -> Path:
        """Return the folder of one run's pages."""
        return self.folder / "runs" / safe_name(run_id)

    def student_page(self, student: str) -> Path:
        """Return the place of the page that counts for a student."""
        return self.folder / "students" / f"{safe_name(student)}.html"

    # -- opening -----------------------------------------------------------------------------

    def _refuse_foreign(self, *, create: bool) -> None:
        try:
            names = {path.name for path in self.folder.iterdir()}
        except FileNotFoundError:
            names = set()
        except NotADirectoryError:
            raise UsageError("this is a file, not a folder", where=str(self.folder)) from None
        except OSError as error:
            raise refusal(error, self.folder) from error
        if "batch.json" in names or (create and names <= _OURS):
            return
        if names & {"runs.jsonl", "ledger.jsonl"}:
            raise ResultsError(
                "batch.json is missing from these results",
                where=str(self.folder),
                advice="Bring it back from a copy; without it nobody knows which lab counts.",
            )
        raise UsageError(
            "this folder holds other things" if create else "there are no results here",
            where=str(self.folder),
            advice="Give an empty or a new folder with --out."
            if create
            else "Give the folder that `grader batch --out` wrote.",
        )

    def _ready(self, lab: Lab | None, clock: Callable[[], datetime]) -> None:
        self._sweep()
        reached(Point.PARTS_SWEPT)
        if lab is not None and not (self.folder / "batch.json").exists():
            self.lab_slug = lab.slug
            self._write_batch((Version(digest=lab.digest, since=clock().isoformat()),))
        self._load_batch()
        repaired = (self.handins.repair(), self.journal.repair(), self._broken.repair())
        self.notes += [note for note in repaired if note]
        self._load()
        if lab is not None:
            self._refuse_other(lab, clock)

    def _refuse_other(self, lab: Lab, clock: Callable[[], datetime]) -> None:
        if lab.slug != self.lab_slug:
            raise UsageError(
                f"these are results of lab {self.lab_slug}, not of {lab.slug}",
                where=str(self.folder),
                advice="Give another folder with --out.",
            )
        if lab.digest == self.lab_digest:
            return
        if self._recorded:
            raise UsageError(
                f"these results were made with another version of lab {lab.slug}",
                where=str(self.folder),
                advice="`grader regrade` shows who would gain and who would lose with the new "
                "one, before anything counts; or give a new folder with --out.",
            )
        self._write_batch((Version(digest=lab.digest, since=clock().isoformat()),))

    def _sweep(self) -> None:
        """Remove files whose writing was cut off; they were never part of the results."""
        for pattern in (f"*{PART}", f"handins/*{PART}", f"students/*{PART}", f"*/*/*{PART}"):
            for path in self.folder.glob(pattern):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    raise refusal(error, path) from error

    def _load(self) -> None:
        self.handins.load()
        self._recorded = {}
        for offset, run in self.journal.entries(run_from_json):
            self._remember(run, offset)

    def _load_batch(self) -> None:
        path = self.folder / "batch.json"
        try:
            data = json.loads(path.read_bytes())
            schema = int(data["schema"])
            self.lab_slug = str(data["lab"])
            self.versions = tuple(Version(**version) for version in data["versions"])
        except OSError as error:
            raise refusal(error, path) from error
        except (KeyError, TypeError, ValueError) as error:
            raise ResultsError(
                f"this file cannot be read ({error!r})",
                where=str(path),
                advice="Bring it back from a copy.",
            ) from None
        if schema > SCHEMA or not self.versions:
            raise ResultsError(
                f"these results have schema {schema}, and this grader reads up to {SCHEMA}",
                where=str(path),
                advice="Use a newer grader.",
            )

    def _write_batch(self, versions: tuple[Version, ...]) -> None:
        data = {
            "schema": SCHEMA,
            "lab": self.lab_slug,
            "versions": [
                {"digest": v.digest, "since": v.since, "who": v.who, "why": v.why} for v in versions
            ],
        }
        text = json.dumps(data, indent=2) + "\n"
        self.disk.write(self.folder / "batch.json", text.encode())
        reached(Point.LAB_NAMED)
        self.versions = versions

    # -- runs --------------------------------------------------------------------------------

    def _remember(self, run: Run, offset: int) -> None:
        # The first of two equal keys counts: whatever came later is not a second chance.
        self._recorded.setdefault(
            key_of(run),
            Recorded(
                key=key_of(run),
                run_id=run.id,
                verdict=run.verdict,
                earned=run.earned,
                variant=run.variant,
                offset=offset,
            ),
        )

    def _official(self) -> list[Recorded]:
        """Choose for each attempt: accepted before refused, newest version, last recorded."""
        rank = {version.digest: number for number, version in enumerate(self.versions)}
        chosen: dict[tuple[str, int], Recorded] = {}
        for found in self._recorded.values():
            student, attempt, _, lab_digest = found.key
            best = chosen.get((student, attempt))
            if lab_digest in rank and (best is None or _order(found, rank) >= _order(best, rank)):
                chosen[student, attempt] = found
        return list(chosen.values())


def _order(found: Recorded, rank: dict[str, int]) -> tuple[bool, int, int]:
    _, _, files, lab_digest = found.key
    return not files.startswith("refused:"), rank[lab_digest], found.offset
