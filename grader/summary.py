"""A class at a glance: who got what, which checks stop people, what took long. For staff only.

Pure: grades and runs in, numbers and safe text out. It decides no grade; `grader.grade` does.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from grader.grade import Grade, State
from grader.lab import Check, Lab, Visibility
from grader.outcome import CheckResult, Run, Status, Verdict
from grader.plaintext import MESSAGE_BYTES, capped, one_line

_GROUP_BYTES: Final = 300
_GROUPS: Final = 4
_SLOWEST: Final = 8
_BINS: Final = 10
_FEW: Final = 20
_ADDRESS: Final = re.compile(r"\b0x[0-9a-fA-F]+\b")
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?\d+(?:[-._,:/]\d+)*(?:[eE][-+]?\d+)?(?!\w)")
_ASSERTION: Final = re.compile(r"^E\s+(.*\S)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageGroup:
    """One reason why a check did not pass, with numbers and addresses left out."""

    text: str
    """The message, with `N` for numbers and `0x…` for addresses."""
    example: str
    """The message of one of them, as it is."""
    students: tuple[str, ...]
    """Who met it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary:
    """One check over the whole class."""

    id: str
    """Id of the check."""
    title: str
    """The line a student reads."""
    hidden: bool
    """Whether the check is a hidden one."""
    points: int
    """Points that it is worth."""
    learn: str
    """Page and anchor of the course that teaches it."""
    counts: dict[Status, int]
    """How many graded hand-ins ended in each status."""
    groups: tuple[MessageGroup, ...]
    """The commonest reasons for not passing, most frequent first."""

    @property
    def graded(self) -> int:
        """How many hand-ins have a result for it."""
        return sum(self.counts.values())

    @property
    def not_passed(self) -> int:
        """How many hand-ins met it and did not pass."""
        return self.graded - self.counts.get(Status.PASSED, 0) - self.skipped

    @property
    def skipped(self) -> int:
        """How many hand-ins never met it, because a check that it needs did not pass."""
        return self.counts.get(Status.SKIPPED, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentRow:
    """One student in the table of the class."""

    student: str
    """Id of the student, as safe text."""
    key: str
    """Id of the student as it is, to look up pages with."""
    points: float | None
    """Points that count today; None where there are none, which is not a zero."""
    state: State
    """graded, absent, ungradable, pending, overridden: the word of the grade."""
    why: str
    """What else is to say about the grade, as one sentence."""
    statuses: tuple[Status | None, ...]
    """One per check of the lab; None where no run says anything."""
    attempt: int
    """Number of the hand-in that counts; 0 when there is none."""
    seconds: float
    """Seconds that the run took; 0 when there is none."""
    run_id: str
    """Id of the run that counts; empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of the distribution of points."""

    label: str
    """The points it covers: `0 to 9`, `100`."""
    students: tuple[str, ...]
    """Who is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSummary:
    """Seconds of one phase over all runs."""

    name: str
    """queue, start, import, tests, teardown, total."""
    median: float
    """Half of the runs took at most this long."""
    p95: float
    """95 of 100 runs took at most this long."""
    highest: float
    """The slowest run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSummary:
    """A class at a glance. Every text in it is visible and capped, but not escaped."""

    lab: str
    """Slug of the lab."""
    title: str
    """Title of the lab."""
    page: str
    """Page of the course that the lab belongs to."""
    out_of: int
    """Points that a perfect hand-in earns."""
    checks: tuple[CheckSummary, ...]
    """In the order of the lab."""
    students: tuple[StudentRow, ...]
    """Most points first; those without points last."""
    bins: tuple[Bin, ...]
    """Distribution of the points of graded students."""
    median: float | None
    """Middle of the points of graded students; None without any."""
    mean: float | None
    """Mean of the points of graded students; None without any."""
    phases: tuple[PhaseSummary, ...]
    """In the order in which runs report them."""
    warnings: tuple[str, ...]
    """What limits the trust in these runs."""
    graded_at: datetime | None
    """When the last of the runs ended."""

    @property
    def graded(self) -> tuple[StudentRow, ...]:
        """Return the students who have points."""
        return tuple(row for row in self.students if row.points is not None)

    @property
    def attention(self) -> tuple[StudentRow, ...]:
        """Return the students who need a human: those without points."""
        return tuple(row for row in self.students if row.points is None)

    @property
    def slowest(self) -> tuple[StudentRow, ...]:
        """Return the students whose runs took longest, slowest first."""
        timed = [row for row in self.students if row.seconds > 0]
        return tuple(sorted(timed, key=lambda row: -row.seconds)[:_SLOWEST])

    @property
    def stuck(self) -> tuple[CheckSummary, ...]:
        """Return the checks that somebody did not pass, the hardest first."""
        failed = [check for check in self.checks if check.not_passed]
        return tuple(sorted(failed, key=lambda check: -check.not_passed))


def summarise(lab: Lab, grades: Sequence[Grade], runs: Sequence[Run]) -> ClassSummary:
    """Return the class at a glance.

    `runs` may hold more runs than count: a student's is the one that the grade names, or else the
    last one.
    """
    counting = _counting(grades, runs)
    rows = [_row(grade, counting.get(grade.student), lab) for grade in grades]
    rows.sort(key=lambda row: (row.points is None, -(row.points or 0), row.state, row.key))
    points = [row.points for row in rows if row.points is not None]
    told = [run for run in counting.values() if run.verdict is Verdict.GRADED]
    return ClassSummary(
        lab=lab.slug,
        title=lab.title,
        page=lab.page,
        out_of=lab.out_of,
        checks=tuple(_check(check, told) for check in lab.checks),
        students=tuple(rows),
        bins=_bins(rows, lab.out_of),
        median=statistics.median(points) if points else None,
        mean=statistics.fmean(points) if points else None,
        phases=_phases(told),
        warnings=_warnings(told),
        graded_at=max((run.graded_at for run in counting.values()), default=None),
    )


def lighter(run: Run) -> Run:
    """Return a run with only what a summary needs of it, so that a large class fits in memory.

    The output goes, and of the detail only the line that tells most stays.
    """
    results = (
        replace(
            result,
            output="",
            message=capped(result.message, _GROUP_BYTES, said=False),
            detail=capped(_assertion(result.detail), _GROUP_BYTES, said=False),
        )
        for result in run.results
    )
    return replace(run, results=tuple(results), staff_notes=())


def normalised(message: str) -> str:
    """Return a message without what differs from one student to the next: numbers, addresses."""
    text = " ".join(capped(message, MESSAGE_BYTES, said=False).split())
    return capped(_NUMBER.sub("N", _ADDRESS.sub("0x…", text)), _GROUP_BYTES, said=False)


def _counting(grades: Sequence[Grade], runs: Sequence[Run]) -> dict[str, Run]:
    by_id = {run.id: run for run in runs}
    last: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: (run.attempt, run.graded_at)):
        last[run.student] = run
    found = {grade.student: by_id.get(grade.run_id) for grade in grades}
    chosen = {student: run or last.get(student) for student, run in found.items()}
    return {student: run for student, run in chosen.items() if run}


