"""Sends submissions through an executor, a few at a time, and takes their runs back.

It knows what to do when the engine goes away (pause, try one, go on or stop), when runs break
(once more at the end) and when somebody wants to stop. It neither stores nor prints anything.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass, replace
from typing import Final, Protocol

from grader.crash_points import Point, reached
from grader.errors import EngineError, ResultsError
from grader.outcome import Run, Verdict
from grader.stopping import StopSignals
from grader.submission import Submission

BACK_OFF_S: Final = (2.0, 8.0, 20.0)
"""Seconds before each new try when the engine is gone; after the last one the batch stops."""
ENGINE_TRIES: Final = 3
"""A hand-in at which the engine failed this often, while others went through, is broken."""
BROKEN_IN_A_ROW: Final = 10
"""So many broken runs without a good one between them mean that the fault is not in one of them."""
_TICK_S: Final = 0.2

Place = tuple[str, int]
"""(student, attempt)."""


class Work(Protocol):
    """What a dispatch is for: a batch, or a regrade."""

    def submissions(self) -> Iterator[Submission]:
        """Yield what must be graded; each is read when it is asked for."""

    def again(self, light: Submission) -> Submission:
        """Return a submission with its files, given one without them."""

    def grade(self) -> Callable[[Submission], Run]:
        """Return what is called in the executor."""

    def started(self, submission: Submission) -> None:
        """Hear that it was handed to the executor."""

    def done(self, run: Run) -> None:
        """Keep a run that came back GRADED or UNGRADABLE."""

    def broken(self, run: Run, *, again: bool) -> None:
        """Note a run that came back BROKEN; `again` says that it is tried once more."""

    def failed(self, light: Submission, error: BaseException) -> Run:
        """Make a BROKEN run of an exception that should never have come out of grading."""

    def paused(self, error: EngineError, seconds: float) -> None:
        """Say that the engine is gone, and wait that many seconds."""

    def engine_gone(self, error: EngineError) -> None:
        """Connect again, perhaps: called after each pause, before the next try."""

    def stopping(self) -> None:
        """Hear that somebody asked to stop: nothing new is begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a dispatch ended."""

    halted: str = ""
    """Why it stopped before everything was tried; empty when it did not."""
    interrupted: bool = False
    """Somebody asked it to stop."""
    abandoned: int = 0
    """Runs that were still going when it ended; they are graded again next time."""


class Dispatch:
    """One pass over some work. `run` is called once."""

    def __init__(self, work: Work, executor: Executor, *, jobs: int, stop: StopSignals) -> None:
        """At most `2 * jobs` submissions are in memory at any time."""
        self._work = work
        self._executor = executor
        self._window = 2 * max(1, jobs)
        self._stop = stop
        self._grade = work.grade()
        self._flying: dict[Future[Run], Submission] = {}
        self._back: deque[Submission] = deque()
        self._once_more: list[Submission] = []
        self._last_pass = False
        self._halted = ""
        self._engine_error: EngineError | None = None
        self._engine_rounds = 0
        self._engine_blamed: Counter[Place] = Counter()
        self._broken_in_a_row = 0
        self._is_stopping = False

    def run(self) -> Ending:
        """Grade everything, then what broke once more. Errors of `work` come through."""
        try:
            self._drain(self._work.submissions())
            self._last_pass = True
            self._broken_in_a_row = 0
            self._drain(self._reloaded(self._once_more))
        finally:
            abandoned = self._cancel()
        return Ending(halted=self._halted, interrupted=self._stop.requested, abandoned=abandoned)

    def _drain(self, source: Iterable[Submission]) -> None:
        waiting = iter(source)
        while True:
            self._fill(waiting)
            if self._flying:
                self._land()
            elif self._engine_error is not None and not self._ending:
                self._wait_for_engine(self._engine_error)
            else:
                return
            if self._stop.requested:
                self._stopping()
            if self._stop.abandoned:
                return

    @property
    def _ending(self) -> bool:
        return bool(self._halted) or self._stop.requested

    def _fill(self, waiting: Iterator[Submission]) -> None:
        """Hand over as many as the window holds; after a failure of the engine, one alone."""
        while not self._ending and self._engine_error is None:
            if len(self._flying) >= (1 if self._engine_rounds else self._window):
                return
            submission = next(waiting, None)
            while submission is None and self._back:
                submission = next(self._reloaded([self._back.popleft()]), None)
            if submission is None:
                return
            self._send(submission)

    def _reloaded(self, light: Iterable[Submission]) -> Iterator[Submission]:
        """Bring the files back; a hand-in whose snapshot is damaged is broken for good."""
        for each in light:
            try:
                yield self._work.again(each)
            except ResultsError as error:
                self._work.broken(self._work.failed(each, error), again=False)

    def _send(self, submission: Submission) -> None:
        try:
            future = self._executor.submit(self._grade, submission)
        except RuntimeError as error:  # the pool broke, or somebody shut it down
            self._halted = f"the pool of graders takes no more work ({error})"
            return
        light = replace(submission.bundle, files=())  # the files may go; the digest stays
        self._flying[future] = replace(submission, bundle=light)
        self._work.started(submission)
        reached(Point.RUN_SENT, submission.student)

    def _land(self) -> None:
        done, _ = wait(self._flying, timeout=_TICK_S, return_when=FIRST_COMPLETED)
        for future in done:
            light = self._flying.pop(future)
            try:
                run = future.result()
            except CancelledError:  # not by us: those are no longer in the air
                self._halted = "the pool of graders dropped its work"
            except EngineError as error:
                self._engine_failed(light, error)
            except Exception as error:  # noqa: BLE001 - one odd hand-in must not stop the others
                self._broke(light, self._work.failed(light, error))
            else:
                self._landed(light, run)

    def _landed(self, light: Submission, run: Run) -> None:
        self._engine_rounds = 0
        if run.verdict is Verdict.BROKEN:
            self._broke(light, run)
            return
        if (run.student, run.attempt, run.bundle_digest) != _about(light):
            error = RuntimeError(f"the run is about {run.student}, attempt {run.attempt}")
            self._broke(light, self._work.failed(light, error))
            return
        self._broken_in_a_row = 0
        reached(Point.RUN_LANDED, run.student)
        self._work.done(run)

    def _broke(self, light: Submission, run: Run) -> None:
        if not self._last_pass:
            self._once_more.append(light)
        self._work.broken(run, again=not self._last_pass)
        reached(Point.RUN_BROKE, run.student)
        self._broken_in_a_row += 1
        if self._broken_in_a_row >= BROKEN_IN_A_ROW and not self._last_pass:
            self._halted = f"{self._broken_in_a_row} runs in a row broke through our fault"

    def _engine_failed(self, light: Submission, error: EngineError) -> None:
        place = light.student, light.attempt
        self._engine_blamed[place] += 1
        if self._engine_blamed[place] > ENGINE_TRIES and self._engine_rounds < len(BACK_OFF_S):
            self._broke(light, self._work.failed(light, error))
            return
        self._back.append(light)
        self._engine_error = error
        reached(Point.ENGINE_LOST, light.student)

    def _wait_for_engine(self, error: EngineError) -> None:
        if self._engine_rounds >= len(BACK_OFF_S):
            self._halted = f"the engine is gone ({error})"
            return
        seconds = BACK_OFF_S[self._engine_rounds]
        self._engine_rounds += 1
        self._engine_error = None
        self._work.paused(error, seconds)
        if not self._stop.requested:
            self._work.engine_gone(error)

    def _stopping(self) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            self._work.stopping()
        self._cancel_waiting()

    def _cancel_waiting(self) -> None:
        for future in [future for future in self._flying if future.cancel()]:
            del self._flying[future]

    def _cancel(self) -> int:
        self._cancel_waiting()
        return len(self._flying)


def _about(submission: Submission) -> tuple[str, int, str]:
    return submission.student, submission.attempt, submission.bundle.digest
