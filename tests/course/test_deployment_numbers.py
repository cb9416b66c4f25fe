"""The numbers of the chapters on deployment: formulas against simulations, texts against both."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from scripts.figures import deployment_pipelines
from scripts.figures.deployment_examples import beside
from tests.course.pages import COURSE

PAGE = COURSE / "deployment"


def chapter(name):
    return (PAGE / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def looks():
    return beside("looks")


def test_the_formula_for_waiting_agrees_with_a_simulation():
    """200,000 requests at 80 % busy: over ten seeds the simulated quantile varies by 3 %."""
    queueing = beside("queueing")
    for rate, replicas in ((16, 1), (64, 4)):
        meant = queueing.waits(rate, 0.05, replicas)
        assert queueing.simulated(rate, 0.05, replicas) == pytest.approx(meant, rel=0.12)


def test_a_service_that_is_full_has_no_waiting_time():
    assert beside("queueing").waits(20, 0.05, 1) == float("inf")


def test_copies_that_were_started_before_the_rush_leave_nobody_waiting():
    assert "`backlog(60, replicas=8)` is 0" in chapter("scaling")
    assert beside("queueing").backlog(60, replicas=8) == 0


def test_one_copy_waits_as_the_textbook_says():
    """M/M/1: the share that waits is the load, and P(wait > t) = load exp(-(mu - lambda) t)."""
    queueing = beside("queueing")
    assert queueing.must_wait(0.8, 1) == pytest.approx(0.8)
    assert queueing.waits(16, 0.05, 1) == pytest.approx(np.log(0.8 / 0.05) / 4)


def test_one_look_at_many_requests_is_wrong_one_time_in_twenty(looks):
    """The level is right where it is used as meant; 20,000 rollouts have an error of 0.0015."""
    rng = np.random.default_rng(7)
    for z in (looks.errors_z(rng, 400_000, looks.PRESENT), looks.means_z(rng, 400_000)):
        assert (z[:, -1] > looks.AT_5_PERCENT).mean() == pytest.approx(0.05, abs=0.008)


def test_the_text_says_the_harm_of_a_basic_deployment(looks):
    each = 40_000 // (len(looks.SHARES) * looks.LOOKS_A_STEP)
    text = chapter("strategies")
    assert f"{each * (0.05 - looks.PRESENT):.0f} bad answers more in the time between" in text
    assert f"{40_000 * (0.05 - looks.PRESENT):,.0f} in 40,000 requests" in text
    assert f"answered {looks.arms(40_000)[0][0]} requests" in text


def test_more_looks_roll_back_more_and_one_metric_less_than_three(looks):
    three, one = (looks.false_rollbacks(looks.AT_5_PERCENT, 0, metrics) for metrics in (3, 1))
    assert 0.6 < three < 0.75
    assert f"{one:.0%}".replace("%", " %") in (PAGE / "strategies.quiz.toml").read_text()
    assert one < three < 1 - 0.95**60


def test_the_split_is_sticky_monotone_and_of_the_right_size():
    by_hash = beside("sticky").by_hash
    low, high = stats.binom.ppf([0.0005, 0.9995], 2000, 0.1)
    assert (low, high) == (157, 245)
    for rollout in ("one", "two", "three"):
        chosen = [user for user in range(2000) if by_hash(user, 0.1, rollout)]
        assert low <= len(chosen) <= high
        assert set(chosen) <= {user for user in range(2000) if by_hash(user, 0.2, rollout)}


def test_two_rollouts_choose_different_users():
    by_hash = beside("sticky").by_hash
    both = sum(by_hash(user, 0.5, "one") and by_hash(user, 0.5, "two") for user in range(4000))
    assert 880 < both < 1120  # a quarter, within 4 standard errors


def test_so_many_requests_find_the_gap_in_nine_cases_of_ten():
    """The formula of the page, tried: 400 samples have a standard error of 0.015."""
    shadow = beside("shadow")
    size = shadow.needed()["shadow: both answer the same requests"]
    rng = np.random.default_rng(8)
    surprise = rng.normal(0, 0.2, (400, size))
    present = np.abs(surprise + rng.normal(0, 0.05, surprise.shape))
    candidate = np.abs(surprise + rng.normal(0, 0.05, surprise.shape))
    gains = candidate + 0.02 * present.mean() - present
    z = gains.mean(axis=1) / (gains.std(axis=1, ddof=1) / np.sqrt(size))
    assert (z > shadow.Z_LIMIT).mean() == pytest.approx(0.9, abs=0.06)


def test_the_true_error_of_a_gate_is_what_many_days_show():
    gates = beside("gates")
    rng = np.random.default_rng(9)
    bias = rng.normal(0, gates.BIAS, (1, gates.SERIES))
    days = gates.errors(gates.world(rng, 1, 40_000), bias)
    assert days.mean() == pytest.approx(gates.expected(bias), rel=0.01)


def test_the_quantile_of_the_gates_is_students():
    assert stats.t.ppf(0.95, 27) == pytest.approx(beside("gates").T_95, abs=0.001)


def test_random_search_hits_as_the_text_says():
    assert deployment_pipelines.hit(0.05, 59) >= 0.95 > deployment_pipelines.hit(0.05, 58)


@pytest.mark.parametrize(
    ("change", "share"),
    [
        (None, "89 %"),
        (("steps.py", 'read(SALES) if row["date"] < SPLIT]', "read(SALES)]"), "90 %"),
        (("forecast.py", "{date.fromisoformat(row['date']):%a}", "any day"), "86"),
    ],
    ids=["as it is", "leak", "no weekdays"],
)
def test_the_story_of_ci_cd_has_the_numbers_of_its_repository(tmp_path, change, share):
    for path in (PAGE / "repo").glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "data").mkdir()
    (tmp_path / "data/sales.csv").write_bytes((PAGE / "repo/data/sales.csv").read_bytes())
    if change:
        name, old, new = change
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-B", "steps.py", "accuracy"],
        cwd=tmp_path,
        env={**os.environ, "STORE": str(tmp_path / "store")},
        capture_output=True,
        text=True,
        check=True,
    )
    printed = re.search(r"accuracy: (\d+)%", done.stdout).group(1)
    assert printed == share.removesuffix(" %")
    assert share in chapter("ci-cd")


@pytest.mark.slow
def test_the_registry_says_what_the_page_shows(tmp_path):
    done = subprocess.run(
        [sys.executable, "-B", PAGE / "promote.py", tmp_path / "store.db"],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (PAGE / "promote.txt").read_text(encoding="utf-8")


def test_a_step_whose_code_has_changed_runs_again(monkeypatch):
    flow = beside("flow")
    given = {"source": {"units": [101, 99]}, "window": 2, "limit": 0.2, "staging": "staging"}
    cache = {}
    flow.run(given, cache)
    source = flow.inspect.getsource
    monkeypatch.setattr(
        flow.inspect, "getsource", lambda step: source(step) + "#" * (step is flow.train)
    )
    told = flow.run(given, cache)
    assert told == "collect: reused, train: ran, validate: reused, stage: reused, release: reused"
