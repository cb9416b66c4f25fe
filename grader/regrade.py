"""A changed lab: who gains, who loses and by how much, before anything counts.

`plan` grades every accepted hand-in with the new lab into a folder of its own; the old scores stay
official. `apply` adds those runs to the results and lets the new version count in one step. Both
may be interrupted and started again. It never changes or removes a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from grader.batch import STOPPING, Grading, Settings, broken_run, how_to_go_on, pool
from grader.crash_points import Point, reached
from grader.dispatch import Dispatch
from grader.errors import EngineError, UsageError
from grader.formats.runjson import run_from_json, run_to_json
from grader.handins import Receipt
from grader.journal import Journal
from grader.lab import Lab
from grader.outcome import Run, Status, Verdict
from grader.results import Results, Version
from grader.stopping import StopSignals
from grader.submission import Submission

Place = tuple[str, int]
"""(student, attempt)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckChange:
    """One check that ends differently with the new lab."""

    check: str
    """Id of the check."""
    before: Status | None
    """How it ended; None when the old lab did not have it, or did not grade."""
    after: Status | None
    """How it ends; None when the new lab does not have it, or does not grade."""
    points: int
    """Points gained (or lost, below zero) by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One hand-in that ends differently with the new lab."""

    student: str
    """Id of the student."""
    attempt: int
    """Number of the hand-in."""
    before: int | None
    """Points that count now; None when it was ungradable."""
    before_out_of: int
    """Points that could be earned."""
    after: int | None
    """Points with the new lab; None when it is ungradable with it."""
    after_out_of: int
    """Points that can be earned with the new lab."""
    checks: tuple[CheckChange, ...]
    """The checks that make the difference."""

    @property
    def points(self) -> int:
        """Points gained, or lost when below zero."""
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrade:
    """What a changed lab would do to a class."""

    lab: str
    """Slug of the lab."""
    old_digest: str
    """Digest of the version that counts now."""
    new_digest: str
    """Digest of the version that was tried."""
    changes: tuple[Change, ...] = ()
    """Hand-ins that end differently, the largest losses first."""
    unchanged: int = 0
    """Hand-ins that end the same."""
    broken: tuple[Place, ...] = ()
    """Hand-ins without a result with the new lab, through our fault or an interruption."""
    halted: str = ""
    """Why it stopped early and how to go on; empty when it did not."""
    interrupted: bool = False
    """Somebody pressed Ctrl-C."""

    @property
    def gains(self) -> tuple[Change, ...]:
        """Changes that add points."""
        return tuple(change for change in self.changes if change.points > 0)

    @property
    def loses(self) -> tuple[Change, ...]:
        """Changes that take points away."""
        return tuple(change for change in self.changes if change.points < 0)

    @property
    def complete(self) -> bool:
        """True when every accepted hand-in has a result with the new lab."""
        return not (self.broken or self.halted or self.interrupted)

    @property
    def exit_code(self) -> int:
        """0 when complete, 130 after Ctrl-C, otherwise 5."""
        if self.interrupted:
            return 130
        return 0 if self.complete else 5


