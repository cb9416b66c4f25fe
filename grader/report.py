"""One run told to one audience: all that staff may see, or only what a student may see.

Redaction is the pure function `for_student`. It copies nothing of a hidden check that student code
could have filled with the test's inputs: no message, no output, no detail. No I/O, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from grader.lab import Check, Lab, Visibility
from grader.outcome import CheckResult, Run, Status, Verdict
from grader.plaintext import MESSAGE_BYTES, OUTPUT_BYTES, capped, one_line
from grader.redaction import IMPORT_PREFIX, MISSING_PREFIX, hidden_message, told_of_hidden

__all__ = [
    "IMPORT_PREFIX",
    "MISSING_PREFIX",
    "Audience",
    "Report",
    "ReportLine",
    "ShowHidden",
    "for_staff",
    "for_student",
    "hidden_message",
]

Audience: TypeAlias = Literal["student", "staff"]
ShowHidden: TypeAlias = Literal["titles", "total"]

_DETAIL_BYTES: Final = 16_000
_IN_ALL_OF_THEM: Final = "hidden checks"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One check of a report."""

    check: str
    """Id of the check; students see `hidden check 3` instead of a hidden check's id."""
    title: str
    """The line a student reads: what the check is about."""
    hidden: bool
    """Whether the check is a hidden one."""
    task: int | None
    """Number of the task in the lab's README, if the check belongs to one."""
    points: int
    """Points that the check is worth."""
    earned: int
    """Points earned."""
    status: Status
    """How the check ended."""
    message: str = ""
    """What happened; for a hidden check told to a student, a sentence without any value."""
    hints: tuple[str, ...] = ()
    """Hints from gentle to plain, where the check did not pass."""
    learn: str = ""
    """Page and anchor of the course that teaches this, relative to `course/`."""
    output: str = ""
    """What the student's code printed; for students, of public checks only."""
    detail: str = ""
    """Assertion and traceback; for staff only."""
    seconds: float = 0.0
    """Wall-clock time; 0 for a hidden check told to a student, since time can carry data."""

    @property
    def passed(self) -> bool:
        """Whether the check passed."""
        return self.status is Status.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run told to one audience. Every text in it is visible and capped, but not escaped."""

    audience: Audience
    """Who may read it."""
    lab: str
    """Slug of the lab."""
    title: str
    """Title of the lab."""
    page: str
    """Page of the course that the lab belongs to, relative to `course/`."""
    student: str
    """Id of the student."""
    attempt: int
    """Number of the submission, from 1."""
    verdict: Verdict
    """Whose fault the outcome is."""
    earned: int | None
    """Points earned; None when the run was not graded, because that is not a zero."""
    out_of: int
    """Points that could be earned."""
    headline: str
    """One sentence: how it went."""
    reason: str
    """Why the run was not graded: what, where, what to do. Empty when it was graded."""
    hand_in: tuple[str, ...]
    """Files that the lab cannot do without: what a hand-in must hold."""
    lines: tuple[ReportLine, ...]
    """One per check, public ones first; empty when the run was not graded."""
    notes: tuple[str, ...]
    """What staff should know; empty for students."""
    warnings: tuple[str, ...]
    """What limits the trust in this run, for both audiences."""
    received_at: datetime
    """When the submission was received."""
    graded_at: datetime
    """When grading ended."""
    run_id: str
    """Id of the run."""
    seed: int
    """Seed of the tests' random data."""
    lab_digest: str
    """Digest of the lab at that time."""
    bundle_digest: str
    """Digest of what was handed in: `grader pack` told the student its beginning."""
    phases: dict[str, float]
    """Seconds by phase; empty for students."""

    @property
    def next_line(self) -> ReportLine | None:
        """Return the check to work on next: the first that did not pass of its own accord."""
        for line in self.lines:
            if not line.passed and line.status is not Status.SKIPPED:
                return line
        return None

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(line.passed for line in self.lines)


def for_student(run: Run, lab: Lab, *, show_hidden: ShowHidden = "titles") -> Report:
    """Return what the student may see of a run.

    Of a hidden check that is: its docstring, status, points, a sentence by status, hints when it
    did not pass, its `learn` link. `show_hidden="total"` tells one number for all hidden checks.
    """
    names = _Names(lab)
    open_text = frozenset(result.message for result in run.results if not names[result.id].hidden)
    lines = tuple(_student_line(result, run, names, open_text) for result in run.results)
    if show_hidden == "total":
        lines = _with_one_number(lines)
    reason = capped(run.reason, MESSAGE_BYTES) if run.verdict is Verdict.UNGRADABLE else ""
    return _report(
        run, lab, lines, audience="student", headline=_headline(run, lines), reason=reason
    )


def for_staff(run: Run, lab: Lab) -> Report:
    """Return all that a run knows, as safe text: ids, details, tracebacks, phases, notes."""
    names = _Names(lab)
    lines = tuple(_staff_line(result, run, names) for result in run.results)
    told = _report(
        run,
        lab,
        lines,
        audience="staff",
        headline=_headline(run, lines),
        reason=capped(run.reason, MESSAGE_BYTES),
    )
    notes = tuple(capped(note, MESSAGE_BYTES) for note in run.staff_notes)
    return replace(told, notes=notes, phases=dict(run.phases))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A check of the lab with the name under which students know it."""

    name: str
    check: Check

    @property
    def hidden(self) -> bool:
        return self.check.visibility is Visibility.HIDDEN


class _Names:
    """The checks of a lab by id, under the names that students know."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._by_id: dict[str, _Named] = {}
        hidden = 0
        for check in lab.checks:
            name = check.id
            if check.visibility is Visibility.HIDDEN:
                hidden += 1
                name = f"hidden check {hidden}"
            self._by_id[check.id] = _Named(name=name, check=check)

    def __getitem__(self, check_id: str) -> _Named:
        """Return a check; one that the lab no longer has counts as hidden, and shows nothing."""
        if check_id in self._by_id:
            return self._by_id[check_id]
        gone = Check(
            id=one_line(check_id),
            points=0,
            visibility=Visibility.HIDDEN,
            file="",
            node="",
            title="A check that this lab no longer has",
        )
        return _Named(name="former check", check=gone)


