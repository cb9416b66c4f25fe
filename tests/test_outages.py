"""An engine that goes away in mid-batch, boxes that are killed or frozen from outside, odd clocks.

Nobody's marks may tell of it. The engine of this machine is never touched: a wire to it is cut.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from grader.cohort import parse_cohort
from grader.crash_points import Point, listening
from grader.formats.csv import read_grades_csv
from grader.grading import grade
from grader.lab import Limits
from grader.outcome import Verdict
from grader.progress import RecordingProgress
from grader.results import Results
from grader.submission import Bundle
from tests import realclass
from tests.cut_wire import CutWire
from tests.pretend import NOON, PlainPages, batch, hand_in, submission_of
from tests.sandbox import probes
from tests.stage import Checker, Stage, passing
from tests.stage import lab_of as stage_lab

ROOT = Path(__file__).parent.parent

GONE_S = 20.0


@pytest.fixture
def place(tmp_path):
    realclass.prepare(tmp_path)
    return tmp_path


@pytest.fixture
def wire(tmp_path, monkeypatch):
    folder = tmp_path / "w"  # a socket's path has few bytes
    folder.mkdir()
    made = CutWire(folder)
    monkeypatch.setenv("DOCKER_HOST", made.address)
    yield made
    made.cut()
    monkeypatch.undo()
    for container in realclass.containers_of(tmp_path):  # what could not be removed through it
        with engine_itself() as api:
            api.remove_container(container, force=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, engine):
    """Return what containers make of the class when nothing happens to them."""
    place = tmp_path_factory.mktemp("undisturbed")
    realclass.prepare(place)
    realclass.in_containers(place)
    return realclass.state(place / "results")


class Disturbed(RecordingProgress):
    """Does something at the first run that is graded, and something when the batch pauses."""

    def __init__(self, at_first, when_paused=lambda: None):
        super().__init__()
        self._at_first = at_first
        self._when_paused = when_paused

    def graded(self, run):
        if not self.of("graded"):
            self._at_first()
        super().graded(run)

    def paused(self, why, seconds):
        super().paused(why, seconds)
        self._when_paused()


def grade_in_containers(place, progress=None, *, lab=None, **settings):
    """Grade the class in containers of this place's realm, through DOCKER_HOST."""
    from grader.sandbox.docker import DockerSandbox
    from grader.sandbox.pool import Pool, PoolTimes

    folder = realclass.folder_of(place)
    with DockerSandbox(realm=realclass.realm_of(place)) as sandbox:
        sandbox.sweep()
        with Pool(sandbox, slots=2, times=PoolTimes(start_s=10.0)) as pool:
            by = partial(realclass.grade, boxes=pool, reference=folder.reference())
            return realclass.batch(place, lab or folder.lab, by, progress=progress, **settings)


def demand_that_none_runs(place):
    """Wait until no container of this place's realm runs; fail when one lives on."""
    until = time.monotonic() + GONE_S
    while realclass.containers_of(place, running=True):
        assert time.monotonic() < until, "a box outlives its deadline"
        time.sleep(0.2)


@contextmanager
def engine_itself():
    """Lend a client that does not go through the wire."""
    from grader.sandbox.engine import connect

    client = connect()
    yield client.api
    client.close()


def once_at(point, do):
    """Return an ear that does something at the first passing of a point."""
    lock, done = threading.Lock(), []

    def ear(passed, _about):
        with lock:
            if passed is point and not done:
                done.append(point)
                do()

    return ear


@pytest.mark.slow
@pytest.mark.needs_engine
def test_an_engine_that_goes_and_comes_back_costs_nothing_but_time(place, wire, undisturbed):
    progress = Disturbed(wire.cut, when_paused=wire.mend)
    outcome = grade_in_containers(place, progress)

    assert (outcome.graded, outcome.broken, outcome.exit_code) == (3, 0, 0)
    assert len(progress.of("paused")) == 1
    assert realclass.state(place / "results") == undisturbed
    # Of a box whose making was cut off nobody knows: it ends, and who starts next sweeps it.
    demand_that_none_runs(place)


@pytest.mark.slow
@pytest.mark.needs_engine
def test_an_engine_that_stays_away_stops_the_batch_and_the_next_start_does_the_rest(
    place, wire, undisturbed, monkeypatch
):
    outcome = grade_in_containers(place, Disturbed(wire.cut), pause=lambda _seconds: None)
    assert outcome.exit_code == 5
    assert "the engine is gone" in outcome.halted
    assert "grader doctor" in outcome.halted
    assert 0 < len(list(Results.read(place / "results").official())) < 3

    monkeypatch.delenv("DOCKER_HOST")
    assert grade_in_containers(place).exit_code == 0
    assert realclass.state(place / "results") == undisturbed
    # Those that could not be removed have ended; whoever starts after this process sweeps them.
    assert realclass.containers_of(place, running=True) == []


