"""Hands in one case of the corpus and says what was not as promised.

The promises: exactly the points that the case may earn, its statuses, a clear message, no secret
in anything that the student sees or in what the student's code printed, a bound on time and on the
supervisor's memory, a world that is as it was, and full marks for the honest hand-in after it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from grader.formats.html import student_page
from grader.formats.reportjson import report_to_json
from grader.grading import grade
from grader.lab import Lab
from grader.outcome import Run, Status
from grader.report import Report, for_student
from grader.sandbox.base import Sandbox
from grader.sandbox.pool import Pool
from grader.submission import Bundle, Submission
from tests.misbehaviour.catalogue.lab import (
    CORPUS,
    HONEST,
    IN_ENVIRONMENT,
    IN_INPUTS,
    SECRETS,
)
from tests.misbehaviour.catalogue.rows import Case, Row
from tests.misbehaviour.world import ROOT, World, memory_mb

MAY_GROW_MB = 64.0
MAY_SHOW = 256_000
TRACES = ("Traceback (most recent call last)", str(ROOT), "grader/worker/", "grader/checker/")
"""What no student reads: our own traces, and paths of the machine."""


@dataclass(kw_only=True)
class Seen:
    """What became of one case in one sandbox."""

    row: int
    """Number of the row."""
    case: str
    """Name of the case."""
    sandbox: str
    """docker or process."""
    earned: int = 0
    """Points of its worst run."""
    unearned: int = 0
    """Points above those that it may earn."""
    leaks: int = 0
    """Secrets that somebody could read."""
    left: int = 0
    """Things that were left behind."""
    seconds: float = 0.0
    """Of its slowest run."""
    honest: bool = True
    """Whether the honest hand-in after it earned everything; True where none followed."""
    problems: list[str] = field(default_factory=list)
    """Everything that was not as promised, in words."""


class Stand:
    """A sandbox with a pool, and the world around it, where cases are handed in."""

    def __init__(self, sandbox: Sandbox, world: World, *, slots: int = 1) -> None:
        """Start a pool; `close` ends it."""
        self.sandbox = sandbox
        self.pool = Pool(sandbox, slots=slots, warm=1)
        self.world = world
        self._steady: dict[str, frozenset[str]] = {}

    def close(self) -> None:
        """End every box."""
        self.pool.close()

    def hand_in(self, case: Case, student: str = "mallory") -> Run:
        """Grade it once."""
        made = {
            path: text.encode() if isinstance(text, str) else text
            for path, text in case.files.items()
        }
        submission = Submission(
            student=student,
            lab=case.lab.slug,
            attempt=1,
            received_at=datetime(2026, 1, 1, tzinfo=UTC),
            bundle=Bundle.of(made),
        )
        reference = Bundle.of({"answer.py": HONEST.encode()}) if case.lab is CORPUS else None
        return grade(case.lab, submission, self.pool, reference=reference)

    def try_case(self, row: int, case: Case, *, then_honest: bool = True) -> Seen:
        """Hand a case in, as often as it says, and hold every promise."""
        before = self._before()
        seen = Seen(row=row, case=case.name, sandbox=self.sandbox.name)
        memory = memory_mb()
        for number in range(case.times):
            began = time.monotonic()
            run = self.hand_in(case, f"mallory-{number}")
            seen.seconds = max(seen.seconds, round(time.monotonic() - began, 2))
            _judge(case, run, seen)
        if memory_mb() - memory > MAY_GROW_MB:
            seen.problems.append(f"the supervisor grew by {memory_mb() - memory:.0f} MB")
        if then_honest:
            seen.honest = self.is_honest_work_whole()
            if not seen.honest:
                seen.problems.append("the honest hand-in after it did not earn everything")
        left = self.world.left(before)
        seen.left = len(left)
        seen.problems += left
        return seen

    def is_honest_work_whole(self) -> bool:
        """Tell whether honest work earns everything here and now."""
        run = self.hand_in(Case(name="honest", files={"answer.py": HONEST}), "ada")
        return run.verdict == "graded" and run.earned == run.out_of

    def _before(self) -> dict[str, frozenset[str]]:
        """Return the world as it is when nothing runs; counts are those of the steady state."""
        if not self._steady:
            if not self.is_honest_work_whole():
                raise AssertionError("honest work does not earn everything before any attack")
            time.sleep(1.0)  # until the box that was used is gone and the next stands ready
            self._steady = self.world.look()
        return self.world.look() | {
            kind: self._steady[kind] for kind in ("boxes", "processes") if kind in self._steady
        }


def _judge(case: Case, run: Run, seen: Seen) -> None:
    """Add what this run did that it should not have."""
    told = for_student(run, case.lab)
    seen.earned = max(seen.earned, run.earned)
    seen.unearned = max(seen.unearned, run.earned - case.points)
    seen.problems += [*_wrong_end(case, run, told), *_wrong_words(told)]
    leaks = leaked(run, case.lab)
    seen.leaks += len(leaks)
    seen.problems += [f"leaked: {leak}" for leak in leaks]
    if seen.seconds > case.seconds:
        seen.problems.append(f"took {seen.seconds} s")


def _wrong_end(case: Case, run: Run, told: Report) -> Iterator[str]:
    if run.verdict != case.verdict:
        yield f"verdict {run.verdict} ({run.reason} {run.staff_notes})"
        return
    if run.earned != case.points:
        ends = {result.id: (str(result.status), result.detail[-200:]) for result in run.results}
        yield f"{run.earned} points instead of {case.points}: {ends}"
    ends = {result.id: str(result.status) for result in run.results}
    for check, status in case.status.items():
        if ends.get(check) != status:
            yield f"{check} ended {ends.get(check)} instead of {status}"
    if case.says.lower() not in _words(told).lower():
        yield f"the student does not read {case.says!r} but {_words(told)[:600]!r}"


def _wrong_words(told: Report) -> Iterator[str]:
    """Yield what is wrong with the messages: none, or one of ours that no student should read."""
    for line in told.lines:
        if line.status not in {Status.PASSED, Status.SKIPPED} and not line.message.strip():
            yield f"{line.check} says nothing"
    yield from (f"a student reads {trace!r}" for trace in TRACES if trace in _words(told))


def _words(told: Report) -> str:
    lines = (f"{line.check}: {line.message}" for line in told.lines)
    return "\n".join([told.headline, told.reason, *lines])


def leaked(run: Run, lab: Lab) -> list[str]:
    """Return the secrets that a student can read, or that the student's code could print."""
    told = for_student(run, lab)
    shown = {
        "the report": repr(replace(told, lab_digest="", bundle_digest="")),
        "the report as JSON": json.dumps(report_to_json(told), ensure_ascii=False),
        "the page": student_page(told),
    }
    found = [
        f"{secret} in {where}"
        for where, text in shown.items()
        for secret in (*SECRETS, IN_INPUTS)
        if secret in text
    ]
    found += [
        f"{where} is {len(text)} long" for where, text in shown.items() if len(text) > MAY_SHOW
    ]
    printed = "\n".join(result.output for result in run.results)
    held = (*SECRETS, str(run.seed))
    return found + [f"{secret} in what the code printed" for secret in held if secret in printed]