def _row(grade: Grade, run: Run | None, lab: Lab) -> StudentRow:
    graded = run is not None and run.verdict is Verdict.GRADED
    by_id = {result.id: result.status for result in run.results} if run and graded else {}
    return StudentRow(
        student=one_line(grade.student),
        key=grade.student,
        points=grade.points,
        state=grade.state,
        why=capped(_why(grade, run), MESSAGE_BYTES),
        statuses=tuple(by_id.get(check.id) for check in lab.checks),
        attempt=run.attempt if run else 0,
        seconds=_seconds(run) if run else 0.0,
        run_id=run.id if run else "",
    )


def _why(grade: Grade, run: Run | None) -> str:
    said = grade.why
    if run and run.reason and run.verdict is not Verdict.GRADED and run.reason not in said:
        return f"{said} {run.reason}".strip()
    return said


def _seconds(run: Run) -> float:
    if "total" in run.phases:
        return run.phases["total"]
    return sum(run.phases.values())


def _check(check: Check, runs: Sequence[Run]) -> CheckSummary:
    met = [(run.student, result) for run in runs for result in run.results if result.id == check.id]
    hidden = check.visibility is Visibility.HIDDEN
    return CheckSummary(
        id=check.id,
        title=check.title or check.id,
        hidden=hidden,
        points=check.points,
        learn=check.learn,
        counts=dict(Counter(result.status for _, result in met)),
        groups=_groups((student, _telling(result, hidden=hidden)) for student, result in met),
    )


