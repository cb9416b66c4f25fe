"""The rules of a proof: what is wanted, what was seen, what to complain about."""

from dataclasses import replace

import pytest

from grader.expected import Expected
from grader.judging import (
    EVERYTHING,
    Wanted,
    complaints,
    is_as_wanted,
    losses,
    lost,
    refusals,
    saw,
    short_note,
    wanted_of,
    worst,
    worst_points,
)
from grader.outcome import Status, Verdict
from tests.pretend import lab_of, submission_of
from tests.provable import run_of

LAB = lab_of("a b c d", points=25)
FAILED, SKIPPED, CRASHED, TIMED_OUT = (
    Status.FAILED,
    Status.SKIPPED,
    Status.CRASHED,
    Status.TIMED_OUT,
)


def run(lost=None, **changes):
    return run_of(LAB, submission_of("-", lab=LAB), lost, **changes)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({}, "100 points"),
        ({"loses": ("a",)}, "loses a"),
        ({"loses": ("a", "b", "c", "d")}, "loses 4 checks"),
        ({"max_points": 0}, "at most 0 points"),
        ({"max_points": 1, "loses": ("a",)}, "loses a; at most 1 point"),
        ({"max_points": 0, "status": {"a": "timed_out"}}, "at most 0 points; a timed out"),
        ({"verdict": "ungradable"}, "ungradable"),
    ],
)
def test_what_is_wanted_is_said_in_a_few_words(expected, text):
    assert wanted_of(Expected(why="because", **expected)).text(100) == text


def test_what_earns_everything_has_nothing_to_complain_about():
    assert complaints(EVERYTHING, run()) == ()
    assert is_as_wanted(EVERYTHING, run())
    assert EVERYTHING.is_everything


def test_a_check_is_lost_however_it_did_not_pass():
    ends = {"a": FAILED, "b": SKIPPED, "c": CRASHED, "d": TIMED_OUT}
    assert lost(run(ends)) == ("a", "b", "c", "d")
    assert complaints(Wanted(loses=("a", "b", "c", "d")), run(ends)) == ()


def test_a_check_without_points_is_lost_as_well():
    free = replace(LAB, checks=tuple(replace(check, points=0) for check in LAB.checks))
    failing = run_of(free, submission_of("-", lab=free), {"a": FAILED})
    assert complaints(EVERYTHING, failing) == ("it loses a (failed)",)


@pytest.mark.parametrize(
    ("wanted", "ends", "told"),
    [
        (EVERYTHING, {"a": TIMED_OUT}, ("it loses a (timed out)",)),
        (Wanted(loses=("a",)), {"a": FAILED, "b": SKIPPED}, ("it also loses b (skipped)",)),
        (Wanted(loses=("a", "b")), {"a": FAILED}, ("it keeps b",)),
        (Wanted(loses=("a",)), {"b": FAILED}, ("it also loses b (failed)", "it keeps a")),
        (
            Wanted(max_points=25),
            {"a": FAILED, "b": FAILED},
            ("it earns 50 points where at most 25 may be earned, through c, d",),
        ),
        (
            Wanted(loses=("a",), status={"a": CRASHED}),
            {"a": FAILED},
            ("a ended failed instead of crashed",),
        ),
    ],
)
def test_what_differs_is_said(wanted, ends, told):
    assert complaints(wanted, run(ends)) == told


def test_a_broken_run_is_the_only_thing_to_say():
    (told,) = complaints(Wanted(max_points=0), run(verdict=Verdict.BROKEN))
    assert told == "the grader itself could not finish the run (attempt 1: the checker died)"


def test_of_a_long_note_for_staff_the_end_is_shown_on_one_line():
    assert short_note("died\n\n  at line 3\x1b[2J") == "died at line 3␛[2J"
    shown = short_note("first " + "trace\n" * 500 + "ValueError: last")
    assert shown.startswith("… ")
    assert shown.endswith("trace ValueError: last")
    assert len(shown) < 310
    assert "\n" not in shown


def test_a_hand_in_that_must_be_turned_away_must_be():
    wanted = Wanted(verdict=Verdict.UNGRADABLE)
    assert complaints(wanted, run(verdict=Verdict.UNGRADABLE)) == ()
    assert complaints(wanted, run()) == ("the run ended graded instead of ungradable",)
    (told,) = complaints(EVERYTHING, run(verdict=Verdict.UNGRADABLE))
    assert told == "the run ended ungradable (sums.py is not there) instead of graded"


def test_the_worst_run_is_the_one_with_complaints():
    wanted = Wanted(loses=("a",))
    good, bad = run({"a": FAILED}), run({"a": FAILED, "b": FAILED})
    assert worst(wanted, [bad, good]) is bad
    assert worst(wanted, [good, bad]) is bad


def test_the_worst_points_are_the_fewest_where_all_are_wanted_and_the_most_elsewhere():
    runs = [run(), run({"a": FAILED}), run(verdict=Verdict.BROKEN)]
    assert worst_points(EVERYTHING, runs) == 75
    assert worst_points(Wanted(max_points=10), runs) == 100
    assert worst_points(EVERYTHING, runs[2:]) is None


@pytest.mark.parametrize(
    ("wanted", "ends", "text"),
    [
        (EVERYTHING, {}, "100 points"),
        (EVERYTHING, {"a": FAILED}, "loses a"),
        (Wanted(loses=("a",)), {"a": FAILED}, "loses a"),
        (Wanted(loses=("a",)), {}, "100 points"),
        (Wanted(loses=("a",), max_points=75), {"a": FAILED}, "loses a; 75 points"),
        (Wanted(max_points=0), {"a": FAILED}, "75 points"),
        (Wanted(max_points=0, status={"b": FAILED}), {"b": CRASHED}, "75 points; b crashed"),
    ],
)
def test_what_was_seen_is_said_in_the_words_of_what_was_wanted(wanted, ends, text):
    assert saw(wanted, [run(ends)]) == text


def test_what_was_seen_of_a_run_without_a_grade_is_its_verdict():
    assert saw(EVERYTHING, [run(), run(verdict=Verdict.BROKEN)]) == "broken"


def test_few_checks_are_named_and_many_are_counted():
    assert losses(["a", "b", "c"]) == "loses a, b, c"
    assert losses(["a", "b", "c", "d"]) == "loses 4 checks"


def test_a_check_says_no_when_it_fails_a_submission_or_stops_it():
    wrong = [
        [run({"a": FAILED, "b": SKIPPED}), run({"a": FAILED})],
        [run({"a": TIMED_OUT, "c": CRASHED})],
        [run(dict.fromkeys("abcd", FAILED))],
        [run(dict.fromkeys("bcd", FAILED) | {"a": SKIPPED})],
        [],
    ]
    assert [(one.check, one.count) for one in refusals(LAB, wrong)] == [
        ("a", 2),
        ("b", 0),
        ("c", 0),
        ("d", 0),
    ]


def test_a_check_that_all_others_need_says_no_also_where_nothing_is_earned():
    root = [run({"a": FAILED} | dict.fromkeys("bcd", SKIPPED))]
    crashed = [run({"a": CRASHED} | dict.fromkeys("bcd", SKIPPED))]
    assert [one.count for one in refusals(LAB, [root])] == [1, 0, 0, 0]
    assert [one.count for one in refusals(LAB, [crashed])] == [0, 0, 0, 0]
