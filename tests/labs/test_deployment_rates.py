"""Lab 08: each rate that its texts and its checks rely on, by simulation.

The simulations are small and seeded; larger ones are quoted in the lab's DESIGN.md.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, binomtest, fisher_exact, poisson

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "solutions" / "08-deployment-strategies"
sys.path.insert(0, str(ROOT / "solutions"))

from kopi.rehearsals import rehearse  # noqa: E402 - solutions/ is no package
from kopi.rollouts import HEALTHY, Health  # noqa: E402

SICK = [one for one in Health if one not in HEALTHY]


def load(path, name="rollout_of_the_reference"):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rollout():
    return load(LAB / "source" / "rollout.py")


def of_example(name):
    return load(LAB / "submissions" / name / "rollout.py", name)


def led(module, health, count, seed):
    return rehearse(np.random.default_rng(seed), module.Fleet, [health] * count)




def test_the_given_p_value_is_fishers_exact_test(rollout):
    rng = np.random.default_rng(9)
    for _ in range(200):
        total, base_total = (int(size) for size in rng.integers(1, 3_000, size=2))
        bad = int(rng.binomial(total, 0.03))
        base_bad = int(rng.binomial(base_total, 0.02))
        seen = rollout.p_value(bad, total, base_bad, base_total)
        table = [[bad, total - bad], [base_bad, base_total - base_bad]]
        meant = fisher_exact(table, alternative="greater").pvalue
        # Where the candidate is not worse, 1.0 is returned at once; the exact value is near or
        # above one half there.
        if bad * base_total <= base_bad * total:
            assert seen == 1.0
            assert meant > 0.3
        else:
            assert seen == pytest.approx(meant, rel=1e-6, abs=1e-15)


def test_the_given_upper_bound_covers_the_true_difference_in_95_of_100_cases(rollout):
    rng = np.random.default_rng(10)
    for rate, count in ((0.005, 900), (0.022, 900), (0.145, 500)):
        pairs = rng.binomial(count, rate, size=(4_000, 2))
        below = [rollout.upper_bound(one, count, other, count) > 0 for one, other in pairs.tolist()]
        # Conservative for rare errors; 5 standard errors of a share of 4,000 are 0.017.
        assert np.mean(below) > 0.95 - 0.017, (rate, np.mean(below))


BOUNDS = [
    ("healthy", binom.sf(17, 120, 0.05)),
    ("sick", binom.cdf(29, 40, 0.95)),
    ("calm", binom.sf(10, 30, 0.05)),
    ("share 0.004 of 20,000", poisson.cdf(35, 80) + poisson.sf(124, 80)),
    ("five standard errors", math.erfc(5 / math.sqrt(2))),
]


@pytest.mark.parametrize(("what", "chance"), BOUNDS)
def test_who_does_exactly_what_is_allowed_fails_a_bound_in_less_than_one_of_10000_runs(
    what, chance
):
    assert chance < 5e-5, what


def test_all_bounds_of_a_run_together_fail_such_a_solution_in_less_than_one_of_10000_runs():
    chances = dict(BOUNDS)
    shares = 6 * chances["share 0.004 of 20,000"] + 8 * chances["five standard errors"]
    assert chances["healthy"] + 5 * chances["sick"] + chances["calm"] + shares < 1e-4


SURE = 0.998
"""Level of the two-sided interval of C. J. Clopper and E. S. Pearson, Biometrika 26 (1934)."""


def bounds(count, rounds):
    """Return between which shares the true one lies, given so many of so many."""
    found = binomtest(count, rounds).proportion_ci(SURE, "exact")
    return found.low, found.high


@pytest.mark.parametrize("health", HEALTHY)
def test_at_most_5_percent_of_rollouts_of_a_healthy_candidate_are_rolled_back(rollout, health):
    # Whole rollouts count: over all looks, steps, channels and metrics.
    back = led(rollout, health, 400, 21).count("rolled_back")
    assert bounds(back, 400)[1] < 0.05, back


# The nearer the rate is to 95 %, the more rollouts it takes to be sure of it (DESIGN.md).
@pytest.mark.parametrize(
    ("health", "rounds"),
    [(one, {Health.CHANNEL: 1_000, Health.LATE: 1_500}.get(one, 200)) for one in SICK],
)
def test_sick_candidates_are_rolled_back_with_at_most_40_excess_errors_in_95_percent(
    rollout, health, rounds
):
    ending = led(rollout, health, rounds, 22)
    assert ending.count("rolled_back") == rounds
    in_time = ending.count("rolled_back", 40)
    assert bounds(in_time, rounds)[0] > 0.95, in_time


def test_a_level_of_5_percent_for_each_comparison_rolls_back_nearly_every_healthy_candidate():
    wrong = of_example("wrong__controller_looks_cost_nothing")
    assert led(wrong, Health.CALM, 60, 23).count("rolled_back") >= 54


def test_a_sum_over_steps_takes_a_bad_day_for_a_sick_candidate(rollout):
    wrong = of_example("wrong__controller_totals_of_all_steps")
    seen = [led(one, Health.BAD_DAY, 60, 24).count("rolled_back") for one in (wrong, rollout)]
    assert seen[0] >= 36
    assert seen[1] <= 6


def test_a_total_alone_sees_late_sickness_too_late_and_a_day_alone_sees_small_sickness_too_late():
    total = of_example("wrong__controller_total_only")
    today = of_example("wrong__controller_today_only")
    assert led(total, Health.LATE, 60, 25).count("rolled_back", 40) <= 36
    assert led(today, Health.CHANNEL, 60, 26).count("rolled_back", 40) <= 30
