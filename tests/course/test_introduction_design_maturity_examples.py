"""The example programs of introduction, design and maturity: their formulas, and that they say no.

What the pages print is run by test_examples.py; here stands why those numbers are right.
"""

import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scripts.figures.numbers.value import Setting, best_threshold, value
from tests.course.pages import COURSE


@pytest.fixture
def program(monkeypatch):
    """Import an example program by its part and name, and forget it afterwards."""
    before = set(sys.modules)

    def load(part, name):
        monkeypatch.syspath_prepend(str(COURSE / part))
        return importlib.import_module(name)

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield load
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(COURSE)):
            del sys.modules[name]


def test_the_newsvendor_quantile_is_the_cheapest_of_all_orders(program):
    pastries = program("design", "pastries")
    wanted = [day["wanted"] for day in pastries.days()]
    costs = {order: sum(pastries.cost(order, want) for want in wanted) for order in range(1, 120)}
    assert costs[pastries.best_order(wanted)] == min(costs.values())


@pytest.mark.parametrize("quantile", [0.25, 0.5, 0.625, 0.9, 1.0])
def test_an_order_is_the_smallest_that_is_enough_often_enough(program, quantile):
    best_order = program("design", "pastries").best_order
    wanted = [3, 1, 4, 1, 5, 9, 2, 6]
    order = best_order(wanted, quantile)
    enough = [np.mean(np.array(wanted) <= one) for one in (order, order - 1)]
    assert enough[0] >= quantile > enough[1]


def test_the_ways_to_order_learn_from_other_days_than_they_are_judged_on(program):
    pastries = program("design", "pastries")
    learn, judge = pastries.split(pastries.days())
    assert (len(learn), len(judge)) == (728, 364)
    assert learn + judge == pastries.days()


@pytest.mark.parametrize("mean", [2, 5, 20, 64, 200])
def test_the_floor_is_the_mean_distance_of_a_poisson_number_from_its_median(program, mean):
    counts = np.arange(2_000)
    chances = stats.poisson.pmf(counts, mean)
    floor = float((chances * abs(counts - stats.poisson.median(mean))).sum() / mean)
    assert program("design", "requirements_check").best_wape(mean) == pytest.approx(floor)


def test_no_whole_number_beats_the_median_of_a_poisson_number(program):
    counts = np.arange(200)
    chances = stats.poisson.pmf(counts, 5)
    errors = [(chances * abs(counts - guess)).sum() / 5 for guess in range(20)]
    assert program("design", "requirements_check").best_wape(5) == pytest.approx(min(errors))


GOOD = {
    "question": "accuracy",
    "says": "Better than the mean of eight weeks.",
    "measure": "ratio of errors",
    "limit": 0.9,
    "unit": "ratio",
    "better": "lower",
    "proof": "backtest",
    "owner": "data scientist",
    "baseline": "mean",
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"owner": None}, "accuracy: no owner"),
        ({"limit": None, "unit": None}, "accuracy: no limit, unit"),
        ({"baseline": None}, "accuracy: compared with what?"),
        ({"says": "As accurate as possible."}, "'As accurate as possible' in numbers"),
        ({"question": "speed"}, "accuracy: not asked"),
    ],
)
def test_a_requirement_that_nobody_can_judge_is_named(program, change, told):
    check = program("design", "requirements_check")
    full = [{**GOOD, "question": name} for name in check.QUESTIONS]
    assert check.complaints(full) == []
    item = {key: value for key, value in (GOOD | change).items() if value is not None}
    rest = [one for one in full if one["question"] != "accuracy"]
    assert any(told in fault for fault in check.complaints([*rest, item]))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"boss": "A", "maker": "A R"}, "2 decide (boss, maker)"),
        ({"boss": "", "maker": "R"}, "0 decide (nobody)"),
        ({"boss": "A", "maker": "C"}, "nobody does it"),
        ({"boss": "AR", "maker": "I"}, "maker: never asked"),
    ],
)
def test_a_gap_in_a_table_of_roles_is_named(program, row, told):
    found = program("introduction", "raci").complaints(["boss", "maker"], [{"task": "t", **row}])
    assert any(told in fault for fault in found)


