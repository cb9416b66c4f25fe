"""What came out of grading one submission: results of checks, and the run that holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How one check ended. There is no default: a status is always said."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    SKIPPED = "skipped"
    """Only because a check that it needs did not pass."""
    MISSING = "missing"
    """Declared in the manifest and never reported; makes the run BROKEN."""


class Verdict(StrEnum):
    """Whose fault the outcome of a run is."""

    GRADED = "graded"
    """The work was judged."""
    UNGRADABLE = "ungradable"
    """The hand-in's form made judging impossible; no attempt is spent."""
    BROKEN = "broken"
    """Our fault: no score is recorded, the run is retried, never a zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """How one check ended."""

    id: str
    """Id of the check."""
    status: Status
    """How it ended."""
    earned: int
    """Points earned: all of the check's points when PASSED, otherwise 0."""
    message: str = ""
    """What happened, for the student; for a hidden check a template that says no value."""
    detail: str = ""
    """Assertion, traceback and notes, for staff."""
    output: str = ""
    """What the student's code printed during the check, capped; shown for public checks only."""
    seconds: float = 0.0
    """Wall-clock time of the check."""
    student_seconds: float = 0.0
    """Part of it that was spent waiting for the student's code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Whether a submission passes every check, seen by checks up to the first that says no.

    It is no Run: nothing can record it, and no grade comes of it.
    """

    verdict: Verdict
    """Whose fault the outcome is."""
    refused: CheckResult | None = None
    """The first check that did not pass; None when every check passed, or none was judged."""
    reason: str = ""
    """Why, when the verdict is not GRADED."""
    staff_notes: tuple[str, ...] = ()
    """What staff should know: retries, killed processes, unlisted tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One grading of one submission. Immutable; a regrade is another run."""

    id: str
    """Digest of what was graded, with what, and when: names the run's folder."""
    student: str
    """Id of the student."""
    lab: str
    """Slug of the lab."""
    attempt: int
    """Number of the submission, from 1."""
    received_at: datetime
    """When the submission was received (aware, UTC)."""
    graded_at: datetime
    """When grading ended (aware, UTC)."""
    bundle_digest: str
    """SHA-256 of the snapshot that was graded."""
    verdict: Verdict
    """Whose fault the outcome is."""
    reason: str = ""
    """Why, when the verdict is not GRADED: one message, for the student."""
    staff_notes: tuple[str, ...] = ()
    """What staff should know: retries, killed processes, unlisted tests."""
    results: tuple[CheckResult, ...] = ()
    """One per declared check when GRADED, in the order of the lab; empty otherwise."""
    out_of: int = 0
    """Points that could be earned."""
    seed: int = 0
    """Seed that the tests' random data came from."""
    variant: int | None = None
    """Seed of the student's own `data/`; None when it was everybody's copy."""
    lab_digest: str = ""
    """Digest of the lab at that time."""
    image: str = ""
    """Id of the image of the boxes; empty in the process sandbox."""
    sandbox: str = ""
    """docker, process or fake."""
    versions: dict[str, str] = field(default_factory=dict)
    """Versions of Python and of the libraries in the checker box, and of the grader."""
    limits: dict[str, Any] = field(default_factory=dict)
    """The limits in force."""
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds by phase: queue, start, import, tests, teardown, total."""
    machine: str = ""
    """Name of the machine that graded."""
    trusts_student: bool = False
    """True when `remote_operators` was on: comparisons were trusted to the student."""

    @property
    def earned(self) -> int:
        """Points earned in this run."""
        return sum(result.earned for result in self.results)
