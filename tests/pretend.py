"""A grading that is over at once: what the tests of results, batches and regrades grade with.

A hand-in is one file, `answer.txt`. Its words say how the checks end (`a b` passes a and b), or
what goes wrong: `ungradable`, `broken`, `raise`, `gone`. Also a found hand-in, and plain pages.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grader.batch import Settings, run_batch
from grader.collect import Found
from grader.errors import BundleRefusedError, EngineUnavailableError
from grader.grade import Grade, State
from grader.lab import Check, Lab, Submit, Visibility
from grader.outcome import CheckResult, Run, Status, Verdict
from grader.platforms import Layout
from grader.progress import RecordingProgress
from grader.results import Results
from grader.submission import Bundle, Submission

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)


def lab_of(checks: str = "a b c", *, digest: str = "", points: int = 10, slug="09-pretend") -> Lab:
    """Return a lab whose checks are the words, each worth the points."""
    return Lab(
        slug=slug,
        title="A pretended lab",
        submit=Submit(required=("answer.txt",)),
        checks=tuple(
            Check(
                id=word,
                points=points,
                visibility=Visibility.PUBLIC,
                file="test_public.py",
                node=f"test_{word}",
                title=f"About {word}.",
            )
            for word in checks.split()
        ),
        digest=digest or hashlib.sha256(f"{checks}{points}".encode()).hexdigest(),
    )


def hand_in(folder: Path, student: str, answer: str, *, at: int = 0, error: str = "") -> Found:
    """Write a hand-in and return it as found; `at` is minutes after noon."""
    path = folder / f"{student}-{at}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(answer)
    return found_at(path, student, at, error=error)


def found_at(path: Path, student: str, at: int, *, error: str = "") -> Found:
    return Found(
        student=student,
        name=student,
        layout=Layout.FILE,
        path=path,
        received_at=NOON + timedelta(minutes=at),
        error=error,
    )


def found_in(folder: Path) -> list[Found]:
    """Return the hand-ins that `hand_in` wrote into the folder."""
    names = [(path, *path.stem.rpartition("-")) for path in sorted(folder.glob("*.txt"))]
    return [found_at(path, student, int(at)) for path, student, _, at in names]


def read(found: Found, _lab: Lab) -> Bundle:
    """Take the file in; a file that says `refuse` is refused."""
    content = found.path.read_bytes()
    if content.startswith(b"refuse"):
        raise BundleRefusedError("holds a link", where="answer.txt", advice="Send the file.")
    if content.startswith(b"door falls"):
        raise ZeroDivisionError("the door has a bug")
    return Bundle.of({"answer.txt": content})


def run_of(lab: Lab, submission: Submission, **changes) -> Run:
    """Return the run that the words of the hand-in ask for."""
    words = submission.bundle.as_dict()["answer.txt"].decode().split()
    results = tuple(
        CheckResult(
            id=check.id,
            status=Status.PASSED if check.id in words else Status.FAILED,
            earned=check.points if check.id in words else 0,
            message="" if check.id in words else f"{check.id} is not among the words.",
        )
        for check in lab.checks
    )
    named = f"{submission.student}/{submission.attempt}/{submission.bundle.digest}/{lab.digest}"
    run = Run(
        id=hashlib.sha256(named.encode("utf-8", "replace")).hexdigest(),
        student=submission.student,
        lab=lab.slug,
        attempt=submission.attempt,
        received_at=submission.received_at,
        graded_at=NOON + timedelta(hours=1),
        bundle_digest=submission.bundle.digest,
        verdict=Verdict.GRADED,
        results=results,
        out_of=lab.out_of,
        lab_digest=lab.digest,
        sandbox="fake",
    )
    if "ungradable" in words:
        run = replace(run, verdict=Verdict.UNGRADABLE, results=(), reason="answer.txt is empty.")
    return replace(run, **changes)


def submission_of(answer: str, student: str = "ann", attempt: int = 1, lab=None) -> Submission:
    return Submission(
        student=student,
        lab=(lab or lab_of()).slug,
        attempt=attempt,
        received_at=NOON,
        bundle=Bundle.of({"answer.txt": answer.encode()}),
    )


class Grader:
    """Grades at once, and counts; the words `broken`, `raise`, `gone` misbehave."""

    def __init__(self, *, heal_after: int = 10**9) -> None:
        """Misbehave the first `heal_after` times, per hand-in."""
        self.heal_after = heal_after
        self.graded: Counter[tuple[str, int]] = Counter()
        self.engine_is_gone = False
        self._lock = threading.Lock()

    def __call__(self, lab: Lab, submission: Submission) -> Run:
        place = submission.student, submission.attempt
        with self._lock:
            self.graded[place] += 1
            count = self.graded[place]
        words = submission.bundle.as_dict()["answer.txt"].decode().split()
        if self.engine_is_gone or ("gone" in words and count <= self.heal_after):
            raise EngineUnavailableError("no engine answers")
        if "broken" in words and count <= self.heal_after:
            return run_of(
                lab, submission, verdict=Verdict.BROKEN, results=(), reason="A box was lost."
            )
        if "raise" in words and count <= self.heal_after:
            raise KeyError("a bug of ours")
        return run_of(lab, submission)


class PlainPages:
    """Pages of a few words, so that tests can tell what they were made from."""

    def page(self, report, *, home="", grade=None):
        return f"{report.audience} {report.student} #{report.attempt} {report.earned}\n"

    def class_page(self, lab, runs, grades, *, links, staff_links):
        rows = [f"{g.student} {g.points} {links.get(g.student, '-')}" for g in grades]
        return "\n".join([lab.slug, *rows]) + "\n"

    def grades(self, lab, runs, cohort, now):
        last = {}
        for run in sorted(runs, key=lambda run: run.attempt):
            last[run.student] = run
        return [
            Grade(
                student=run.student,
                lab=run.lab,
                state=State.GRADED if run.verdict is Verdict.GRADED else State.UNGRADABLE,
                points=run.earned if run.verdict is Verdict.GRADED else None,
                out_of=run.out_of,
                run_id=run.id,
            )
            for _, run in sorted(last.items())
        ]


def settings(**changes) -> Settings:
    """Return settings of a batch in which nothing real happens, and nobody sleeps."""
    chosen = {
        "read": read,
        "render": PlainPages(),
        "pause": lambda _seconds: None,
        "clock": lambda: NOON + timedelta(hours=2),
        "jobs": 2,
    }
    return Settings(**(chosen | changes))


def batch(folder, found, grade=None, *, lab=None, disk=None, **changes):
    """Run one batch into the folder, and return its outcome and what its progress heard."""
    lab = lab or lab_of()
    progress = RecordingProgress()
    with Results.open(folder, lab, disk=disk, clock=lambda: NOON) as results:
        outcome = run_batch(
            lab,
            found,
            results,
            grade=grade or Grader(),
            settings=settings(progress=progress, **changes),
        )
    return outcome, progress


def points(folder):
    """Return what counts: (student, attempt) -> points."""
    return {(run.student, run.attempt): run.earned for run in Results.read(folder).official()}


def accept(results, student="ann", answer="a", minutes=0):
    """Take a hand-in into open results, and return its receipt."""
    bundle = Bundle.of({"answer.txt": answer.encode()})
    return results.handins.accept(student, bundle, NOON + timedelta(minutes=minutes))


def graded(results, student="ann", answer="a", minutes=0, *, lab=None, **changes):
    """Take a hand-in into open results, grade it and record the run."""
    lab = lab or lab_of()
    receipt = accept(results, student, answer, minutes)
    run = run_of(lab, results.handins.submission(receipt, lab.slug), **changes)
    assert results.record(run)
    return run