def _telling(result: CheckResult, *, hidden: bool) -> str:
    """Return the words that tell most about a result; empty when it passed.

    The message of a hidden check is a template, so its detail is asked first.
    """
    if result.status in {Status.PASSED, Status.SKIPPED}:
        return ""
    said = _assertion(result.detail)
    if hidden and said:
        return said
    return result.message or said or str(result.status).replace("_", " ")


def _assertion(detail: str) -> str:
    """Return the first line that pytest marked with E, or else the last line."""
    marked = _ASSERTION.search(detail)
    if marked:
        return marked.group(1)
    return (detail.strip().splitlines() or [""])[-1]


def _groups(said: Iterable[tuple[str, str]]) -> tuple[MessageGroup, ...]:
    students: dict[str, list[str]] = defaultdict(list)
    examples: dict[str, str] = {}
    for student, message in said:
        if message:
            text = normalised(message)
            students[text].append(one_line(student))
            examples.setdefault(text, capped(message, _GROUP_BYTES, said=False))
    common = sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))[:_GROUPS]
    return tuple(
        MessageGroup(text=text, example=examples[text], students=tuple(sorted(who)))
        for text, who in common
    )


def _bins(rows: Sequence[StudentRow], out_of: int) -> tuple[Bin, ...]:
    """Return ten bars of equal width and one for full marks; one bar a point for small labs."""
    if out_of <= 0:
        return ()
    width = 1 if out_of <= _FEW else -(-out_of // _BINS)
    starts = list(range(0, out_of, width))
    held: list[list[str]] = [[] for _ in (*starts, out_of)]
    for row in rows:
        if row.points is not None:
            at = len(starts) if row.points >= out_of else max(0, int(row.points // width))
            held[at].append(row.student)
    ends = [min(start + width, out_of) - 1 for start in starts]
    labels = [
        str(start) if start == end else f"{start} to {end}"
        for start, end in zip(starts, ends, strict=True)
    ]
    return tuple(
        Bin(label=label, students=tuple(who))
        for label, who in zip([*labels, str(out_of)], held, strict=True)
    )


def _phases(runs: Sequence[Run]) -> tuple[PhaseSummary, ...]:
    seconds: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for name, value in run.phases.items():
            seconds[name].append(value)
    return tuple(
        PhaseSummary(
            name=one_line(name),
            median=statistics.median(values),
            p95=sorted(values)[-(-95 * len(values) // 100) - 1],
            highest=max(values),
        )
        for name, values in seconds.items()
    )


def _warnings(runs: Sequence[Run]) -> tuple[str, ...]:
    said = []
    loose = sum(run.sandbox == "process" for run in runs)
    if loose:
        said.append(f"{loose} of {len(runs)} runs were graded without isolation (process sandbox).")
    if any(run.trusts_student for run in runs):
        said.append("Comparisons were trusted to the students: the lab sets remote_operators.")
    if len({run.lab_digest for run in runs}) > 1:
        said.append("Not all runs were graded with the same version of the lab.")
    return tuple(said)
