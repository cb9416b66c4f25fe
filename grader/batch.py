"""Grades many hand-ins into one results folder: in parallel, resumable, losing nothing.

One broken hand-in never stops the rest, and nothing that is recorded is graded twice. It uses the
results folder, the door and whatever grades through ports; it knows no sandbox and prints nothing.
"""

from __future__ import annotations

import hashlib
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from grader.crash_points import Point, reached
from grader.dispatch import Dispatch, Ending
from grader.errors import EngineError
from grader.intake import Intake, Read, read_found
from grader.lab import Lab
from grader.outcome import Run, Verdict
from grader.pages import Pages, Render
from grader.progress import Progress, SilentProgress
from grader.results import Results, utc_now
from grader.stopping import StopSignals
from grader.submission import Submission

if TYPE_CHECKING:
    from grader.cohort import Cohort
    from grader.collect import Found

Grading = Callable[[Lab, Submission], Run]
"""Grades one submission: a Run for every outcome; EngineError only when the engine is gone."""

STOPPING: Final = "Stopping when what is under way is graded; Ctrl-C again does not wait for it."
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells count it."""


def _nothing(_error: EngineError) -> None:
    """Do nothing when the engine is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a batch is done. Every part that touches the world can be replaced."""

    jobs: int = 2
    """Gradings at the same time; at most twice as many hand-ins are in memory."""
    executor: Executor | None = None
    """Where gradings run, for example that of a Dask client; threads of this process by default."""
    bind: Callable[[Grading, Lab], Callable[[Submission], Run]] = partial
    """Makes of grading and lab what is sent to the executor with each submission."""
    progress: Progress = field(default_factory=SilentProgress)
    """Hears what happens."""
    cohort: Cohort | None = None
    """Roster, deadlines and overrides, for the pages."""
    on_engine_gone: Callable[[EngineError], None] = _nothing
    """Called after each pause, before the next try: the moment to connect again."""
    read: Read = read_found
    """Reads one found hand-in through the door."""
    clock: Callable[[], datetime] = utc_now
    """Says the time."""
    pause: Callable[[float], None] | None = None
    """Waits some seconds when the engine is gone; by default until that or Ctrl-C."""
    render: Render | None = None
    """Makes the pages; the HTML of `grader.formats` by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """What a batch did."""

    graded: int = 0
    """Hand-ins that were graded now."""
    ungradable: int = 0
    """Hand-ins whose form made grading impossible, found now."""
    skipped: int = 0
    """Hand-ins that needed nothing: graded before, or the same as another."""
    broken: int = 0
    """Hand-ins without a result through our fault."""
    halted: str = ""
    """Why the batch stopped early, and how to go on; empty when it did not."""
    interrupted: bool = False
    """Somebody pressed Ctrl-C (or ended the process politely)."""
    abandoned: int = 0
    """Gradings that were not waited for after a second Ctrl-C."""
    seconds: float = 0.0
    """How long it took, pages included."""
    notes: tuple[str, ...] = ()
    """What staff should know: repairs, hand-ins left out."""

    @property
    def exit_code(self) -> int:
        """0 when every hand-in was graded or is ungradable, 5 when not, 130 after Ctrl-C."""
        if self.interrupted:
            return INTERRUPTED
        return 5 if self.broken or self.halted else 0

    @property
    def rate(self) -> float:
        """Hand-ins graded per second."""
        return self.graded / self.seconds if self.seconds else 0.0


def run_batch(
    lab: Lab,
    found: Iterable[Found],
    results: Results,
    *,
    grade: Grading,
    settings: Settings | None = None,
) -> BatchOutcome:
    """Grade what was found and is not recorded yet, then write the pages.

    `results` is open for writing, for this very lab. Calling it again goes on where it stopped.
    Raises ResultsError when the folder cannot be written; what is recorded until then stays.
    """
    chosen = settings or Settings()
    began = time.monotonic()
    with StopSignals() as stop:
        work = _BatchWork(lab, found, results, grade, chosen, stop)
        with pool(chosen.executor, chosen.jobs, stop) as executor:
            ending = Dispatch(work, executor, jobs=chosen.jobs, stop=stop).run()
        work.pages.finish(chosen.cohort, chosen.clock())
        chosen.progress.end()
        return work.outcome(ending, time.monotonic() - began)


