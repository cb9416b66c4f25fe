"""Lab 09 on its own: its texts, its examples, its world. Its rates: test_drift_rates.py."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grader.building import build
from grader.lab import Visibility
from grader.library import Library
from grader.starter import regions
from tests.labs.in_process import lay_out, losses, plain, points

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "solutions"))

from kopi.drift_cases import make_case  # noqa: E402 - solutions/ is no package
from kopi.drifting import (  # noqa: E402
    TWO_YEARS,
    WEEK,
    WEEKS,
    Story,
    as_known,
    make_log,
    trained_until,
)
from kopi.mondays import drift_extract  # noqa: E402
from kopi.pairs import NUMBERS, SHIFT_SD, make_pair  # noqa: E402

LAB = Library(ROOT).load("09-drift")
CHECKS = LAB.lab.checks
REFERENCE = LAB.reference()
EXAMPLES = {example.name: example for example in LAB.examples()}
WRONG = sorted(name for name in EXAMPLES if name.startswith("wrong__"))
RIGHT = sorted(name for name in EXAMPLES if name.startswith("right__"))
INPUTS = ["channel", "weather", "temperature", "discount", "forecast"]


def log_of(story, seed=1, **options):
    return make_log(np.random.default_rng(seed), story, **options)


# ------------------------------------------------------------------ the lab's form


def test_the_checks_are_worth_100_points_and_some_of_them_can_be_seen():
    public = [check for check in CHECKS if check.visibility is Visibility.PUBLIC]
    assert LAB.lab.out_of == 100
    assert sum(check.points for check in public) == 29


def test_every_check_has_a_title_hints_and_a_place_in_the_course():
    for check in CHECKS:
        where, _, anchor = check.learn.partition("#")
        page = (ROOT / "course" / where).read_text("utf-8")
        assert check.title.endswith(".")
        assert 2 <= len(check.hints) <= 3, check.id
        assert f"{{#{anchor}}}" in page, check.id


def test_the_starter_is_what_its_source_makes():
    assert build(LAB, check=True) == []


@pytest.mark.slow
def test_the_reference_earns_everything_under_two_seeds(tmp_path):
    assert losses(LAB.lab, tmp_path, REFERENCE.as_dict(), 1, 2) == [[]] * 2


def test_the_starter_runs_and_earns_nothing(tmp_path):
    (lost,) = losses(LAB.lab, tmp_path, LAB.starter().as_dict(), 1)
    assert points(LAB.lab, lost) == 0


# `grader prove` tries all of them, in boxes.
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in plain(EXAMPLES.values()) if name in WRONG][::20])
def test_a_wrong_example_loses_exactly_what_it_declares(name, tmp_path):
    example = EXAMPLES[name]
    (lost,) = losses(LAB.lab, tmp_path, example.bundle.as_dict(), 11)
    assert lost == sorted(example.expected.loses)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in plain(EXAMPLES.values()) if name in RIGHT][:1])
def test_a_right_example_earns_everything(name, tmp_path):
    assert losses(LAB.lab, tmp_path, EXAMPLES[name].bundle.as_dict(), 11) == [[]]


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
    text = (LAB.source / "drift.py").read_text("utf-8")
    withheld = {line.strip() for region in regions(text, "drift.py") for line in region.withheld}
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
    meant = {task: sum(c.points for c in CHECKS if c.task == task) for task in range(1, 7)}
    assert {int(task): int(worth) for task, worth in shown} == meant


def printed(folder):
    done = subprocess.run(
        [sys.executable, "-B", "drift.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("bundle", [REFERENCE, LAB.starter()], ids=["reference", "starter"])
def test_the_readme_shows_what_reference_and_starter_print(bundle, tmp_path):
    lay_out(LAB.lab, tmp_path, bundle.as_dict())
    assert f"$ python drift.py\n{printed(tmp_path)}```" in readme()


def test_the_examples_in_the_readme_give_what_stands_there(tmp_path):
    lay_out(LAB.lab, tmp_path, REFERENCE.as_dict())
    # A closing fence right below an answer would be read as part of it.
    (tmp_path / "README.md").write_text(readme().replace("```", ""), encoding="utf-8")
    script = (
        "import doctest, sys; sys.path.insert(0, '.');"
        "failed, tried = doctest.testfile('README.md', module_relative=False);"
        "sys.exit(1 if failed or tried < 10 else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_plain_pytest_in_the_students_folder_runs_the_public_checks(tmp_path):
    for path in ("lab.toml", "conftest.py", "test_public.py"):
        shutil.copy(LAB.public / path, tmp_path)
    (tmp_path / "drift.py").write_bytes(REFERENCE.as_dict()["drift.py"])
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout


# ------------------------------------------------------------------ the world


def test_a_log_has_the_weeks_that_are_asked_for_and_the_model_learnt_from_all_but_27():
    for weeks in (WEEKS, TWO_YEARS):
        log = log_of(Story.QUIET, weeks=weeks)
        days = (log["date"].max() - log["date"].min()).days + 1
        assert days == weeks * WEEK
        assert (log["date"].max() - trained_until(log)).days == 27 * WEEK


@pytest.mark.parametrize("story", Story)
def test_a_story_changes_the_last_week_and_nothing_before_it(story):
    quiet, told = log_of(Story.QUIET), log_of(story)
    first = quiet["date"].max() - pd.Timedelta(days=WEEK - 1)
    pd.testing.assert_frame_equal(quiet[quiet["date"] < first], told[told["date"] < first])
    assert quiet.equals(told) == (story is Story.QUIET)


def test_a_habit_leaves_every_input_and_every_forecast_as_it_was():
    quiet, habit = log_of(Story.QUIET), log_of(Story.HABIT)
    pd.testing.assert_frame_equal(quiet[INPUTS], habit[INPUTS])
    changed = quiet["units"] != habit["units"]
    assert set(quiet.loc[changed, "channel"]) == {"delivery"}


def test_closed_counters_change_no_row_that_is_left():
    quiet, mix = log_of(Story.QUIET), log_of(Story.MIX)
    both = mix.merge(quiet, how="left", indicator=True)
    assert (both["_merge"] == "both").all()
    gone = quiet.merge(mix, how="left", indicator=True).query("_merge == 'left_only'")
    assert set(gone["channel"]) == {"store"}


def test_errors_on_learnt_rows_are_too_small():
    log = log_of(Story.QUIET, seed=2)
    size = (log["forecast"] - log["units"]).abs() / log["units"]
    learnt = log["date"] <= trained_until(log)
    assert size[learnt].mean() < 0.6 * size[~learnt].mean()


def test_labels_that_have_not_come_are_missing():
    log = log_of(Story.QUIET)
    known = as_known(log, log["date"].max() + pd.Timedelta(days=3))
    last = known["date"] > known["date"].max() - pd.Timedelta(days=WEEK)
    share = known["units"].isna().groupby(known["channel"]).mean()
    assert share["store"] == share["app"] == 0
    assert known.loc[last & (known["channel"] == "delivery"), "units"].isna().mean() > 0.5
    later = as_known(log, log["date"].max() + pd.Timedelta(days=10))
    assert later["units"].notna().all()


def test_a_case_is_a_log_in_no_order_with_some_labels_lost():
    case = make_case(np.random.default_rng(4), Story.QUIET)
    assert not case.log["date"].is_monotonic_increasing
    assert 0 < case.log["units"].isna().mean() < 0.03
    assert len(case.windows) == 27
    assert (case.learnt["date"] <= case.trained_until).all()
    assert {(part["date"].max() - part["date"].min()).days for part in case.windows} == {6}


def test_the_four_mondays_of_students_have_the_same_past():
    files = drift_extract(7)
    assert sorted(files) == [
        "campaign.csv",
        "counters.csv",
        "habit.csv",
        "history.csv",
        "quiet.csv",
    ]
    assert sum(map(len, files.values())) < 300_000
    assert "label_available_at" not in files["history.csv"]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_moved_column_moves_by_the_declared_size(name):
    rng = np.random.default_rng(5)
    quiet, moved = make_pair(rng, name, rows=40_000)
    size = (moved[name].mean() - quiet[name].mean()) / quiet[name].std()
    assert size == pytest.approx(SHIFT_SD, abs=0.06)