def _student_line(
    result: CheckResult, run: Run, names: _Names, open_text: frozenset[str]
) -> ReportLine:
    """Return the line for a student; `open_text` is what public checks of this run said."""
    named = names[result.id]
    line = _bare_line(result, named)
    blockers = tuple(names[need].name for need in _blockers(run, named.check))
    template = hidden_message(result.status, run.limits, blockers)
    if result.status is Status.SKIPPED:
        return replace(line, message=template)
    if named.hidden:
        if result.status is not Status.PASSED:
            template = told_of_hidden(result.message, template, names.lab, open_text)
        return replace(line, message=template)
    return replace(
        line,
        message=capped(result.message, MESSAGE_BYTES) or template,
        output=capped(result.output, OUTPUT_BYTES),
        seconds=result.seconds,
    )


def _staff_line(result: CheckResult, run: Run, names: _Names) -> ReportLine:
    named = names[result.id]
    template = hidden_message(result.status, run.limits, _blockers(run, named.check))
    return replace(
        _bare_line(result, named),
        check=named.check.id,
        message=capped(result.message, MESSAGE_BYTES) or template,
        output=capped(result.output, OUTPUT_BYTES),
        detail=capped(result.detail, _DETAIL_BYTES),
        seconds=result.seconds,
    )


def _bare_line(result: CheckResult, named: _Named) -> ReportLine:
    """Return the part of a line that only the lab's author and the status decide."""
    check = named.check
    helps = result.status not in {Status.PASSED, Status.SKIPPED}
    return ReportLine(
        check=named.name,
        title=check.title or named.name,
        hidden=named.hidden,
        task=check.task,
        points=max(check.points, result.earned),
        earned=result.earned,
        status=result.status,
        hints=check.hints if helps else (),
        learn=check.learn,
    )


def _blockers(run: Run, check: Check) -> tuple[str, ...]:
    """Return the ids of the checks that kept this one from running."""
    failed = {result.id for result in run.results if result.status is not Status.PASSED}
    return tuple(need for need in check.needs if need in failed)


def _with_one_number(lines: tuple[ReportLine, ...]) -> tuple[ReportLine, ...]:
    hidden = [line for line in lines if line.hidden]
    if not hidden:
        return lines
    points = sum(line.points for line in hidden)
    earned = sum(line.earned for line in hidden)
    complete = earned == points
    told = ReportLine(
        check=_IN_ALL_OF_THEM,
        title="All hidden checks together",
        hidden=True,
        task=None,
        points=points,
        earned=earned,
        status=Status.PASSED if complete else Status.FAILED,
        message="" if complete else "Not yet: some hidden checks do not pass.",
    )
    return (*(line for line in lines if not line.hidden), told)


def _headline(run: Run, lines: tuple[ReportLine, ...]) -> str:
    if run.verdict is Verdict.UNGRADABLE:
        return "This hand-in could not be graded. No attempt was spent."
    if run.verdict is Verdict.BROKEN:
        return (
            "This is our fault, not yours. There is nothing for you to do: "
            "your hand-in is safe and will be graded again."
        )
    passed = sum(line.passed for line in lines)
    if passed == len(lines):
        return "Every check passes. Well done."
    if any(line.check == _IN_ALL_OF_THEM for line in lines):
        return f"{run.earned} of {run.out_of} points so far."
    if not passed:
        return "No check passes yet. Start with the first one below."
    return f"{passed} of {len(lines)} checks pass."


def _warnings(run: Run, lab: Lab) -> tuple[str, ...]:
    said = []
    if run.sandbox == "process":
        said.append(
            "Graded without isolation: the code ran as an ordinary process, in no container."
        )
    if run.trusts_student:
        said.append("Comparisons trusted to the student: this lab lets the code compare itself.")
    if run.lab_digest and lab.digest and run.lab_digest != lab.digest:
        said.append("Graded with an earlier version of this lab.")
    return tuple(said)


def _report(
    run: Run,
    lab: Lab,
    lines: tuple[ReportLine, ...],
    *,
    audience: Audience,
    headline: str,
    reason: str,
) -> Report:
    graded = run.verdict is Verdict.GRADED
    return Report(
        audience=audience,
        lab=lab.slug,
        title=lab.title,
        page=lab.page,
        student=one_line(run.student),
        attempt=run.attempt,
        verdict=run.verdict,
        earned=run.earned if graded else None,
        out_of=run.out_of,
        headline=headline,
        reason=reason,
        hand_in=lab.submit.required,
        lines=lines if graded else (),
        notes=(),
        warnings=_warnings(run, lab),
        received_at=run.received_at,
        graded_at=run.graded_at,
        run_id=run.id,
        seed=run.seed,
        lab_digest=run.lab_digest,
        bundle_digest=run.bundle_digest,
        phases={},
    )
