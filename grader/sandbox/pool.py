"""Boxes that stand ready before they are needed: each worker for one use, each checker for many.

The pool runs nothing and reads no frame but the first. A box that could not be started is reported
to the one who asks for it; nothing is retried behind anybody's back.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol, Self

from grader.errors import BrokenError, EngineError
from grader.lab import Lab
from grader.sandbox.base import Role, Sandbox
from grader.sandbox.link import Link
from grader.sandbox.live import CLOSED, LiveBoxes, Wanted

SLACK_S: Final = 30.0
"""What a box may live on when a run's time is over: the supervisor's deadline comes first."""
CHECKER_MB: Final = 1024
"""A checker holds what students send, twice while it decodes, beside the libraries."""
CLOSE_S: Final = 30.0


RUNS_CELLS: Final = "grader.worker.shell"
"""What a worker loads ahead for labs that take notebooks; it says so where that failed."""


class Boxes(Protocol):
    """Where a grading gets its boxes from: the pool, or a test's stand-in."""

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that the boxes belong to."""

    def worker(self, lab: Lab) -> Link:
        """Return a link to a worker that nothing has used; the caller closes it.

        Raises EngineError when none can be started.
        """

    def checker(self, lab: Lab) -> AbstractContextManager[Link]:
        """Lend a checker for one run. One that was spoiled, or left by an exception, is not reused.

        Raises EngineError when none can be started.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTimes:
    """How long boxes may take and live."""

    start_s: float = 60.0
    """Until a box must have said that it is ready."""
    idle_s: float = 600.0
    """That a worker may stand ready before it is replaced."""
    checker_s: float = 3600.0
    """That a checker is used before it is replaced."""


@dataclass(slots=True, kw_only=True)
class _Ready:
    """A box that has said READY."""

    link: Link
    fresh_until: float
    runs: int = 0


