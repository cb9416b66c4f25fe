"""Lab 09: each rate that its texts and its checks rely on, by simulation.

The simulations are small and seeded; larger ones are quoted in the lab's DESIGN.md.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, ks_2samp, norm

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "solutions" / "09-drift" / "source"
sys.path.insert(0, str(ROOT / "solutions"))

from kopi.drift_cases import make_case  # noqa: E402 - solutions/ is no package
from kopi.drifting import Story  # noqa: E402
from kopi.pairs import NUMBERS, SHIFT_SD, draw_column, make_pair  # noqa: E402


@pytest.fixture(scope="module")
def drift():
    spec = importlib.util.spec_from_file_location("drift_reference", SOURCE / "drift.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module



@pytest.mark.parametrize(("n", "m", "bins"), [(100, 100, 10), (500, 500, 10), (84, 1_000, 3)])
def test_95_percent_of_quiet_psis_are_below_the_limit(drift, n, m, bins):
    rng = np.random.default_rng(6)
    shares = np.full(bins, 1 / bins)
    q = (rng.multinomial(n, shares, size=20_000) + 0.5) / (n + bins / 2)
    p = (rng.multinomial(m, shares, size=20_000) + 0.5) / (m + bins / 2)
    psis = ((q - p) * np.log(q / p)).sum(axis=1)
    assert 0.93 <= (psis < drift.psi_limit(n, m, bins)).mean() <= 0.975


@pytest.mark.parametrize(("rows", "limit"), [(100, 0.325), (500, 0.067)])
def test_a_quiet_psi_of_ten_bins_may_be_as_large_as_the_limit_says(drift, rows, limit):
    rng = np.random.default_rng(12)
    counts = rng.multinomial(rows, [0.1] * 10, size=(2, 20_000)) + 0.5
    p, q = counts / counts.sum(axis=2, keepdims=True)
    psis = ((q - p) * np.log(q / p)).sum(axis=1)
    # A quantile of 20,000 is exact to about one per cent; half a row in each bin makes the PSI
    # of 100 rows four per cent smaller than the formula says.
    assert np.quantile(psis, 0.95) == pytest.approx(limit, rel=0.03)
    assert drift.psi_limit(rows, rows) == pytest.approx(limit, rel=0.06)


def test_a_shift_that_must_be_found_has_a_psi_below_the_usual_alarm_of_0_2():
    cuts = norm.ppf(np.arange(1, 10) / 10)
    now = np.diff(norm.cdf(cuts - SHIFT_SD), prepend=0, append=1)
    psi = ((now - 0.1) * np.log(now / 0.1)).sum()
    assert psi == pytest.approx(0.153, abs=0.001)


@pytest.mark.parametrize(("shift", "power"), [(0.4, 1.00), (0.3, 0.92)])
def test_ks_with_bonferroni_over_8_columns_finds_a_shift_at_the_stated_rate(shift, power):
    rng = np.random.default_rng(13)
    pairs = rng.normal(size=(1_000, 2, 500))
    found = [ks_2samp(a, b + shift, method="asymp").pvalue < 0.05 / 8 for a, b in pairs]
    # 1,000 draws: a standard error of 0.009 at 0.92.
    assert np.mean(found) == pytest.approx(power, abs=0.027)


def test_of_200_quiet_pairs_at_most_20_alarm_and_of_200_moved_ones_at_least_182_are_found(drift):
    """Independent rows, eight columns, moves of 0.4 SD: the budget of the lab's design.

    A rule with its 5 % exceeds 20 of 200 in 0.12 % of runs; one with a power of 0.98 stays below
    182 in less than 1e-7.
    """
    assert binom.sf(20, 200, 0.05) < 0.0012
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
    assert binom.sf(20, 200, 1 / 27) < 3e-5
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