def named(pairs: Sequence[tuple[Row, Case]], honest_every: int) -> list[Any]:
    """Return parameters of pytest: (row, case, whether honest work follows), with readable ids."""
    return [
        pytest.param(one.number, case, number % honest_every == 0, id=f"{one.number}: {case.name}")
        for number, (one, case) in enumerate(pairs)
    ]


@contextlib.contextmanager
def stand(name: str, place: Path, *, slots: int = 1) -> Iterator[Stand]:
    """Open a stand of that sandbox; boxes of processes live below `place`."""
    root = place / "boxes"
    root.mkdir()
    secret = {"GRADER_SECRET_OF_THE_SUPERVISOR": IN_ENVIRONMENT}
    with patch.dict(os.environ, secret), contextlib.ExitStack() as stack:
        sandbox, world = _made(name, root)
        stack.enter_context(sandbox)
        made = Stand(sandbox, world, slots=slots)
        stack.callback(made.close)
        yield made


def _made(name: str, root: Path) -> tuple[Any, World]:
    if name == "process":
        from grader.sandbox.process import ProcessSandbox

        return ProcessSandbox(root=root), World(root)
    from grader.sandbox.docker import DockerSandbox

    realm = f"corpus-{os.getpid()}"
    sandbox = DockerSandbox(realm=realm)
    return sandbox, World(root, engine=sandbox.client, realm=realm)
