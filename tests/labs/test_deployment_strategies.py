"""Lab 08 on its own: its texts, its examples, its world. Its rates: test_deployment_rates.py."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.building import build
from grader.lab import Visibility
from grader.library import Library
from grader.starter import regions
from tests.labs.in_process import lay_out, losses, points

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "solutions"))

from kopi.outlets import CHANNELS, make_outlets  # noqa: E402 - solutions/ is no package
from kopi.rehearsals import rehearse  # noqa: E402
from kopi.requests import (  # noqa: E402
    CHANNEL_SHARE,
    MISS_RATE,
    SLOW_MS,
    SLOW_RATE,
    USERS,
    make_requests,
)
from kopi.rollouts import DAY_REQUESTS, HEALTHY, NAMES, RATES, Health, World  # noqa: E402

LAB = Library(ROOT).load("08-deployment-strategies")
CHECKS = LAB.lab.checks
REFERENCE = LAB.reference()
EXAMPLES = {example.name: example for example in LAB.examples()}
WRONG = sorted(name for name in EXAMPLES if name.startswith("wrong__"))
RIGHT = sorted(name for name in EXAMPLES if name.startswith("right__"))
A_FEW = ("wrong__canary_builtin_hash", "wrong__controller_totals_of_all_steps")
SICK = [one for one in Health if one not in HEALTHY]


# ------------------------------------------------------------------ the lab's form


def test_the_checks_are_worth_100_points_and_some_of_them_can_be_seen():
    public = [check for check in CHECKS if check.visibility is Visibility.PUBLIC]
    assert LAB.lab.out_of == 100
    assert sum(check.points for check in public) == 23


def test_every_check_has_a_title_hints_and_a_place_in_the_course():
    page = (ROOT / "course" / LAB.lab.page).read_text("utf-8")
    for check in CHECKS:
        where, _, anchor = check.learn.partition("#")
        assert check.title.endswith(".")
        assert 2 <= len(check.hints) <= 3, check.id
        assert where == LAB.lab.page
        assert f"{{#{anchor}}}" in page, check.id


def test_the_starter_is_what_its_source_makes():
    assert build(LAB, check=True) == []


def test_the_reference_earns_everything_under_three_seeds(tmp_path):
    assert losses(LAB.lab, tmp_path, REFERENCE.as_dict(), 1, 2, 3) == [[]] * 3


def test_the_starter_runs_and_earns_nothing(tmp_path):
    (lost,) = losses(LAB.lab, tmp_path, LAB.starter().as_dict(), 1)
    assert points(LAB.lab, lost) == 0


@pytest.mark.parametrize("name", A_FEW)
def test_a_few_wrong_examples_lose_what_they_declare(name, tmp_path):
    example = EXAMPLES[name]
    (lost,) = losses(LAB.lab, tmp_path, example.bundle.as_dict(), 1)
    assert lost == sorted(example.expected.loses)


# `grader prove` tries all of them, in boxes.
@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG[::9])
def test_a_wrong_example_loses_exactly_what_it_declares(name, tmp_path):
    example = EXAMPLES[name]
    (lost,) = losses(LAB.lab, tmp_path, example.bundle.as_dict(), 11)
    assert lost == sorted(example.expected.loses)


@pytest.mark.slow
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_example_earns_everything(name, tmp_path):
    assert losses(LAB.lab, tmp_path, EXAMPLES[name].bundle.as_dict(), 11, 12) == [[], []]


def test_every_check_is_lost_by_a_wrong_example_that_can_be_imported():
    lost = {
        check
        for name in WRONG
        if name != "wrong__syntax_error"
        for check in EXAMPLES[name].expected.loses
    }
    assert lost == {check.id for check in CHECKS}


def test_the_design_names_every_wrong_example():
    named = set(re.findall(r"`(\w+)`", (LAB.source.parent / "DESIGN.md").read_text("utf-8")))
    assert {name.removeprefix("wrong__") for name in WRONG} <= named


def test_nothing_withheld_shows_in_the_public_folder():
    text = (LAB.source / "rollout.py").read_text("utf-8")
    withheld = {line.strip() for region in regions(text, "rollout.py") for line in region.withheld}
    for path in LAB.public.rglob("*"):
        if path.suffix in {".py", ".md", ".toml"}:
            shown = path.read_text("utf-8")
            assert not [line for line in withheld if len(line) > 30 and line in shown], path


def readme() -> str:
    return (LAB.public / "README.md").read_text("utf-8")


def test_the_readme_lists_every_check_with_its_points():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (yes)? ?\|", readme(), re.MULTILINE)
    shown = {(check, int(worth), bool(seen)) for check, worth, seen in rows}
    assert shown == {(c.id, c.points, c.visibility is Visibility.PUBLIC) for c in CHECKS}


def test_the_readme_adds_up_the_points_of_its_tasks():
    shown = re.findall(r"^### Task (\d): .* \((\d+) points\)$", readme(), re.MULTILINE)
    meant = {task: sum(c.points for c in CHECKS if c.task == task) for task in (1, 2, 3)}
    assert {int(task): int(worth) for task, worth in shown} == meant


def printed(folder):
    done = subprocess.run(
        [sys.executable, "-B", "rollout.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_the_readme_shows_what_the_reference_prints(tmp_path):
    lay_out(LAB.lab, tmp_path, REFERENCE.as_dict())
    for line in printed(tmp_path).splitlines():
        assert line in readme()


def test_the_readme_shows_what_the_starter_prints(tmp_path):
    lay_out(LAB.lab, tmp_path, LAB.starter().as_dict())
    assert f"$ python rollout.py\n{printed(tmp_path)}```" in readme()


def test_plain_pytest_in_the_students_folder_runs_the_public_checks(tmp_path):
    for path in ("lab.toml", "conftest.py", "test_public.py"):
        shutil.copy(LAB.public / path, tmp_path)
    (tmp_path / "rollout.py").write_bytes(REFERENCE.as_dict()["rollout.py"])
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout


# ------------------------------------------------------------------ the world


@pytest.fixture(scope="module")
def requests():
    rng = np.random.default_rng(5)
    return make_requests(rng, make_outlets(rng), day="2026-06-01", count=20_000)


def test_requests_have_at_least_2000_users_of_whom_some_ask_far_more_than_others(requests):
    asked = requests["user_id"].value_counts()
    assert len(asked) > 2_000
    assert USERS >= 2_000
    busiest = asked.head(USERS // 10).sum() / len(requests)
    assert 0.25 < busiest < 0.4  # a tenth of the users; 4 / (4 + 9) of the requests are expected


def test_rates_of_the_world_are_those_of_the_table_of_requests(requests):
    slow = (requests["latency_ms"] > SLOW_MS).mean()
    missed = (np.log(requests["prediction"] / requests["actual"]).abs() > math.log(1.3)).mean()
    assert slow == pytest.approx(SLOW_RATE, abs=0.005)  # 5 standard errors of 0.001
    # Counts are rounded to whole cups, so a little more than the formula says.
    assert missed == pytest.approx(MISS_RATE, abs=0.0125)
    assert requests["error"].mean() == pytest.approx(RATES[0], abs=0.0025)


def test_labels_of_requests_mature_when_the_course_says(requests):
    wait = (requests["label_available_at"] - requests["ts"].dt.normalize()).dt.days
    spans = wait.groupby(requests["channel"]).agg(["min", "max"])
    assert spans.loc["store"].tolist() == [1, 1]
    assert spans.loc["app"].tolist() == [2, 2]
    assert spans.loc["delivery"].tolist() == [7, 10]


def test_a_world_splits_traffic_by_the_share_and_loses_no_label():
    world = World(np.random.default_rng(6), [Health.CALM] * 40)
    days = np.stack([world.morning(np.full(40, 0.25)) for _ in range(40)])
    total = days.sum(axis=(0, 1))
    names = {name: NAMES.index(name) for name in NAMES}
    assert total[..., names["requests"]].sum() == 40 * 40 * DAY_REQUESTS
    candidate = total[1, :, names["requests"]]
    assert candidate.sum() / total[..., names["requests"]].sum() == pytest.approx(0.25, abs=0.003)
    mix = candidate / candidate.sum()
    assert mix == pytest.approx([CHANNEL_SHARE[name] for name in CHANNELS], abs=0.005)
    answered = (days[..., names["requests"]] - days[..., names["errors"]]).sum(axis=(1, 2))
    labels = days[..., names["labels"]].sum(axis=(1, 2))
    # Store labels come the next morning, app's a day later, and so on: each answer has one label.
    assert (labels[1:, 0] == answered[1:, 0]).all()
    assert (labels[1:, 1] == answered[:-1, 1]).all()
    assert labels[:6, 2].sum() == 0
    assert labels[:20, 2].sum() < answered[:20, 2].sum()
    misses = total[..., names["misses"]].sum() / total[..., names["labels"]].sum()
    assert misses == pytest.approx(MISS_RATE, abs=0.003)


@pytest.mark.parametrize("health", SICK)
def test_excess_counts_what_a_sick_candidate_did_beyond_a_healthy_one(health):
    world = World(np.random.default_rng(7), [health] * 10)
    for _ in range(20):
        world.morning(np.full(10, 0.5))
    assert (world.excess > 20).all()


def test_a_healthy_candidate_has_no_excess():
    world = World(np.random.default_rng(8), sorted(HEALTHY))
    for _ in range(20):
        world.morning(np.full(len(HEALTHY), 0.5))
    assert (world.excess == 0).all()


class Mute:
    """A fleet that says something else than states and shares."""

    def __init__(self, answer):
        self.answer = answer

    def look(self, numbers, counts):
        return self.answer


BAD_ANSWERS = [
    (None, "look returned"),
    ([["canary"], [0.05], []], "no pair"),
    (("canary", "0.05"), "for its lists"),
    ((["canary", "canary"], [0.05]), "another number"),
    (([7], [0.05]), "a state is text"),
    ((["paused"], [0.05]), "'paused' is no state"),
    ((["canary"], ["0.05"]), "a share is a number"),
    ((["canary"], [float("nan")]), "from 0 to 1"),
    ((["canary"], [1.5]), "from 0 to 1"),
]


@pytest.mark.parametrize(("answer", "told"), BAD_ANSWERS)
def test_a_fleet_that_answers_nonsense_is_told_so(answer, told):
    with pytest.raises(AssertionError, match=told):
        rehearse(np.random.default_rng(1), lambda _count: Mute(answer), [Health.CALM])


def test_a_rollout_that_never_ends_is_stopped_and_counted_as_such():
    def forever(_count):
        return Mute((["canary"] * 3, [0.05] * 3))

    ending = rehearse(np.random.default_rng(1), forever, [Health.CALM] * 3)
    assert ending.states == ["canary"] * 3
    assert ending.looks == [40] * 3
    assert ending.count("promoted") == ending.count("rolled_back") == 0
