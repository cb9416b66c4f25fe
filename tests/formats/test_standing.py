"""Standings: what a format gets, and what a single report makes of a student."""

from __future__ import annotations

import pytest

from grader.formats.standing import of_report
from grader.grade import State
from grader.report import for_student
from tests.formats.standings import LAB, RUNS, of

STATES = {
    "ada": State.GRADED,
    "budi": State.GRADED,
    "citra": State.OVERRIDDEN,
    "dewi": State.UNGRADABLE,
    "eko": State.PENDING,
    "fitri": State.ABSENT,
    "gilang": State.OVERRIDDEN,
}


def test_the_class_of_these_tests_has_every_state():
    assert {who: of(who).grade.state for who in STATES} == STATES
    assert set(STATES.values()) == set(State)


@pytest.mark.parametrize(
    ("student", "points", "says"),
    [
        ("ada", 10, True),
        ("budi", 0, True),
        ("hana", 8, True),
        ("citra", 3, True),
        ("dewi", None, True),
        ("eko", None, False),
        ("fitri", None, False),
        ("gilang", 6, True),
    ],
)
def test_only_who_has_points_or_can_do_something_is_told(student, points, says):
    standing = of(student)
    assert standing.points == points
    assert standing.says_something is says


def test_a_reason_is_told_once():
    dewi = of("dewi")
    assert dewi.reason == "quality.py is missing. Put it beside notes.md."
    assert dewi.remark == ""
    assert of("citra").remark.startswith("Dr Roe gave 3 points instead of 10")


@pytest.mark.parametrize(
    ("number", "state", "points"),
    [(0, State.GRADED, 10.0), (4, State.UNGRADABLE, None), (5, State.PENDING, None)],
)
def test_a_report_by_itself_gives_a_standing_without_late_rules(number, state, points):
    standing = of_report(for_student(RUNS[number], LAB))
    assert (standing.grade.state, standing.points) == (state, points)
    assert standing.grade.out_of == 10
