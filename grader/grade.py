"""The grade of one student for one lab, derived from runs and policy by a pure function.

No clock, no files, and nothing is stored: the same runs give the same grade, in whatever order
they come. What is not known (a run that broke, nothing handed in) is never turned into a zero.

Points are whole numbers as long as tests give them. Only a penalty can make fractions; it is worked
out in hundredths of a point, and rounded once, halves in the student's favour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_DOWN, Decimal
from enum import StrEnum
from typing import Final

from grader.outcome import Run, Verdict

_DAY: Final = timedelta(days=1)
_NO_TIME: Final = timedelta(0)
_HUNDRED: Final = 100


class State(StrEnum):
    """What a grade rests on."""

    GRADED = "graded"
    ABSENT = "absent"
    """Nothing was handed in."""
    UNGRADABLE = "ungradable"
    """What was handed in could not be graded because of its form; no attempt was spent."""
    PENDING = "pending"
    """The run that would count broke through our fault and will be tried again."""
    OVERRIDDEN = "overridden"
    """A person decided."""


class LateRule(StrEnum):
    """What lateness costs."""

    NONE = "none"
    ZERO = "zero"
    """A late hand-in earns nothing."""
    PERCENT = "percent"
    """Each day that has begun costs a share of the points that were earned."""


class AttemptRule(StrEnum):
    """Which of several hand-ins counts."""

    BEST = "best"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class LatePolicy:
    """What lateness costs, and from when."""

    rule: LateRule = LateRule.NONE
    """The rule."""
    percent_per_day: Decimal = Decimal(0)
    """Percent of the earned points for each day that has begun, counted from the deadline."""
    grace: timedelta = _NO_TIME
    """So much after the deadline a hand-in still counts as on time."""
    maximum_days: int | None = None
    """A hand-in that is later than this many days earns nothing; None: it only costs more."""

    def penalty(self, earned: int, late_by: timedelta) -> int:
        """Return hundredths of a point to take from `earned` whole points."""
        if late_by <= self.grace or self.rule is LateRule.NONE:
            return 0
        days = -(-late_by // _DAY)
        too_late = self.maximum_days is not None and days > self.maximum_days
        if self.rule is LateRule.ZERO or too_late:
            return earned * _HUNDRED
        exact = earned * self.percent_per_day * days
        rounded = int(exact.to_integral_value(ROUND_HALF_DOWN))
        return min(max(rounded, 0), earned * _HUNDRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How runs become a grade."""

    late: LatePolicy = field(default_factory=LatePolicy)
    """What lateness costs."""
    attempts: AttemptRule = AttemptRule.BEST
    """Which hand-in counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Points that a person gave, whatever the runs say."""

    student: str
    """Id of the student."""
    lab: str
    """Slug of the lab."""
    points: int
    """Whole points; not reduced for lateness."""
    who: str
    """Who decided."""
    why: str
    """Why; the student reads it."""
    at: datetime
    """When it was decided (aware). Of several, the latest counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is expected of whom, and until when."""

    student: str
    """Id of the student."""
    lab: str
    """Slug of the lab."""
    out_of: int
    """Points that a perfect hand-in earns."""
    deadline: datetime | None = None
    """Aware, the student's extension included; None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What a student has for a lab today. Derived, never stored as truth."""

    student: str
    """Id of the student."""
    lab: str
    """Slug of the lab."""
    state: State
    """What it rests on."""
    points: float | None
    """Points, at most two decimals; None where nothing is known yet, which is not a zero."""
    out_of: int
    """Points that could be earned."""
    run_id: str = ""
    """The run that counts, or that says why there is none; empty when there is no run."""
    attempt: int = 0
    """The attempt that counts; 0 when none does."""
    attempts: int = 0
    """Attempts that were spent: those that could be graded."""
    late_by: timedelta = _NO_TIME
    """How much after the deadline the counting hand-in came; zero when in time."""
    penalty: float = 0.0
    """Points that lateness took."""
    reasons: tuple[str, ...] = ()
    """How it came about, one sentence each."""

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return " ".join(self.reasons)

    @property
    def percent(self) -> float | None:
        """Points as percent of all, with two decimals; None without points or out of nothing."""
        if self.points is None or not self.out_of:
            return None
        return round(self.points * _HUNDRED / self.out_of, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A graded run with what it is worth, in hundredths."""

    run: Run
    late_by: timedelta
    is_late: bool
    penalty: int
    worth: int

    @property
    def is_full(self) -> bool:
        return not self.penalty and self.run.earned >= self.run.out_of


def decide(
    due: Due,
    runs: Iterable[Run],
    *,
    overrides: Sequence[Override] = (),
    policy: Policy | None = None,
    now: datetime | None = None,
) -> Grade:
    """Return the student's grade; runs and overrides of anybody or anything else are left out.

    - Of several runs of one attempt (a regrade) the newest that did not break counts.
    - A run that broke is never a zero: where it could be the one that counts, the grade is PENDING
      or says that an attempt is still to be graded.
    - An ungradable attempt is not spent: it is passed over.
    - `best`: the attempt worth most after its penalty; the earlier of equals. `last`: the last one,
      except that a late run never takes the place of an earlier full mark.
    - An override stands above all runs, the latest one above earlier ones.
    """
    policy = policy or Policy()
    latest = _latest_of_attempts(
        run for run in runs if (run.student, run.lab) == (due.student, due.lab)
    )
    grade = _from_runs(due, latest, policy, now)
    ours = [each for each in overrides if (each.student, each.lab) == (due.student, due.lab)]
    if not ours:
        return grade
    return _overridden(grade, max(ours, key=lambda each: (each.at, each.who, each.points)))


def _latest_of_attempts(runs: Iterable[Run]) -> list[Run]:
    """Return one run per attempt, in order of attempts."""
    attempts: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        attempts[run.attempt].append(run)
    return [
        max(group, key=lambda run: (run.verdict is not Verdict.BROKEN, run.graded_at, run.id))
        for _, group in sorted(attempts.items())
    ]


def _from_runs(due: Due, runs: list[Run], policy: Policy, now: datetime | None) -> Grade:
    graded = [_counted(run, due, policy) for run in runs if run.verdict is Verdict.GRADED]
    broken = [run for run in runs if run.verdict is Verdict.BROKEN]
    waits = (
        bool(broken)
        and policy.attempts is AttemptRule.LAST
        and (not graded or broken[-1].attempt > graded[-1].run.attempt)
    )
    if graded and not waits:
        return _graded(due, graded, runs, policy)
    if broken:
        return _without(due, broken[-1], State.PENDING, _PENDING, len(graded))
    if runs:
        reason = f"{runs[-1].reason or 'It could not be graded because of its form.'} {_NOT_SPENT}"
        return _without(due, runs[-1], State.UNGRADABLE, reason, 0)
    return _without(due, None, State.ABSENT, _absence(due, now), 0)


_PENDING: Final = "Grading broke through our fault and will be tried again; this is not a zero."
_NOT_SPENT: Final = "No attempt was spent."


def _counted(run: Run, due: Due, policy: Policy) -> _Counted:
    late_by = max(run.received_at - due.deadline, _NO_TIME) if due.deadline else _NO_TIME
    earned = min(max(run.earned, 0), run.out_of)
    penalty = policy.late.penalty(earned, late_by)
    return _Counted(
        run=run,
        late_by=late_by,
        is_late=late_by > policy.late.grace,
        penalty=penalty,
        worth=earned * _HUNDRED - penalty,
    )


def _graded(due: Due, graded: list[_Counted], runs: list[Run], policy: Policy) -> Grade:
    chosen = _chosen(graded, policy.attempts)
    return Grade(
        student=due.student,
        lab=due.lab,
        state=State.GRADED,
        points=chosen.worth / _HUNDRED,
        out_of=chosen.run.out_of,
        run_id=chosen.run.id,
        attempt=chosen.run.attempt,
        attempts=len(graded),
        late_by=chosen.late_by,
        penalty=chosen.penalty / _HUNDRED,
        reasons=tuple(_reasons(chosen, graded, runs, policy)),
    )


def _chosen(graded: list[_Counted], rule: AttemptRule) -> _Counted:
    if rule is AttemptRule.BEST:
        return max(graded, key=lambda each: (each.worth, -each.run.attempt))
    last = graded[-1]
    full = [each for each in graded if each.is_full]
    return full[-1] if last.is_late and full else last


def _reasons(
    chosen: _Counted, graded: list[_Counted], runs: list[Run], policy: Policy
) -> Iterable[str]:
    if len(graded) > 1:
        kept = policy.attempts is AttemptRule.LAST and chosen is not graded[-1]
        rule = (
            "a late hand-in does not replace full marks" if kept else f"the {policy.attempts} one"
        )
        yield f"Attempt {chosen.run.attempt} of {len(graded)} counts: {rule}."
    if chosen.late_by:
        yield _lateness(chosen, policy.late)
    passed_over = [run.attempt for run in runs if run.verdict is Verdict.UNGRADABLE]
    if passed_over:
        yield f"{_attempts(passed_over)} could not be graded. {_NOT_SPENT}"
    waiting = [run.attempt for run in runs if run.verdict is Verdict.BROKEN]
    if waiting:
        yield f"{_attempts(waiting)} is still to be graded: it broke through our fault."


def _attempts(numbers: list[int]) -> str:
    return "Attempt " + ", ".join(str(number) for number in numbers)


def _lateness(chosen: _Counted, late: LatePolicy) -> str:
    how = f"It came {spell_out(chosen.late_by)} late"
    if late.rule is LateRule.NONE:
        return f"{how}, which costs nothing."
    if chosen.late_by <= late.grace:
        return f"{how}, within the time of grace."
    lost = chosen.penalty / _HUNDRED
    return f"{how}: {lost:g} of {chosen.run.earned} points are taken off."


def spell_out(span: timedelta) -> str:
    """Return a span for people: `2 days 3 h`, `5 h 10 min`, `less than a minute`."""
    minutes = span // timedelta(minutes=1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [
        f"{days} day{'s' * (days > 1)}" if days else "",
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes and not days else "",
    ]
    return " ".join(part for part in parts if part) or "less than a minute"


def _absence(due: Due, now: datetime | None) -> str:
    if due.deadline and now and now < due.deadline:
        return f"Nothing was handed in yet; it is due at {due.deadline.isoformat(' ', 'minutes')}."
    return "Nothing was handed in."


def _without(due: Due, run: Run | None, state: State, reason: str, attempts: int) -> Grade:
    return Grade(
        student=due.student,
        lab=due.lab,
        state=state,
        points=None,
        out_of=due.out_of,
        run_id=run.id if run else "",
        attempts=attempts,
        reasons=(reason,),
    )


def _overridden(grade: Grade, override: Override) -> Grade:
    points = min(max(override.points, 0), grade.out_of)
    cut = f" (of {override.points} that were given)" if points != override.points else ""
    before = "nothing" if grade.points is None else f"{grade.points:g}"
    reason = (
        f"{override.who} gave {points} points{cut} instead of {before} "
        f"on {override.at.date().isoformat()}: {override.why}"
    )
    return Grade(
        student=grade.student,
        lab=grade.lab,
        state=State.OVERRIDDEN,
        points=float(points),
        out_of=grade.out_of,
        run_id=grade.run_id,
        attempt=grade.attempt,
        attempts=grade.attempts,
        late_by=grade.late_by,
        reasons=(reason, *grade.reasons),
    )