@contextmanager
def pool(given: Executor | None, jobs: int, stop: StopSignals) -> Iterator[Executor]:
    """Lend the executor that was given, or threads that end with the block."""
    if given is not None:
        yield given
        return
    threads = ThreadPoolExecutor(max_workers=max(1, jobs), thread_name_prefix="grading")
    try:
        yield threads
    finally:
        threads.shutdown(wait=not stop.abandoned, cancel_futures=True)


class _BatchWork:
    """What dispatch asks of a batch: where submissions come from and where runs go."""

    def __init__(
        self,
        lab: Lab,
        found: Iterable[Found],
        results: Results,
        grade: Grading,
        settings: Settings,
        stop: StopSignals,
    ) -> None:
        self._lab = lab
        self._found = found
        self._results = results
        self._grade = grade
        self._settings = settings
        self._stop = stop
        self._progress = settings.progress
        self._tally: Counter[str] = Counter()
        self._broken: set[tuple[str, int]] = set()
        self.pages = Pages(lab, results, settings.render)
        self._intake = Intake(
            lab, results, settings.progress, read=settings.read, clock=settings.clock
        )

    def submissions(self) -> Iterator[Submission]:
        for note in self._results.notes:
            self._progress.note(note)
        return self._intake.submissions(self._found)

    def again(self, light: Submission) -> Submission:
        receipt = self._results.handins.of(light.student)[light.attempt - 1]
        return self._results.handins.submission(receipt, self._lab.slug)

    def grade(self) -> Callable[[Submission], Run]:
        return self._settings.bind(self._grade, self._lab)

    def started(self, submission: Submission) -> None:
        self._progress.started(submission.student, submission.attempt)

    def done(self, run: Run) -> None:
        self._results.record(run)
        reached(Point.RUN_RECORDED, run.student)
        self._broken.discard((run.student, run.attempt))
        self._tally[str(run.verdict)] += 1
        self.pages.write_run(run)
        self._progress.graded(run)
        reached(Point.RUN_TOLD, run.student)

    def broken(self, run: Run, *, again: bool) -> None:
        self._results.note_broken(run)
        self._broken.add((run.student, run.attempt))
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

    def outcome(self, ending: Ending, seconds: float) -> BatchOutcome:
        tally = self._tally + self._intake.tally
        return BatchOutcome(
            graded=tally[str(Verdict.GRADED)],
            ungradable=tally[str(Verdict.UNGRADABLE)],
            skipped=tally["skipped"],
            broken=len(self._broken) + tally["broken"],
            halted=how_to_go_on(ending),
            interrupted=ending.interrupted,
            abandoned=ending.abandoned,
            seconds=seconds,
            notes=(*self._results.notes, *self.pages.notes),
        )


def how_to_go_on(ending: Ending) -> str:
    """Return why the work stopped and what to do, or "" when it came to its end."""
    if ending.halted:
        return (
            f"Stopped: {ending.halted}. What is graded is kept. See what `grader doctor` says, "
            "then start the same command again: it grades only what is missing."
        )
    if ending.interrupted:
        return (
            "Interrupted. What is graded is kept; start the same command again to go on with "
            "the rest."
        )
    return ""


def broken_run(lab: Lab, light: Submission, error: BaseException, now: datetime) -> Run:
    """Return the note about an exception that should never have come out of grading."""
    trace = "".join(traceback.format_exception(error, limit=-8))
    mark = hashlib.sha256(
        f"{light.student}\n{light.attempt}\n{lab.digest}\n{now.isoformat()}".encode(
            "utf-8", "replace"
        )
    ).hexdigest()
    return Run(
        id=mark,
        student=light.student,
        lab=lab.slug,
        attempt=light.attempt,
        received_at=light.received_at,
        graded_at=now,
        bundle_digest=light.bundle.digest,
        verdict=Verdict.BROKEN,
        reason=f"Grading broke through no fault of the student (reference {mark[:12]}).",
        staff_notes=(trace,),
        out_of=lab.out_of,
        lab_digest=lab.digest,
    )
