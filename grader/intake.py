"""Takes in what was found, one hand-in at a time: read, numbered, kept, and only then graded.

A hand-in that is refused at the door becomes an UNGRADABLE run with the reason and spends no
attempt. It never reads ahead, so the memory it needs is that of one hand-in.
"""

from __future__ import annotations

import hashlib
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from grader.crash_points import Point, reached
from grader.errors import ResultsError, UngradableError
from grader.handins import Receipt
from grader.lab import Lab
from grader.outcome import Run, Verdict
from grader.progress import Progress
from grader.results import Results
from grader.submission import Bundle, Submission

if TYPE_CHECKING:
    from grader.collect import Found

Read = Callable[["Found", Lab], Bundle]


def read_found(found: Found, lab: Lab) -> Bundle:
    """Read one hand-in through the door."""
    from grader.collect import read  # noqa: PLC0415 - a regrade does not need the door

    return read(found, submit=lab.submit)


@dataclass(slots=True)
class _Seen:
    """How far one student's hand-ins have been matched with the ledger."""

    used: int = 0
    """Attempts of the ledger that are accounted for."""
    digest: str = ""
    """Digest of the last hand-in that was read."""


class Intake:
    """The way of a batch's hand-ins from where they were found to where they are graded."""

    def __init__(
        self,
        lab: Lab,
        results: Results,
        progress: Progress,
        *,
        read: Read,
        clock: Callable[[], datetime],
    ) -> None:
        """Write into `results`, which must be open for writing."""
        self._lab = lab
        self._results = results
        self._progress = progress
        self._read = read
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._yielded: set[Receipt] = set()
        self.tally: Counter[str] = Counter()

    def submissions(self, found: Iterable[Found]) -> Iterator[Submission]:
        """Yield what must be graded; ends with hand-ins accepted earlier whose source is gone."""
        waiting = sorted(found, key=lambda item: (item.student, item.received_at))
        left = Counter(item.student for item in waiting)
        self._progress.begin(len(waiting))
        for item in waiting:
            left[item.student] -= 1
            submission = self._taken(item, last=not left[item.student])
            if submission is not None:
                yield submission
        for receipt in self._results.pending():
            if receipt not in self._yielded:
                self._progress.note(f"{receipt.student}: grading what was accepted earlier")
                yield self._results.handins.submission(receipt, self._lab.slug)

    def _taken(self, item: Found, *, last: bool) -> Submission | None:
        reached(Point.HANDIN_FOUND, item.student)
        bundle = self._bundle(item)
        if bundle is None:
            return None
        reached(Point.HANDIN_READ, item.student)
        seen = self._seen.setdefault(item.student, _Seen())
        if seen.digest == bundle.digest:
            self._skip(item.student, "the same files as the hand-in before it")
            return None
        seen.digest = bundle.digest
        receipt = self._receipt(item, bundle, seen, last=last)
        if self._results.has(self._results.key_for(receipt)):
            self._skip(item.student, "graded before")
            return None
        self._yielded.add(receipt)
        return Submission(
            student=receipt.student,
            lab=self._lab.slug,
            attempt=receipt.attempt,
            received_at=receipt.received_at,
            bundle=bundle,
        )

    def _receipt(self, item: Found, bundle: Bundle, seen: _Seen, *, last: bool) -> Receipt:
        """Return the receipt that this hand-in has, or write a new one."""
        handins = self._results.handins
        receipt = matching(
            handins.of(item.student), bundle.digest, item.received_at, used=seen.used, last=last
        )
        if receipt is None:
            receipt = handins.accept(item.student, bundle, item.received_at, tuple(item.notes))
        else:
            handins.keep(bundle)
        seen.used = max(seen.used, receipt.attempt)
        return receipt

    def _bundle(self, item: Found) -> Bundle | None:
        if item.error:
            self._refuse(item, str(item.error))
            return None
        try:
            return self._read(item, self._lab)
        except UngradableError as error:
            self._refuse(item, str(error))
        except ResultsError:
            raise
        except Exception as error:  # noqa: BLE001 - one odd hand-in must not stop the others
            run = self._run(item, Verdict.BROKEN, f"We could not read this hand-in ({error}).")
            self._results.note_broken(replace(run, staff_notes=(traceback.format_exc(limit=-8),)))
            self.tally["broken"] += 1
            self._progress.broken(run, again=False)
        return None

    def _refuse(self, item: Found, reason: str) -> None:
        run = self._run(item, Verdict.UNGRADABLE, reason)
        if self._results.record(run):
            reached(Point.HANDIN_REFUSED, item.student)
            self.tally["ungradable"] += 1
            self._progress.graded(run)
        else:
            self._skip(item.student, "refused before, for the same reason")

    def _skip(self, student: str, why: str) -> None:
        self.tally["skipped"] += 1
        self._progress.skipped(student, why)

    def _run(self, item: Found, verdict: Verdict, reason: str) -> Run:
        """Return a run for files that never became a bundle."""
        now = self._clock()
        attempt = len(self._results.handins.of(item.student)) + 1
        named = f"{item.student}\n{attempt}\n{reason}\n{self._lab.digest}\n{now.isoformat()}"
        return Run(
            id=hashlib.sha256(named.encode("utf-8", "replace")).hexdigest(),
            student=item.student,
            lab=self._lab.slug,
            attempt=attempt,
            received_at=item.received_at,
            graded_at=now,
            bundle_digest="",
            verdict=verdict,
            reason=reason,
            staff_notes=tuple(item.notes),
            out_of=self._lab.out_of,
            lab_digest=self._lab.digest,
        )


def matching(
    known: tuple[Receipt, ...],
    digest: str,
    received_at: datetime,
    *,
    used: int = 0,
    last: bool = True,
) -> Receipt | None:
    """Return the receipt that this hand-in has already, or None when it is a new attempt.

    Times of files change when a folder is copied, so files decide first: the same files are the
    same attempt. But going back to earlier files after handing in others is a new attempt: it is
    seen by being the student's last hand-in and newer than every receipt. `used` attempts are
    accounted for by earlier hand-ins of this batch.
    """
    same = [receipt for receipt in known if receipt.digest == digest]
    if not same:
        return None
    newest = known[-1]
    newer = received_at > newest.received_at
    if last and newest.digest == digest:
        return newest
    ahead = [receipt for receipt in same if receipt.attempt > used]
    if ahead and not (last and newer):
        return ahead[0]
    return None if newer else same[-1]