class Pool:
    """Boxes of one sandbox for up to `slots` runs at a time. Thread-safe."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        slots: int,
        warm: int | None = None,
        runs_per_checker: int = 200,
        times: PoolTimes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep `warm` workers ready (0 to slots + 1; by default, as many as there are slots)."""
        if slots < 1 or not 0 <= (slots if warm is None else warm) <= slots + 1:
            raise ValueError(f"slots={slots}, warm={warm}: need 1 <= slots, 0 <= warm <= slots + 1")
        self._sandbox = sandbox
        self._slots = slots
        self._warm = slots if warm is None else warm
        self._runs_per_checker = runs_per_checker
        self._times = times or PoolTimes()
        self._clock = clock
        # Each slot may replace both its boxes while the ones before them are still leaving.
        self._live = LiveBoxes(sandbox, start_timeout_s=self._times.start_s, removals=2 * slots + 1)
        self._change = threading.Condition()
        self._workers: deque[tuple[Wanted, Future[_Ready]]] = deque()
        self._checkers: deque[tuple[Wanted, Future[_Ready]]] = deque()
        self._checkers_alive = 0

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that the boxes belong to."""
        return self._sandbox

    def prepare(self, lab: Lab) -> None:
        """Begin to start a worker and a checker for this lab, if none stands ready.

        The worker is one for what is handed in as a rule; cells are run where they are the rule.

        A single run starts both sides at once that way; errors wait for the one who asks.
        """
        worker, checker = self._wanted_worker(lab.run_as_usual()), self._wanted_checker(lab)
        with self._change:
            if not any(wanted == worker for wanted, _ in self._workers):
                self._begin(self._workers, worker)
            if self._checkers_alive < self._slots and not self._checkers:
                self._checkers_alive += 1
                self._begin(self._checkers, checker)

    def worker(self, lab: Lab) -> Link:
        """Return a link to a worker that nothing has used; the caller closes it.

        Raises EngineError when none can be started.
        """
        wanted = self._wanted_worker(lab)
        ready = self._take_ready_worker(wanted)
        if ready is None:
            ready = self._start(wanted)
        self._refill(wanted)
        return ready.link

    @contextmanager
    def checker(self, lab: Lab) -> Iterator[Link]:
        """Lend a checker for one run. One that was spoiled, or left by an exception, is not reused.

        Waits while `slots` checkers are in use. Raises EngineError when none can be started.
        """
        wanted = self._wanted_checker(lab)
        ready = self._lease(wanted)
        try:
            yield ready.link
        except BaseException:
            ready.link.spoil()
            raise
        finally:
            self._give_back(wanted, ready)

    def close(self) -> None:
        """End every box, those in use included. Twice is fine."""
        self._live.shut()
        with self._change:
            self._change.notify_all()
        self._live.close(CLOSE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # workers

    def _take_ready_worker(self, wanted: Wanted) -> _Ready | None:
        while True:
            with self._change:
                future = _take(self._workers, wanted)
            if future is None:
                return None
            try:
                ready = future.result()
            except BrokenError:
                continue  # the one who asks tries for himself, and is told what happens then
            if self._is_usable(ready):
                return ready
            ready.link.close()

    def _refill(self, wanted: Wanted) -> None:
        """Start workers ahead of need; the ones of another kind make room for one at a time."""
        with self._change:
            room = self._warm - len(self._workers)
            if not room and self._warm and not any(kind == wanted for kind, _ in self._workers):
                _, other = self._workers.popleft()
                self._live.soon(partial(_drop, other))
                room = 1
            for _ in range(room):
                self._begin(self._workers, wanted)

    # checkers

    def _lease(self, wanted: Wanted) -> _Ready:
        while True:
            future = self._claim(wanted)
            if future is None:
                return self._start_checker(wanted)
            try:
                ready = future.result()
            except BrokenError:
                self._one_less()
                continue  # the one who asks tries for himself, and is told what happens then
            if self._is_usable(ready):
                return ready
            self._retire(ready)

    def _claim(self, wanted: Wanted) -> Future[_Ready] | None:
        """Return a checker that stands ready (or will), or None with the right to start one."""
        with self._change:
            while True:
                if self._live.is_closed:
                    raise EngineError(CLOSED)
                if future := _take(self._checkers, wanted):
                    return future
                if self._checkers_alive < self._slots:
                    self._checkers_alive += 1
                    return None
                if self._checkers:
                    _, other = self._checkers.popleft()
                    self._live.soon(partial(_drop, other, self._retire, self._one_less))
                self._change.wait()

    def _start_checker(self, wanted: Wanted) -> _Ready:
        try:
            return self._start(wanted)
        except BaseException:
            self._one_less()
            raise

    def _give_back(self, wanted: Wanted, ready: _Ready) -> None:
        ready.runs += 1
        worn = ready.runs >= self._runs_per_checker or self._clock() >= ready.fresh_until
        if worn or ready.link.spoiled or self._live.is_closed:
            self._retire(ready)
            return
        future: Future[_Ready] = Future()
        future.set_result(ready)
        with self._change:
            self._checkers.append((wanted, future))
            self._change.notify_all()

    def _retire(self, ready: _Ready) -> None:
        ready.link.spoil()
        self._live.end(ready.link.box, then=self._one_less)

    def _one_less(self) -> None:
        with self._change:
            self._checkers_alive -= 1
            self._change.notify_all()

    # both

    def _begin(self, shelf: deque[tuple[Wanted, Future[_Ready]]], wanted: Wanted) -> None:
        future: Future[_Ready] = Future()

        def start() -> None:
            try:
                future.set_result(self._start(wanted, attempts=1))
            except BaseException as error:  # noqa: BLE001 - told to the one who asks for the box
                future.set_exception(error)

        shelf.append((wanted, future))
        self._live.soon(start)

    def _start(self, wanted: Wanted, *, attempts: int = 2) -> _Ready:
        link = self._live.start(wanted, attempts=attempts)
        return _Ready(link=link, fresh_until=self._clock() + self._stays_fresh_s(wanted.role))

    def _is_usable(self, ready: _Ready) -> bool:
        return self._clock() < ready.fresh_until and ready.link.is_quiet()

    def _stays_fresh_s(self, role: Role) -> float:
        return self._times.checker_s if role is Role.CHECKER else self._times.idle_s

    def _wanted_worker(self, lab: Lab) -> Wanted:
        return self._wanted(lab, Role.WORKER)

    def _wanted_checker(self, lab: Lab) -> Wanted:
        limits = replace(lab.limits, memory_mb=max(CHECKER_MB, lab.limits.memory_mb))
        return self._wanted(replace(lab, limits=limits), Role.CHECKER)

    def _wanted(self, lab: Lab, role: Role) -> Wanted:
        runs_cells = bool(lab.submit.notebooks) and role is Role.WORKER
        life_s = self._times.start_s + self._stays_fresh_s(role) + lab.limits.wall_s + SLACK_S
        return Wanted(
            role=role,
            limits=lab.limits,
            preload=(*lab.preload, *((RUNS_CELLS,) if runs_cells else ())),
            tools=lab.tools and role is Role.WORKER,  # no test needs them, so no checker has them
            lifetime_s=life_s,
        )


def _take(shelf: deque[tuple[Wanted, Future[_Ready]]], wanted: Wanted) -> Future[_Ready] | None:
    """Take one of that kind off the shelf: one that is ready, or else the one begun first."""
    fitting = [entry for entry in shelf if entry[0] == wanted]
    if not fitting:
        return None
    entry = next((one for one in fitting if one[1].done()), fitting[0])
    shelf.remove(entry)
    return entry[1]


def _drop(
    future: Future[_Ready],
    end: Callable[[_Ready], None] = lambda ready: ready.link.close(),
    failed: Callable[[], None] = lambda: None,
) -> None:
    """Wait for a box that nobody wants any more, and end it."""
    try:
        ready = future.result()
    except BrokenError:
        failed()
    else:
        end(ready)
