"""Grades: what counts, what lateness costs, and that nothing unknown becomes a zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.grade import (
    AttemptRule,
    Due,
    LatePolicy,
    LateRule,
    Override,
    Policy,
    State,
    decide,
    spell_out,
)
from grader.outcome import CheckResult, Run, Status, Verdict

NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = Due(student="ada", lab="02", out_of=100, deadline=NOON)
BEST, LAST = Policy(), Policy(attempts=AttemptRule.LAST)
TEN = LatePolicy(rule=LateRule.PERCENT, percent_per_day=Decimal(10))


def run(attempt: int, earned: int = 0, *, late: timedelta = -HOUR, **changes: object) -> Run:
    made = Run(
        id=f"run-{attempt}-{earned}",
        student="ada",
        lab="02",
        attempt=attempt,
        received_at=NOON + late,
        graded_at=NOON + late + HOUR,
        bundle_digest="d",
        verdict=Verdict.GRADED,
        results=(CheckResult(id="a", status=Status.PASSED, earned=earned),),
        out_of=100,
    )
    return replace(made, **changes)


def broken(attempt: int, **changes: object) -> Run:
    return run(attempt, verdict=Verdict.BROKEN, results=(), id=f"broken-{attempt}", **changes)


def ungradable(attempt: int, **changes: object) -> Run:
    text = "quality.py is missing."
    return run(attempt, verdict=Verdict.UNGRADABLE, results=(), reason=text, id="u", **changes)


def test_a_run_in_time_is_worth_what_it_earned():
    grade = decide(DUE, [run(1, 70)])
    assert (grade.state, grade.points, grade.out_of, grade.penalty) == (State.GRADED, 70, 100, 0)
    assert (grade.run_id, grade.attempt, grade.attempts) == ("run-1-70", 1, 1)
    assert grade.percent == 70
    assert grade.why == ""


def test_nobody_is_late_without_a_deadline():
    grade = decide(
        replace(DUE, deadline=None), [run(1, 70, late=90 * DAY)], policy=Policy(late=TEN)
    )
    assert (grade.points, grade.late_by) == (70, timedelta(0))


# Attempts


def test_the_best_attempt_counts_and_the_earlier_of_equals():
    grade = decide(DUE, [run(1, 70), run(2, 90), run(3, 90, id="later"), run(4, 10)], policy=BEST)
    assert (grade.attempt, grade.points, grade.attempts) == (2, 90, 4)
    assert grade.why == "Attempt 2 of 4 counts: the best one."


def test_the_last_attempt_counts_where_the_policy_says_so():
    grade = decide(DUE, [run(1, 90), run(2, 40)], policy=LAST)
    assert (grade.attempt, grade.points) == (2, 40)


@pytest.mark.parametrize("rule", list(AttemptRule))
@pytest.mark.parametrize("late_rule", list(LateRule))
def test_a_late_run_never_beats_an_earlier_full_mark(rule, late_rule):
    late = LatePolicy(rule=late_rule, percent_per_day=Decimal(10))
    policy = Policy(late=late, attempts=rule)
    grade = decide(DUE, [run(1, 100), run(2, 60, late=HOUR)], policy=policy)
    assert (grade.attempt, grade.points) == (1, 100)


def test_a_late_last_run_counts_when_nothing_before_it_was_full():
    policy = Policy(late=TEN, attempts=AttemptRule.LAST)
    grade = decide(DUE, [run(1, 95), run(2, 100, late=HOUR)], policy=policy)
    assert (grade.attempt, grade.points) == (2, 90)


def test_the_best_attempt_is_judged_after_its_penalty():
    grade = decide(DUE, [run(1, 91), run(2, 100, late=HOUR)], policy=Policy(late=TEN))
    assert (grade.attempt, grade.points) == (1, 91)


def test_a_regrade_of_an_attempt_takes_the_place_of_its_first_run():
    regrade = run(1, 80, id="again", graded_at=NOON + DAY)
    for runs in ([run(1, 90), regrade], [regrade, run(1, 90)]):
        grade = decide(DUE, runs)
        assert (grade.points, grade.run_id, grade.attempts) == (80, "again", 1)


def test_a_regrade_that_broke_leaves_the_run_before_it():
    assert decide(DUE, [run(1, 90), broken(1, graded_at=NOON + DAY)]).points == 90


def test_runs_of_other_students_and_labs_are_left_out():
    others = [run(1, 100, student="bob"), run(1, 100, lab="03")]
    assert decide(DUE, [*others, run(1, 20)]).points == 20
    assert decide(DUE, others).state is State.ABSENT


# Not a zero


def test_a_broken_run_is_pending_and_has_no_points():
    grade = decide(DUE, [broken(1)], policy=Policy(late=TEN))
    assert (grade.state, grade.points, grade.run_id) == (State.PENDING, None, "broken-1")
    assert grade.percent is None
    assert "not a zero" in grade.why


def test_a_broken_attempt_beside_a_graded_one_is_mentioned_where_the_best_counts():
    grade = decide(DUE, [run(1, 70), broken(2)], policy=BEST)
    assert (grade.state, grade.points) == (State.GRADED, 70)
    assert "Attempt 2 is still to be graded" in grade.why


def test_a_broken_last_attempt_is_pending_where_the_last_counts():
    assert decide(DUE, [run(1, 70), broken(2)], policy=LAST).state is State.PENDING
    assert decide(DUE, [broken(1), run(2, 70)], policy=LAST).points == 70


def test_an_ungradable_hand_in_spends_no_attempt():
    alone = decide(DUE, [ungradable(1)])
    assert (alone.state, alone.points, alone.attempts) == (State.UNGRADABLE, None, 0)
    assert alone.why == "quality.py is missing. No attempt was spent."
    for policy in (BEST, LAST):
        grade = decide(DUE, [run(1, 70), ungradable(2)], policy=policy)
        assert (grade.points, grade.attempts) == (70, 1)
        assert "Attempt 2 could not be graded" in grade.why


def test_an_absentee_has_no_points_and_is_told_when_there_is_still_time():
    assert decide(DUE, []).reasons == ("Nothing was handed in.",)
    assert decide(DUE, [], now=NOON + HOUR).state is State.ABSENT
    assert "due at 2026-10-02 12:00+00:00" in decide(DUE, [], now=NOON - HOUR).why


# Lateness


@pytest.mark.parametrize(
    ("late", "lost"),
    [
        (timedelta(0), 0),
        (timedelta(microseconds=1), 8),
        (DAY, 8),
        (DAY + timedelta(seconds=1), 16),
        (9 * DAY, 72),
        (10 * DAY, 80),
        (400 * DAY, 80),
    ],
)
def test_percent_counts_each_day_that_has_begun_and_never_goes_below_zero(late, lost):
    grade = decide(DUE, [run(1, 80, late=late)], policy=Policy(late=TEN))
    assert (grade.penalty, grade.points) == (lost, 80 - lost)
    assert grade.late_by == late


def test_a_late_hand_in_earns_nothing_where_the_policy_says_so():
    policy = Policy(late=LatePolicy(rule=LateRule.ZERO))
    grade = decide(DUE, [run(1, 80, late=timedelta(minutes=1))], policy=policy)
    assert (grade.points, grade.state) == (0, State.GRADED)
    assert "1 min late: 80 of 80 points are taken off" in grade.why


def test_lateness_without_a_late_policy_is_told_and_costs_nothing():
    grade = decide(DUE, [run(1, 80, late=HOUR)])
    assert (grade.points, grade.late_by) == (80, HOUR)
    assert grade.why == "It came 1 h late, which costs nothing."


def test_the_time_of_grace_costs_nothing_and_after_it_days_count_from_the_deadline():
    policy = Policy(late=replace(TEN, grace=2 * HOUR))
    assert decide(DUE, [run(1, 80, late=2 * HOUR)], policy=policy).points == 80
    assert (
        decide(DUE, [run(1, 80, late=2 * HOUR + timedelta(seconds=1))], policy=policy).points == 72
    )
    assert decide(DUE, [run(1, 80, late=DAY)], policy=policy).points == 72


def test_after_the_last_day_a_hand_in_earns_nothing():
    policy = Policy(late=replace(TEN, maximum_days=3))
    assert decide(DUE, [run(1, 80, late=3 * DAY)], policy=policy).points == 56
    assert decide(DUE, [run(1, 80, late=3 * DAY + HOUR)], policy=policy).points == 0


@pytest.mark.parametrize(
    ("percent", "earned", "points"),
    [("2.5", 90, 87.75), ("0.5", 3, 2.99), ("33.333", 100, 66.67), ("0.05", 10, 10.0)],
)
def test_penalties_are_rounded_to_hundredths_and_halves_favour_the_student(percent, earned, points):
    late = replace(TEN, percent_per_day=Decimal(percent))
    assert decide(DUE, [run(1, earned, late=HOUR)], policy=Policy(late=late)).points == points


def test_lateness_is_told_in_words():
    assert spell_out(timedelta(seconds=5)) == "less than a minute"
    assert spell_out(timedelta(hours=5, minutes=10)) == "5 h 10 min"
    assert spell_out(timedelta(days=2, hours=3, minutes=59)) == "2 days 3 h"
    assert spell_out(DAY) == "1 day"


def test_a_deadline_in_another_zone_is_the_same_moment():
    jakarta = NOON.astimezone(__import__("zoneinfo").ZoneInfo("Asia/Jakarta"))
    grade = decide(replace(DUE, deadline=jakarta), [run(1, 80, late=HOUR)], policy=Policy(late=TEN))
    assert grade.late_by == HOUR


# Overrides


def override(points: int, *, days: int = 0, **changes: object) -> Override:
    made = Override(
        student="ada", lab="02", points=points, who="Dr Roe", why="Ill.", at=NOON + days * DAY
    )
    return replace(made, **changes)


def test_an_override_stands_above_runs_and_lateness_and_says_who_why_and_when():
    grade = decide(
        DUE, [run(1, 80, late=9 * DAY)], overrides=[override(85)], policy=Policy(late=TEN)
    )
    assert (grade.state, grade.points, grade.penalty) == (State.OVERRIDDEN, 85, 0)
    assert grade.run_id == "run-1-80"
    assert grade.reasons[0] == "Dr Roe gave 85 points instead of 8 on 2026-10-02: Ill."


@pytest.mark.parametrize("runs", [[], [broken(1)], [ungradable(1)]])
def test_an_override_counts_without_a_graded_run(runs):
    grade = decide(DUE, runs, overrides=[override(60)])
    assert (grade.state, grade.points) == (State.OVERRIDDEN, 60)
    assert "instead of nothing" in grade.why


def test_the_latest_override_counts_in_whatever_order_they_come():
    made = [override(60), override(70, days=2), override(65, days=1)]
    assert decide(DUE, [], overrides=made).points == 70
    assert decide(DUE, [], overrides=made[::-1]).points == 70


def test_overrides_of_others_do_not_count():
    made = [override(60, student="bob"), override(60, lab="03")]
    assert decide(DUE, [run(1, 5)], overrides=made).points == 5


def test_an_override_is_cut_at_what_the_lab_has_and_says_so():
    grade = decide(DUE, [], overrides=[override(150)])
    assert grade.points == 100
    assert "100 points (of 150 that were given)" in grade.why


# Properties

RUNS = st.lists(
    st.builds(
        lambda attempt, earned, late, verdict, at, tie: replace(
            run(attempt, earned, late=timedelta(hours=late)),
            verdict=verdict,
            graded_at=NOON + timedelta(hours=at),
            id=f"{attempt}-{at}-{tie}",
            results=run(1, earned).results if verdict is Verdict.GRADED else (),
        ),
        st.integers(1, 5),
        st.integers(0, 100),
        st.integers(-50, 300),
        st.sampled_from(Verdict),
        st.integers(0, 50),
        st.integers(0, 10**9),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)
POLICIES = st.builds(
    Policy,
    late=st.builds(
        LatePolicy,
        rule=st.sampled_from(LateRule),
        percent_per_day=st.decimals(0, 100, places=2),
        grace=st.timedeltas(timedelta(0), DAY),
        maximum_days=st.none() | st.integers(0, 10),
    ),
    attempts=st.sampled_from(AttemptRule),
)
OVERRIDES = st.lists(st.builds(override, st.integers(-50, 200), days=st.integers(0, 3)), max_size=3)


@settings(max_examples=600)
@given(runs=RUNS, policy=POLICIES, overrides=OVERRIDES, chance=st.randoms(use_true_random=False))
def test_a_grade_is_within_its_bounds_and_the_order_of_runs_does_not_matter(
    runs, policy, overrides, chance
):
    grade = decide(DUE, runs, overrides=overrides, policy=policy)
    assert grade.points is None or 0 <= grade.points <= grade.out_of == 100
    assert grade.points is None or round(grade.points, 2) == grade.points
    assert grade.points is not None or grade.state not in {State.GRADED, State.OVERRIDDEN}
    assert grade.state is State.GRADED or grade.reasons
    assert 0 <= grade.penalty <= 100
    shuffled = list(runs)
    chance.shuffle(shuffled)
    chance.shuffle(overrides)
    assert decide(DUE, shuffled, overrides=overrides, policy=policy) == grade


@settings(max_examples=400)
@given(runs=RUNS, policy=POLICIES)
def test_a_broken_run_never_lowers_a_grade_and_never_makes_a_zero(runs, policy):
    without = decide(
        DUE, [each for each in runs if each.verdict is not Verdict.BROKEN], policy=policy
    )
    grade = decide(DUE, runs, policy=policy)
    if grade.points is not None:
        assert grade.points == without.points
    if runs and all(each.verdict is not Verdict.GRADED for each in runs):
        assert grade.points is None


@settings(max_examples=300)
@given(runs=RUNS, policy=POLICIES, attempt=st.integers(1, 9))
def test_an_ungradable_attempt_never_changes_the_points(runs, policy, attempt):
    fresh = max([each.attempt for each in runs], default=0) + attempt
    before = decide(DUE, runs, policy=policy)
    assert decide(DUE, [*runs, ungradable(fresh)], policy=policy).points == before.points


@settings(max_examples=300)
@given(earned=st.integers(0, 100), hours=st.integers(0, 500), policy=POLICIES)
def test_handing_in_later_never_earns_more(earned, hours, policy):
    early = decide(DUE, [run(1, earned, late=timedelta(hours=hours))], policy=policy)
    later = decide(DUE, [run(1, earned, late=timedelta(hours=hours + 7))], policy=policy)
    assert later.points <= early.points


@settings(max_examples=300)
@given(runs=RUNS, late=POLICIES.map(lambda policy: policy.late), earned=st.integers(0, 100))
def test_one_more_hand_in_never_lowers_the_best(runs, late, earned):
    policy = Policy(late=late)
    before = decide(DUE, runs, policy=policy)
    after = decide(DUE, [*runs, run(9, earned)], policy=policy)
    assert after.points >= (before.points or 0)