def plan(
    results: Results, lab: Lab, *, grade: Grading, settings: Settings | None = None
) -> Regrade:
    """Grade what counts now with the new lab; nothing of it counts yet.

    `results` is open for writing. What an earlier, interrupted plan graded is not graded again.
    Raises UsageError for another lab or the same version, ResultsError for a folder that fails.
    """
    _refuse(results, lab)
    chosen = settings or Settings()
    with StopSignals() as stop:
        work = _RegradeWork(results, lab, grade, chosen, stop)
        chosen.progress.begin(len(work.receipts))
        with pool(chosen.executor, chosen.jobs, stop) as executor:
            ending = Dispatch(work, executor, jobs=chosen.jobs, stop=stop).run()
        chosen.progress.end()
    return compared(
        Regrade(
            lab=lab.slug,
            old_digest=results.lab_digest,
            new_digest=lab.digest,
            broken=tuple(sorted(work.missing())),
            halted=how_to_go_on(ending),
            interrupted=ending.interrupted,
        ),
        ((work.old[place], run) for place, run in work.graded() if place in work.old),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """That a regrade shall count."""

    who: str
    """Who decided it."""
    why: str
    """Why, in a sentence."""
    when: datetime
    """When it was decided."""
    despite_missing: bool = False
    """True lets hand-ins without a new result keep their old one."""


def apply(results: Results, regrade: Regrade, decision: Decision) -> int:
    """Let the regrade count; return how many runs were added.

    The runs are added first, and count only when the last step (replacing batch.json) is done: an
    interruption leaves the old scores official, and `apply` may be called again. Raises UsageError
    when something is missing, ResultsError for a folder that fails.
    """
    if not decision.who.strip() or not decision.why.strip():
        raise UsageError("a regrade counts only with a name and a reason: who decides, and why?")
    if results.lab_digest == regrade.new_digest:
        return 0
    journal = _journal(results, regrade.new_digest)
    runs = {_place(run): offset for offset, run in journal.entries(run_from_json)}
    wanted = {_place_of(receipt) for receipt in results.handins.all() if _counts(results, receipt)}
    missing = wanted - set(runs)
    if missing and not decision.despite_missing:
        raise UsageError(
            f"{len(missing)} of {len(wanted)} hand-ins have no result with the new lab",
            where=results.folder.name,
            advice="Run `grader regrade` again; it grades only what is missing.",
        )
    added = sum(
        results.record(journal.at(offset, run_from_json))
        for place, offset in runs.items()
        if place in wanted
    )
    reached(Point.REGRADE_COPIED)
    results.make_official(
        Version(
            digest=regrade.new_digest,
            since=decision.when.isoformat(),
            who=decision.who,
            why=decision.why,
        )
    )
    reached(Point.REGRADE_COUNTS)
    return added


def compared(regrade: Regrade, pairs: Iterable[tuple[Run, Run]]) -> Regrade:
    """Return the regrade with its changes; `pairs` are (run that counts, run with the new lab)."""
    changes: list[Change] = []
    unchanged = 0
    for old, new in pairs:
        change = compare(old, new)
        if change is None:
            unchanged += 1
        else:
            changes.append(change)
    changes.sort(key=lambda change: (change.points, change.student, change.attempt))
    return replace(regrade, changes=tuple(changes), unchanged=unchanged)


def compare(old: Run, new: Run) -> Change | None:
    """Return what differs between two runs of the same hand-in, or None when nothing does."""
    before = {result.id: result for result in old.results}
    after = {result.id: result for result in new.results}
    checks = []
    for check in dict.fromkeys((*before, *after)):
        was, now = before.get(check), after.get(check)
        was_status = was.status if was else None
        now_status = now.status if now else None
        points = (now.earned if now else 0) - (was.earned if was else 0)
        if was_status is not now_status or points:
            checks.append(
                CheckChange(check=check, before=was_status, after=now_status, points=points)
            )
    if not checks and old.verdict is new.verdict and old.out_of == new.out_of:
        return None
    return Change(
        student=new.student,
        attempt=new.attempt,
        before=old.earned if old.verdict is Verdict.GRADED else None,
        before_out_of=old.out_of,
        after=new.earned if new.verdict is Verdict.GRADED else None,
        after_out_of=new.out_of,
        checks=tuple(checks),
    )


def rows(regrade: Regrade) -> list[tuple[str, str, str, str, str]]:
    """Return a table for the terminal: a line of heads, then one line per change."""
    table = [("student", "now", "with the new lab", "points", "because of")]
    for change in regrade.changes:
        name = change.student if change.attempt == 1 else f"{change.student} #{change.attempt}"
        table.append(
            (
                name,
                _score(change.before, change.before_out_of),
                _score(change.after, change.after_out_of),
                f"{change.points:+d}",
                ", ".join(_because(check) for check in change.checks) or _without_checks(change),
            )
        )
    return table


class _RegradeWork:
    """What dispatch asks of a regrade: where submissions come from and where runs go."""

    def __init__(
        self, results: Results, lab: Lab, grade: Grading, settings: Settings, stop: StopSignals
    ) -> None:
        self._results = results
        self._lab = lab
        self._grade = grade
        self._settings = settings
        self._stop = stop
        self._progress = settings.progress
        self._journal = _journal(results, lab.digest)
        self._results.disk.folder(self._journal.path.parent)
        self._notes = Journal(self._journal.path.with_name("broken.jsonl"), results.disk)
        self._notes.repair()
        self._done = _repaired(self._journal, self._progress.note)
        self.receipts = [each for each in results.handins.all() if _counts(results, each)]
        self._by_place = {_place_of(receipt): receipt for receipt in self.receipts}
        self.old = {_place(run): _bare(run) for run in results.official()}

    def submissions(self) -> Iterator[Submission]:
        for receipt in self.receipts:
            if _place_of(receipt) in self._done:
                self._progress.skipped(receipt.student, "regraded before")
            else:
                yield self._results.handins.submission(receipt, self._lab.slug)

    def again(self, light: Submission) -> Submission:
        receipt = self._by_place[light.student, light.attempt]
        return self._results.handins.submission(receipt, self._lab.slug)

    def grade(self) -> Callable[[Submission], Run]:
        return partial(self._grade, self._lab)

    def started(self, submission: Submission) -> None:
        self._progress.started(submission.student, submission.attempt)

    def done(self, run: Run) -> None:
        self._done[_place(run)] = self._journal.append(run_to_json(run))
        reached(Point.REGRADE_KEPT, run.student)
        self._progress.graded(run)

    def broken(self, run: Run, *, again: bool) -> None:
        self._notes.append(run_to_json(run))
        self._progress.broken(run, again=again)

    def failed(self, light: Submission, error: BaseException) -> Run:
        return broken_run(self._lab, light, error, self._settings.clock())

    def paused(self, error: EngineError, seconds: float) -> None:
        self._progress.paused(str(error), seconds)
        (self._settings.pause or self._stop.pause)(seconds)

    def engine_gone(self, error: EngineError) -> None:
        self._settings.on_engine_gone(error)

    def stopping(self) -> None:
        self._progress.note(STOPPING)

    def missing(self) -> set[Place]:
        return set(self._by_place) - set(self._done)

    def graded(self) -> Iterator[tuple[Place, Run]]:
        for place, offset in self._done.items():
            yield place, self._journal.at(offset, run_from_json)


def _refuse(results: Results, lab: Lab) -> None:
    if lab.slug != results.lab_slug:
        raise UsageError(
            f"these are results of lab {results.lab_slug}, not of {lab.slug}",
            where=str(results.folder),
        )
    if lab.digest == results.lab_digest:
        raise UsageError(
            f"lab {lab.slug} has not changed since these results were made, so nothing can change",
            where=str(results.folder),
            advice="Change the lab first. `grader batch` grades what is still missing.",
        )


def _journal(results: Results, digest: str) -> Journal:
    folder: Path = results.folder / "regrades" / digest
    return Journal(folder / "runs.jsonl", results.disk)


def _repaired(journal: Journal, note: Callable[[str], None]) -> dict[Place, int]:
    torn = journal.repair()
    if torn:
        note(torn)
    return {_place(run): offset for offset, run in journal.entries(run_from_json)}


def _counts(results: Results, receipt: Receipt) -> bool:
    """Tell whether this hand-in has a run that counts now: only those are regraded."""
    return any(
        results.has((receipt.student, receipt.attempt, receipt.digest, version.digest))
        for version in results.versions
    )


def _bare(run: Run) -> Run:
    """Leave out texts, which no comparison reads."""
    bare = (replace(each, message="", detail="", output="") for each in run.results)
    return replace(run, results=tuple(bare), staff_notes=())


def _place(run: Run) -> Place:
    return run.student, run.attempt


def _place_of(receipt: Receipt) -> Place:
    return receipt.student, receipt.attempt


def _score(points: int | None, out_of: int) -> str:
    return "ungradable" if points is None else f"{points}/{out_of}"


def _without_checks(change: Change) -> str:
    """Say why runs differ whose checks all ended alike."""
    if change.before is None or change.after is None:
        return "the form of the hand-in"
    return f"the lab's total ({change.before_out_of} → {change.after_out_of})"


def _because(check: CheckChange) -> str:
    if check.before is check.after:
        return f"{check.check} (worth {check.points:+d})"
    was = "new" if check.before is None else str(check.before)
    now = "gone" if check.after is None else str(check.after)
    return f"{check.check} ({was} → {now})"