def test_a_table_of_roles_without_gaps_is_left_alone(program):
    rows = [{"task": "t", "boss": "A", "maker": "R"}, {"task": "u", "boss": "C", "maker": "AR"}]
    assert program("introduction", "raci").complaints(["boss", "maker"], rows) == []


def test_the_pilot_is_worth_what_it_spares_less_what_it_costs(program):
    worth = program("design", "worth")
    assert sum(worth.OUTCOMES.values()) == pytest.approx(1)
    spared = sum(max(-worth.gain(share), 0) * p for share, p in worth.OUTCOMES.items())
    difference = worth.expected(worth.after_pilot) - worth.expected(worth.gain)
    assert difference == pytest.approx(spared - worth.PILOT, abs=0.11)  # both are rounded


def test_the_choice_of_ideas_fits_and_grows_with_the_weeks(program):
    worth = program("design", "worth")
    values = []
    for weeks in range(31):
        chosen = worth.choose(weeks)
        assert sum(worth.IDEAS[idea][0] for idea in chosen) <= weeks
        values.append(sum(map(worth.worth, chosen)))
    assert values == sorted(values)
    assert len(worth.choose(30)) == len(worth.IDEAS)


def test_a_level_counts_only_with_all_below_it(program):
    levels = program("maturity", "levels")
    steps = {"0": set(), "1": {"a"}, "2": {"b"}}
    assert levels.level(steps, set()) == ("0", ["a"])
    assert levels.level(steps, {"b"}) == ("0", ["a"])
    assert levels.level(steps, {"a", "b"}) == ("2", [])


def test_every_maturity_model_asks_for_practices_that_are_explained(program):
    levels = program("maturity", "levels")
    asked = [need for steps in levels.MODELS.values() for needs in steps.values() for need in needs]
    assert set(asked) == set(levels.PRACTICES)


def test_small_and_large_windows_forecast_what_goes_on_unchanged(program):
    program("introduction", "nightly").test_the_forecast_of_a_quiet_shop()


def test_the_frozen_model_suffers_longer_than_the_retrained_and_the_watched_one(program):
    year = program("introduction", "yearloop")
    bad = [
        sum(error > year.LIMIT for week, error in errors.items() if week >= year.MOVED)
        for errors in (year.frozen(), year.retrained(), year.one_year()[1])
    ]
    assert bad == [22, 4, 1]


def test_with_a_small_margin_profit_asks_for_running_out_often(program, monkeypatch):
    views = program("design", "threeviews")
    monkeypatch.setattr(views, "PRICE", 12_000)
    best = max(range(5, 100, 5), key=lambda percent: views.profit(views.orders(percent / 100)))
    assert best == 25


def test_a_pilot_of_few_days_is_worth_less_and_one_of_many_as_much_as_certainty(program):
    worth = program("design", "worth")
    values = [worth.short_pilot(days) for days in (28, 112, 224, 100_000)]
    assert values == sorted(values)
    assert values[-1] == worth.expected(worth.after_pilot)


def test_the_value_of_a_short_pilot_agrees_with_trials(program):
    worth = program("design", "worth")
    rng = np.random.default_rng(1)
    shares = rng.choice(list(worth.OUTCOMES), p=list(worth.OUTCOMES.values()), size=200_000)
    full, blur = np.mean(worth.SAVED), np.std(worth.SAVED, ddof=1) / np.sqrt(28)
    seen = rng.normal(shares * full, blur)
    likely = [p * stats.norm.pdf(seen, s * full, blur) for s, p in worth.OUTCOMES.items()]
    gains = np.array([worth.gain(share) for share in worth.OUTCOMES])
    build = np.array(likely).T @ gains > 0
    true_gain = worth.YEARS * (shares * worth.EXTRA - worth.RUN) - worth.BUILD
    assert worth.short_pilot(28) == pytest.approx((build * true_gain).mean() - worth.PILOT, abs=0.4)


def test_the_less_accurate_threshold_of_the_page_is_worth_more():
    setting = Setting(threshold=0.99, false_alarm=60, miss=240, base_rate=0.05, skill=0.8)
    never, best = value(setting), value(replace(setting, threshold=best_threshold(setting)))
    assert (never.counts, round(never.worth)) == ((0, 50, 0, 950), 0)
    assert (best.counts, round(best.worth / 1000, 1)) == ((12, 38, 27, 923), 1.2)
