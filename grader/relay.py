"""Between the boxes: carries frames, enforces deadlines, believes the checker's results only.

The relay looks at frame kinds and lengths, and reads the messages of the checker. It never looks
into what a worker sends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grader.crash_points import Point, reached
from grader.errors import BoxError, BoxGoneError, BoxTimeoutError, EngineError, WireError
from grader.lab import Lab
from grader.outcome import CheckResult, Status
from grader.sandbox.base import Certificate
from grader.sandbox.link import Link
from grader.wire.frames import Kind, message, read_message

_MILLISECONDS = 4
_SEND_S = 10.0
_GRACE_S = 30.0
_MAX_BOXES = 8
_TEXT_CAP = 20_000
_OUTPUT_CAP = 70_000


@dataclass(slots=True)
class Talk:
    """What one conversation between a checker and a worker brought."""

    results: dict[str, CheckResult] = field(default_factory=dict)
    """Results by check id, as the checker told them."""
    running: str = ""
    """The check that was begun last: the one to ask about when the checker dies."""
    problem: str = ""
    """Why the conversation is not to be believed; empty when it ended as it should."""
    lost: str = ""
    """How a worker box ended, where that may be our fault as well as the student's; else empty."""
    stuck: tuple[str, ...] = ()
    """Checks that could not be run because their file could not be collected."""
    notes: list[str] = field(default_factory=list)
    """For staff."""
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds, as the checker measured them."""
    ended: bool = False
    """Whether the checker said END."""

    @property
    def refused(self) -> CheckResult | None:
        """The first result that is not PASSED; None where there is none."""
        told = self.results.values()
        return next((result for result in told if result.status is not Status.PASSED), None)


class Relay:
    """One run's conversation. The checker speaks first; a worker is hired when it is needed."""

    def __init__(
        self,
        lab: Lab,
        checker: Link,
        hire: Callable[[], Link],
        orders: Callable[[bytes, float], bytes] | None = None,
        *,
        whole: bool = True,
    ) -> None:
        """Carry frames between `checker` and the workers that `hire()` gives.

        `orders(payload, seconds left)` carries out what a lab asks of the engine, where it may.
        A run that is not `whole` may end after a check that did not pass; no other may.
        """
        self._lab = lab
        self._orders = orders
        self._until = 0.0
        self._whole = whole
        self._checker = checker
        self._hire = hire
        self._worker: Link | None = None
        self._hired = 0
        self.talk = Talk()

    def run(self, payload: bytes) -> Talk:
        """Send the RUN message and carry on until END, a death, nonsense or the deadline."""
        self._until = time.monotonic() + self._lab.limits.wall_s
        deadline = self._until + _GRACE_S
        try:
            self._checker.send(Kind.RUN, payload, _SEND_S)
            while not self.talk.ended and not self.talk.problem:
                got = self._checker.receive(max(deadline - time.monotonic(), 0.001))
                if got is None:
                    told = _ending(self._checker.certificate())
                    self.talk.problem = f"the checker's box ended: {told}"
                else:
                    self._take(*got)
        except (BoxError, WireError) as error:
            self.talk.problem = f"the checker did not end its run: {error}"
        finally:
            self._dismiss()
            if self.talk.problem:
                self._checker.spoil()
        return self.talk

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == Kind.CALL:
            self._call(payload)
        elif kind == Kind.FRESH_WORKER:
            self._fresh()
        elif kind == Kind.ORDER and self._orders is not None:
            done = self._orders(payload, self._until - time.monotonic())
            self._checker.send(Kind.DONE, done, _SEND_S)
        elif kind == Kind.EVENT:
            self._event(read_message(payload)[0])
        elif kind == Kind.END:
            self._end(read_message(payload)[0])
        elif kind == Kind.DIED:
            self.talk.problem = f"the checker's process died ({read_message(payload)[0]})"
        else:
            raise WireError(f"the checker sent a frame of unknown kind {kind}")

    # -- the worker

    def _call(self, payload: bytes) -> None:  # noqa: C901 - one branch for each way to fail
        seconds = int.from_bytes(payload[:_MILLISECONDS], "big") / 1000
        if self._worker is None and not self._hired:
            self._hire_worker()
        if self._worker is None:
            self._gone("ended", "")
            return
        try:
            self._worker.send(Kind.TO_WORKER, payload[_MILLISECONDS:], seconds)
            reached(Point.CALL_SENT)
            got = self._worker.receive(seconds)
        except BoxTimeoutError:
            self._lose("timeout")
        except BoxGoneError:
            self._lose("ended")
        except WireError:
            self._lose("protocol")
        else:
            if got is None:
                self._lose("ended")
            elif got[0] != Kind.FROM_WORKER:
                self._lose("protocol")
            else:
                reached(Point.CALL_ANSWERED)
                self._checker.send(Kind.REPLY, got[1], _SEND_S)

    def _fresh(self) -> None:
        self._dismiss()
        if self._hired >= _MAX_BOXES:
            self._gone("budget", f"{self._hired} boxes were used up")
            return
        self._hire_worker()
        self._checker.send(Kind.WORKER_UP, message({}), _SEND_S)

    def _hire_worker(self) -> None:
        self._hired += 1
        self._worker = self._hire()

    def _lose(self, why: str) -> None:
        """Give the box up and say why, in the engine's words where it knows better.

        Raises EngineError where the box was frozen from outside: no check may be lost by that.
        """
        note = ""
        if self._worker is not None:
            told = self._worker.certificate()
            if told.paused:
                raise EngineError("a worker box was paused in the middle of a call")
            note = _ending(told)
            why = "memory" if told.out_of_memory else why
        if why == "ended":
            self.talk.lost = note
        self.talk.notes.append(f"a worker box was lost ({why}; {note})")
        self._dismiss()
        self._gone(why, note)

    def _gone(self, why: str, note: str) -> None:
        self._checker.send(Kind.WORKER_GONE, message({"why": why, "note": note}), _SEND_S)

    def _dismiss(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    # -- what the checker tells

    def _event(self, told: dict[str, Any]) -> None:
        event = told.get("event")
        if event == "began":
            self.talk.running = str(told.get("id"))
        elif event == "note":
            self.talk.notes.append(str(told.get("text"))[:500])
        elif event == "broken":
            self._broken(told)
        elif event == "check":
            self._result(told)
        else:
            self.talk.problem = f"the checker told an unknown event {event!r}"

    def _broken(self, told: dict[str, Any]) -> None:
        stuck = told.get("checks")
        self.talk.stuck = tuple(str(name) for name in stuck) if isinstance(stuck, list) else ()
        self.talk.problem = f"the tests could not be run: {str(told.get('reason'))[-2000:]}"

    def _result(self, told: dict[str, Any]) -> None:
        try:
            result = _checked(told, self._lab)
        except (KeyError, TypeError, ValueError) as error:
            self.talk.problem = f"the checker told a result that cannot be ({error})"
            return
        if result.id in self.talk.results:
            self.talk.problem = f"the checker told the result of {result.id} twice"
            return
        self.talk.results[result.id] = result
        reached(Point.CHECK_TOLD, result.id)

    def _end(self, told: dict[str, Any]) -> None:
        self.talk.ended = True
        reached(Point.TALK_ENDED)
        phases = told.get("phases")
        if isinstance(phases, dict):
            self.talk.phases = {
                str(name): float(value)
                for name, value in phases.items()
                if type(value) in {int, float}
            }
        missing = [check.id for check in self._lab.checks if check.id not in self.talk.results]
        if missing and (self._whole or self.talk.refused is None):
            self.talk.problem = f"not reported: {', '.join(missing)}"
            self.talk.stuck = tuple(missing)


def _ending(told: Certificate) -> str:
    words = ["out of memory"] if told.out_of_memory else []
    words.append("still running" if told.exit_code is None else f"exit code {told.exit_code}")
    if told.stderr_tail:
        words.append(told.stderr_tail[-500:])
    return ", ".join(words)


def _checked(told: dict[str, Any], lab: Lab) -> CheckResult:
    """Return a result that agrees with the manifest; KeyError, TypeError or ValueError if none."""
    check = lab.check(told["id"])
    status = Status(told["status"])
    earned, seconds, waited = told["earned"], told["seconds"], told["student_seconds"]
    if type(earned) is not int or earned != (check.points if status is Status.PASSED else 0):
        raise ValueError(f"{status} with {earned!r} points for {check.id}")
    if status is Status.MISSING or (status is Status.SKIPPED and not check.needs):
        raise ValueError(f"{status} for {check.id}")
    if type(seconds) is not float or type(waited) is not float or not 0 <= waited <= seconds:
        raise ValueError(f"impossible times for {check.id}")
    return CheckResult(
        id=check.id,
        status=status,
        earned=earned,
        message=_text(told["message"], _TEXT_CAP),
        detail=_text(told["detail"], _TEXT_CAP),
        output=_text(told["output"], _OUTPUT_CAP),
        seconds=seconds,
        student_seconds=waited,
    )


def _text(value: object, cap: int) -> str:
    if type(value) is not str:
        raise TypeError("a text is not a text")
    return value[:cap]
