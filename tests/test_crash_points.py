"""`kill -9` at every named moment: the next start completes the work, and nothing is done twice."""

import os

import pytest

from grader.crash_points import Point, listening, reached
from tests.crashes import SCENARIOS, crash, passing, undisturbed

SEEDS = (0, 1)
"""0 is the first passing of a point; any other number draws one. `make faults` tries many."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="killed work is forked")


def places(*names):
    return [
        pytest.param(name, point, id=f"{name}-{point.value.replace(' ', '-')}")
        for name in names
        for point in SCENARIOS[name].points
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return what a scenario leaves when nothing disturbs it; each is done once."""
    known = {}

    def of(name):
        if name not in known:
            known[name] = undisturbed(name, tmp_path_factory.mktemp(name) / "place")
        return known[name]

    return of


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "point"), places("class", "torn", "regrade", "export", "release", "build")
)
def test_after_kill_9_the_next_start_completes_the_work(name, point, seed, tmp_path, whole):
    count = passing(point, whole(name), seed)
    crash(name, point, count, tmp_path / "place", whole(name))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "point"), places("boxes"))
def test_after_kill_9_in_mid_grading_no_box_lives_and_nobody_is_graded_twice(
    name, point, tmp_path, whole
):
    count = passing(point, whole(name), 1)
    crash(name, point, count, tmp_path / "place", whole(name))


@pytest.mark.needs_engine
@pytest.mark.slow
@pytest.mark.parametrize("point", [Point.CONTAINER_CREATED, Point.CALL_SENT, Point.BOX_ENDING])
def test_after_kill_9_the_next_start_removes_the_containers(point, tmp_path, whole, engine):
    count = passing(point, whole("containers"), 1)
    crash("containers", point, count, tmp_path / "place", whole("containers"))


def test_every_point_is_tried_somewhere():
    tried = {point for scenario in SCENARIOS.values() for point in scenario.points}
    assert set(Point) == tried
    assert len(Point) >= 20


def test_a_point_that_nothing_passes_is_a_failure(tmp_path, whole):
    with pytest.raises(AssertionError, match="was not passed"):
        crash("build", Point.CALL_SENT, 1, tmp_path / "place", whole("build"))


def test_in_use_a_point_does_nothing_and_no_variable_changes_that(monkeypatch):
    """Only a program that listens hears: there is nothing to set, and nothing that could kill."""
    heard = []
    reached(Point.RUN_SENT, "ann")
    with listening(lambda *what: heard.append(what)):
        reached(Point.RUN_SENT, "bob")
    reached(Point.RUN_SENT, "cem")
    assert heard == [(Point.RUN_SENT, "bob")]
