"""Lab 09 on its own: its texts, its examples, its world, and each rate that it states.

The simulations are small and seeded; larger ones are quoted in the lab's DESIGN.md.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, ks_2samp, norm

from grader.building import build
from grader.lab import Visibility
from grader.library import Library
from grader.starter import regions
from tests.labs.in_process import lay_out, losses, points

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "solutions"))

from kopi.drift_cases import make_case  # noqa: E402 - solutions/ is no package
from kopi.drifting import (  # noqa: E402
    TWO_YEARS,
    WEEK,
    WEEKS,
    Story,
    as_known,
    drift_extract,
    make_log,
    trained_until,
)
from kopi.pairs import NUMBERS, SHIFT_SD, draw_column, make_pair  # noqa: E402

LAB = Library(ROOT).load("09-drift")
CHECKS = LAB.lab.checks
REFERENCE = LAB.reference()
EXAMPLES = {example.name: example for example in LAB.examples()}
WRONG = sorted(name for name in EXAMPLES if name.startswith("wrong__"))
RIGHT = sorted(name for name in EXAMPLES if name.startswith("right__"))
INPUTS = ["channel", "weather", "temperature", "discount", "forecast"]


@pytest.fixture(scope="module")
def drift():
    spec = importlib.util.spec_from_file_location("drift_reference", LAB.source / "drift.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
@pytest.mark.parametrize("name", WRONG[::20])
def test_a_wrong_example_loses_exactly_what_it_declares(name, tmp_path):
    example = EXAMPLES[name]
    (lost,) = losses(LAB.lab, tmp_path, example.bundle.as_dict(), 11)
    assert lost == sorted(example.expected.loses)


@pytest.mark.slow
@pytest.mark.parametrize("name", RIGHT[:1])
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


# ------------------------------------------------------------------ the statistics


@pytest.mark.parametrize(("n", "m", "bins"), [(100, 100, 10), (500, 500, 10), (84, 1_000, 3)])
def test_95_percent_of_quiet_psis_are_below_the_limit(drift, n, m, bins):
    rng = np.random.default_rng(6)
    shares = np.full(bins, 1 / bins)
    q = (rng.multinomial(n, shares, size=20_000) + 0.5) / (n + bins / 2)
    p = (rng.multinomial(m, shares, size=20_000) + 0.5) / (m + bins / 2)
    psis = ((q - p) * np.log(q / p)).sum(axis=1)
    assert 0.93 <= (psis < drift.psi_limit(n, m, bins)).mean() <= 0.975


@pytest.mark.parametrize(("rows", "limit"), [(100, 0.35), (500, 0.065)])
def test_a_quiet_psi_of_ten_bins_may_be_as_large_as_the_course_says(drift, rows, limit):
    rng = np.random.default_rng(12)
    counts = rng.multinomial(rows, [0.1] * 10, size=(2, 20_000)) + 0.5
    p, q = counts / counts.sum(axis=2, keepdims=True)
    psis = ((q - p) * np.log(q / p)).sum(axis=1)
    # "Near": the quantile of a sample of 20,000 is exact to about one per cent.
    assert np.quantile(psis, 0.95) == pytest.approx(limit, rel=0.06)
    assert drift.psi_limit(rows, rows) == pytest.approx(limit, rel=0.06)


def test_a_shift_that_must_be_found_has_a_psi_below_the_usual_alarm_of_0_2():
    cuts = norm.ppf(np.arange(1, 10) / 10)
    now = np.diff(norm.cdf(cuts - SHIFT_SD), prepend=0, append=1)
    psi = ((now - 0.1) * np.log(now / 0.1)).sum()
    assert psi == pytest.approx(0.153, abs=0.001)


@pytest.mark.parametrize(("shift", "power"), [(0.4, 1.00), (0.3, 0.89)])
def test_ks_with_bonferroni_over_8_columns_finds_a_shift_at_the_stated_rate(shift, power):
    rng = np.random.default_rng(13)
    pairs = rng.normal(size=(1_000, 2, 500))
    found = [ks_2samp(a, b + shift, method="asymp").pvalue < 0.05 / 8 for a, b in pairs]
    # 1,000 draws: a standard error of 0.01 at 0.89.
    assert np.mean(found) == pytest.approx(power, abs=0.03)


def test_of_200_quiet_pairs_at_most_20_alarm_and_of_200_moved_ones_at_least_182_are_found(drift):
    """Independent rows, eight columns, moves of 0.4 SD: the budget of the lab's design.

    A rule with its 5 % exceeds 20 of 200 in 0.05 % of runs; one with a power of 0.98 stays below
    182 in 4e-8.
    """
    assert binom.sf(20, 200, 0.05) < 6e-4
    assert binom.cdf(181, 200, 0.98) < 1e-7
    rng = np.random.default_rng(14)
    quiet = drift.drifted_columns([make_pair(rng) for _ in range(200)])
    assert sum(bool(columns) for columns in quiet) <= 20
    moved = [draw_column(rng) for _ in range(200)]
    found = drift.drifted_columns([make_pair(rng, name) for name in moved])
    assert sum(name in said for name, said in zip(moved, found, strict=True)) >= 182


@pytest.mark.slow
def test_of_200_quiet_logs_at_most_20_alarm_by_inputs_or_by_errors(drift):
    """Rows of a day hang together; by exchangeability one log in 27 alarms for each question.

    Exceeding 20 of 200 has a probability of 2e-5 then.
    """
    assert binom.sf(20, 200, 1 / 27) < 2e-5
    rng = np.random.default_rng(15)
    inputs = errors = 0
    for _ in range(200):
        case = make_case(rng, Story.QUIET)
        inputs += bool(drift.data_drift(case.windows, [case.learnt] * len(case.windows)))
        errors += bool(drift.unusual(drift.error_table(case.windows, case.learnt)))
    assert inputs <= 20
    assert errors <= 20


def test_column_tests_keep_their_level_and_find_moves(drift):
    rng = np.random.default_rng(7)
    quiet = [drift.column_tests(*make_pair(rng)) for _ in range(120)]
    alarms = sum(any(said["drift"] for said in tests.values()) for tests in quiet)
    naive = sum(any(said["p"] < 0.05 for said in tests.values()) for tests in quiet)
    # 5 % of 120 are 6, five standard errors more are 18; without a correction 34 % alarm.
    assert alarms <= 17
    assert 24 <= naive <= 58
    for name in (*NUMBERS, "channel"):
        found = [drift.column_tests(*make_pair(rng, name))[name]["drift"] for _ in range(15)]
        assert sum(found) >= 12, name


def test_a_rank_alarms_once_in_27_however_days_hang_together(drift):
    rng = np.random.default_rng(8)
    shocks = rng.normal(size=(3_000, 27, 3))
    tables = np.exp(shocks + 2 * rng.normal(size=(3_000, 27, 1)))  # columns that rise together
    alarms = sum(bool(drift.unusual(pd.DataFrame(table))) for table in tables[:1_000])
    # 37 expected, standard error 6.
    assert 10 <= alarms <= 67


def test_row_tests_alarm_in_most_quiet_weeks(drift):
    alarms = 0
    for seed in range(12):
        case = make_case(np.random.default_rng(100 + seed), Story.QUIET)
        tests = drift.column_tests(case.learnt[drift.INPUTS], case.windows[-1][drift.INPUTS])
        alarms += any(said["drift"] for said in tests.values())
    assert alarms >= 8


STORIES = [
    (Story.QUIET, False, "none"),
    (Story.MIX, True, "data"),
    (Story.HABIT, False, "concept"),
    (Story.BOTH, False, "both"),
    (Story.CAMPAIGN, False, "unknown"),
    (Story.MONSOON, True, "data-expected"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("story", "two_years", "verdict"), STORIES)
def test_the_reference_tells_the_stories_apart(drift, story, two_years, verdict):
    rng = np.random.default_rng(9)
    cases = [make_case(rng, story, two_years=two_years) for _ in range(12)]
    told = [said["verdict"] for said in drift.diagnose_all([case.arguments for case in cases])]
    assert told.count(verdict) >= 8, told


BOUNDS = {
    "column_tests_quiet": binom.sf(14, 80, 0.05),
    "column_tests_found": binom.cdf(32, 40, 0.98),
    "data_drift_quiet": binom.sf(5, 16, 1 / 27),
    "data_drift_small": binom.sf(4, 8, 0.05),
    "concept_quiet": binom.sf(6, 18, 0.05),
    "diagnose_none": binom.cdf(2, 8, 0.93),
    "diagnose_data": binom.cdf(1, 7, 0.92) + 0.08**5,
    "diagnose_season": binom.cdf(1, 7, 0.87),
    "diagnose_concept": binom.cdf(1, 6, 0.95),
    "diagnose_both": binom.cdf(1, 6, 0.95),
}


@pytest.mark.parametrize("check", BOUNDS)
def test_a_solution_that_keeps_the_promises_fails_no_bound(check):
    assert BOUNDS[check] < 5e-5


def test_all_bounds_of_a_run_together_fail_in_less_than_one_of_10000_runs():
    assert sum(BOUNDS.values()) < 1e-4