@pytest.mark.slow
@pytest.mark.needs_engine
@pytest.mark.parametrize("role", ["", "worker"], ids=["all", "workers"])
def test_boxes_that_are_killed_in_mid_call_crash_nobodys_checks(role, place, undisturbed):
    """As a restarted engine does with all, and a machine short of memory with some of them."""
    with engine_itself() as api:

        def kill_all():
            for container in realclass.containers_of(place, role=role, running=True):
                _try(api.kill, container)

        with listening(once_at(Point.CALL_SENT, kill_all)):
            outcome = grade_in_containers(place)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (3, 0, 0)
    assert realclass.state_without_containers(place) == undisturbed


@pytest.mark.slow
@pytest.mark.needs_engine
def test_boxes_that_are_frozen_from_outside_time_nobody_out(place, undisturbed):
    lab = realclass.folder_of(place).lab
    hasty = replace(lab, limits=Limits(call_s=2.0, wall_s=20.0))
    progress = RecordingProgress()
    with engine_itself() as api:

        def pause_workers():
            for container in realclass.containers_of(place, role="worker"):
                _try(api.pause, container)

        with listening(once_at(Point.CALL_SENT, pause_workers)):
            outcome = grade_in_containers(place, progress, lab=hasty)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (3, 0, 0)
    assert any("was paused" in why for why, _ in progress.of("paused"))
    assert realclass.marks(place) == {"ann": 80, "bob": 0, "dee": 0}
    assert realclass.containers_of(place) == []


def _try(do, container):
    from docker.errors import APIError

    try:
        do(container)
    except APIError:  # it ended at the same moment
        return


@pytest.mark.needs_engine
def test_after_kill_9_not_even_a_stubborn_box_lives_beyond_its_own_deadline(place, engine):
    """Nobody starts again, so nobody sweeps: the box must end by itself."""
    code = (
        "import time; from grader.sandbox.base import BoxSpec, Role\n"
        "from grader.sandbox.docker import DockerSandbox\n"
        f"sandbox = DockerSandbox(realm={realclass.realm_of(place)!r})\n"
        f"argv = ('-c', {probes.STUBBORN!r})\n"
        "box = sandbox.start(BoxSpec(role=Role.WORKER, argv=argv, lifetime_s=3))\n"
        "print('up', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == b"up\n"
        first.send_signal(signal.SIGKILL)
    demand_that_none_runs(place)
    assert realclass.swept(place) == 1
    assert realclass.containers_of(place) == []


# -- clocks ------------------------------------------------------------------------------------


COHORT = """
[deadlines]
09-pretend = 2025-03-03T12:10:00Z
[late]
rule = "percent"
percent_per_day = 10
[[student]]
id = "ann"
[[student]]
id = "bob"
"""


class OddClock:
    """A clock that somebody sets: each look finds it years before or after the last."""

    def __init__(self, seed):
        self._chance = random.Random(seed)

    def __call__(self):
        return NOON + timedelta(days=self._chance.randint(-2000, 2000))


class Plain(PlainPages):
    """Pages that say nothing, and the real grades."""

    def grades(self, lab, runs, cohort, now):
        from grader.pages import HtmlRender

        return HtmlRender().grades(lab, runs, cohort, now)


@pytest.mark.parametrize("seed", range(5))
def test_lateness_is_judged_by_when_a_hand_in_came_whatever_the_clock_says(tmp_path, seed):
    cohort = parse_cohort(COHORT, where="cohort.toml", folder=tmp_path)
    found = [
        hand_in(tmp_path / "inbox", "ann", "a", at=1),
        hand_in(tmp_path / "inbox", "ann", "a b", at=9),
        hand_in(tmp_path / "inbox", "bob", "a b", at=11),
    ]
    rows = []
    for name, clock in (("steady", lambda: NOON), ("odd", OddClock(seed))):
        folder = tmp_path / name
        batch(folder, found, cohort=cohort, render=Plain(), clock=clock)
        batch(folder, found, cohort=cohort, render=Plain(), clock=clock)
        table = read_grades_csv((folder / "grades.csv").read_bytes())
        rows.append([(row["student"], row["points"], row["late_hours"]) for row in table])
    assert rows[0] == rows[1]
    assert [row[:2] for row in rows[0]] == [("ann", "20"), ("bob", "18")]


def test_a_clock_that_is_set_in_mid_run_ends_no_run_and_makes_no_time_negative(monkeypatch):
    chance = random.Random(3)
    monkeypatch.setattr(time, "time", lambda: 1.7e9 + chance.randint(-(10**8), 10**8))
    stage = Stage(Checker(passing()))
    work = replace(submission_of("x"), bundle=Bundle.of({"answer.py": b"x = 1\n"}))
    try:
        run = grade(stage_lab(), work, stage.pool, seed=1)
    finally:
        stage.close()
    assert (run.verdict, run.earned) == (Verdict.GRADED, 20)
    assert all(seconds >= 0 for seconds in run.phases.values())
