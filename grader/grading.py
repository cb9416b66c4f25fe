"""Grading one submission: from a checked bundle to a Run. The whole journey, in one place.

1. `_missing`: is what the lab asks for there? Otherwise UNGRADABLE, and no attempt is spent.
2. `_attempt`: a checker is leased, a worker hired, and `Relay` carries their conversation.
3. `_graded`: results become a Run. A conversation that broke is tried again with the same seed;
   if it breaks again, the reference decides whose fault it was: where the reference passes with
   that seed, the submission broke the checks that were running (CRASHED), otherwise we did.
   So is one in which a worker box ended: student code can end its box, and so can a machine that
   fails. What happens twice, with the same seed and in fresh boxes, was the student's code.

`probe` is the same journey up to the first check that does not pass, for proofs.

Engine failures pass through to the caller; nothing is recorded for them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from grader import __version__
from grader.crash_points import Point, reached
from grader.errors import BrokenError, EngineError
from grader.lab import Lab, Visibility
from grader.listed import missing_files
from grader.notebook_choice import counted
from grader.orders import Orders
from grader.outcome import CheckResult, Probe, Run, Status, Verdict
from grader.relay import Relay, Talk
from grader.sandbox.link import Link
from grader.sandbox.pool import RUNS_CELLS, Boxes
from grader.submission import Bundle, Submission
from grader.wire.frames import Kind, message

LAST_TRY = 2
"""A conversation is held so often at most."""
_SEND_S = 10.0
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


def grade(
    lab: Lab,
    submission: Submission,
    boxes: Boxes,
    *,
    seed: int | None = None,
    reference: Bundle | None = None,
    clock: Clock = utc_now,
) -> Run:
    """Grade one submission and return its Run, whatever the outcome.

    `seed` is drawn anew when it is not given, so that nobody can know the tests' data beforehand.
    Raises EngineError when the engine itself fails; everything else is told by the Run's verdict.
    """
    if seed is None:
        seed = secrets.randbits(53)
    began = time.monotonic()
    reached(Point.GRADING_BEGUN)
    problem = missing_files(submission.bundle, lab.submit)
    if problem:
        outcome = _Outcome(verdict=Verdict.UNGRADABLE, reason=problem)
    else:
        outcome = _graded(lab, submission.bundle, boxes, seed, reference)
    outcome.phases["total"] = time.monotonic() - began
    reached(Point.GRADING_ENDED)
    return _run(lab, submission, boxes, seed, outcome, clock)


def probe(
    lab: Lab,
    submission: Submission,
    boxes: Boxes,
    *,
    seed: int,
    reference: Bundle | None = None,
) -> Probe:
    """Find out whether a submission passes every check; stop at the first that it does not.

    Raises EngineError when the engine itself fails.
    """
    problem = missing_files(submission.bundle, lab.submit)
    if problem:
        return Probe(verdict=Verdict.UNGRADABLE, reason=problem)
    outcome = _graded(lab, submission.bundle, boxes, seed, reference, whole=False)
    told = outcome.results
    return Probe(
        verdict=outcome.verdict,
        refused=next((result for result in told if result.status is not Status.PASSED), None),
        reason=outcome.reason,
        staff_notes=tuple(outcome.notes),
    )


@dataclasses.dataclass(slots=True)
class _Outcome:
    """What became of a submission, before it is written down as a Run."""

    verdict: Verdict
    reason: str = ""
    results: tuple[CheckResult, ...] = ()
    notes: list[str] = dataclasses.field(default_factory=list)
    phases: dict[str, float] = dataclasses.field(default_factory=dict)
    versions: dict[str, str] = dataclasses.field(default_factory=dict)


def _graded(
    lab: Lab,
    bundle: Bundle,
    boxes: Boxes,
    seed: int,
    reference: Bundle | None,
    *,
    whole: bool = True,
) -> _Outcome:
    notes: list[str] = []
    talk, outcome = Talk(), _Outcome(verdict=Verdict.BROKEN)
    for attempt in range(1, LAST_TRY + 1):
        talk, versions, phases = _attempt(lab, bundle, boxes, seed, whole=whole)
        notes += talk.notes
        if not talk.problem and (attempt == LAST_TRY or not talk.lost):
            return _Outcome(
                verdict=Verdict.GRADED,
                results=tuple(
                    talk.results[check.id]
                    for check in lab.checks
                    if whole or check.id in talk.results
                ),
                notes=notes,
                phases=phases,
                versions=versions,
            )
        notes.append(f"attempt {attempt}: {talk.problem or 'tried again in fresh boxes'}")
        outcome.phases, outcome.versions = phases, versions
    if reference is not None and _passes(lab, reference, boxes, seed):
        notes.append("the reference passes with the same seed: the submission broke the checks")
        outcome.verdict, outcome.results = Verdict.GRADED, _crashed(lab, talk)
    else:
        outcome.reason = "This is our fault, not yours: the grader could not finish its run."
    outcome.notes = notes
    return outcome


def _passes(lab: Lab, reference: Bundle, boxes: Boxes, seed: int) -> bool:
    talk, _, _ = _attempt(lab, reference, boxes, seed)
    return not talk.problem and all(
        result.status is Status.PASSED for result in talk.results.values()
    )


def _crashed(lab: Lab, talk: Talk) -> tuple[CheckResult, ...]:
    """Results of a submission that broke the checker twice: what it did not earn, it crashed."""
    text = "Your code made the check itself end before it could judge."
    return tuple(
        talk.results.get(check.id)
        or CheckResult(
            id=check.id, status=Status.CRASHED, earned=0, message=text, detail=talk.problem
        )
        for check in lab.checks
    )


def _attempt(
    lab: Lab, bundle: Bundle, boxes: Boxes, seed: int, *, whole: bool = True
) -> tuple[Talk, dict[str, str], dict[str, float]]:
    """Hold one conversation; a box that fails is a problem told in the Talk."""
    began = time.monotonic()
    started = began
    versions: dict[str, str] = {}
    talk = Talk()
    try:
        with _orders(lab, bundle, boxes) as orders, boxes.checker(lab) as checker:
            versions = {str(k): str(v) for k, v in checker.hello.get("versions", {}).items()}
            started = time.monotonic()
            hire = partial(_hire, lab, bundle, boxes)
            relay = Relay(lab, checker, hire, orders, whole=whole)
            talk = relay.run(_run_message(lab, seed, whole=whole))
    except EngineError:
        raise
    except BrokenError as error:
        talk.problem = str(error)
    phases = {"start": started - began, **talk.phases}
    phases["teardown"] = max(time.monotonic() - started - phases.get("checker", 0.0), 0.0)
    return talk, versions, phases


@contextlib.contextmanager
def _orders(
    lab: Lab, bundle: Bundle, boxes: Boxes
) -> Iterator[Callable[[bytes, float], bytes] | None]:
    """Open a shipyard for one conversation of a lab that asks for the engine."""
    if lab.engine is None:
        yield None
        return
    with boxes.sandbox.shipyard(lab) as yard:
        yield Orders(yard, bundle.as_dict()).carry_out


def _hire(lab: Lab, bundle: Bundle, boxes: Boxes) -> Link:
    """Return a link to a fresh worker that has the hand-in."""
    files = dict(lab.worker_files) | counted(bundle.as_dict(), lab.submit)
    worker = boxes.worker(lab.run_as(files))
    header = {
        "files": list(files),
        "modules": list(lab.submit.modules),
        "notebooks": dict(lab.submit.notebooks),
        "remote_operators": lab.remote_operators,
    }
    try:
        if any(path in files for _, path in lab.submit.notebooks):
            _demand_ipython(worker)
        worker.send(Kind.HELLO, message(header, list(files.values())), _SEND_S)
    except BaseException:
        worker.close()
        raise
    reached(Point.WORKER_HIRED)
    return worker


def _demand_ipython(worker: Link) -> None:
    """Refuse to run a notebook where it could not be run: that would cost the student points."""
    versions = worker.hello.get("versions", {})
    if str(versions.get(RUNS_CELLS, "")).startswith("not imported"):
        raise EngineError(
            "a notebook was handed in, and the boxes have no IPython to run it.",
            advice="'make setup' brings it to this Python, 'grader image build' to the images.",
        )


def layout_of(lab: Lab) -> str:
    """Return the name under which a checker keeps this version of the lab."""
    return hashlib.sha256(lab.digest.encode()).hexdigest()[:16]


def _run_message(lab: Lab, seed: int, *, whole: bool) -> bytes:
    header = {
        "layout": layout_of(lab),
        "files": [name for name, _ in lab.trusted_files],
        "checks": [
            {
                "id": check.id,
                "file": check.file,
                "node": check.node,
                "points": check.points,
                "public": check.visibility is Visibility.PUBLIC,
                "needs": list(check.needs),
            }
            for check in lab.checks
        ],
        "modules": list(lab.submit.modules),
        "remote_operators": lab.remote_operators,
        "engine": lab.engine is not None,
        "call_s": lab.limits.call_s,
        "check_s": min(3 * lab.limits.call_s, lab.limits.wall_s),
        "run_s": lab.limits.wall_s,
        "seed": seed,
        "variant": lab.variant,
        "whole": whole,
    }
    return message(header, [content for _, content in lab.trusted_files])


def _run(
    lab: Lab, submission: Submission, boxes: Boxes, seed: int, outcome: _Outcome, clock: Clock
) -> Run:
    graded_at = clock()
    named = f"{submission.student}|{submission.attempt}|{submission.bundle.digest}|{lab.digest}"
    run_id = hashlib.sha256(f"{named}|{seed}|{graded_at.isoformat()}".encode()).hexdigest()[:20]
    return Run(
        id=run_id,
        student=submission.student,
        lab=lab.slug,
        attempt=submission.attempt,
        received_at=submission.received_at,
        graded_at=graded_at,
        bundle_digest=submission.bundle.digest,
        verdict=outcome.verdict,
        reason=outcome.reason,
        staff_notes=tuple(outcome.notes),
        results=outcome.results,
        out_of=lab.out_of,
        seed=seed,
        variant=lab.variant,
        lab_digest=lab.digest,
        image=boxes.sandbox.image,
        sandbox=boxes.sandbox.name,
        versions=outcome.versions | {"grader": __version__},
        limits=dataclasses.asdict(lab.limits),
        phases={name: round(value, 6) for name, value in outcome.phases.items()},
        machine=platform.node(),
        trusts_student=lab.remote_operators,
    )
