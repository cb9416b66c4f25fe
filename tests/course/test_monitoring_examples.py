"""The example programs of the part on monitoring, and those of the instructors' pages.

What the pages print is run by test_examples.py; here stands why it is right.
"""

import importlib
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, ks_2samp, norm

from tests.course.pages import COURSE

FOLDERS = [COURSE / "monitoring", COURSE / "instructors"]


@pytest.fixture
def program(monkeypatch):
    """Import an example program by its name, and forget it afterwards."""
    before = set(sys.modules)
    for folder in FOLDERS:
        monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        place = str(getattr(sys.modules[name], "__file__", ""))
        if place.startswith(tuple(map(str, FOLDERS))):
            del sys.modules[name]


# ------------------------------------------------------------------------------- the invented shops


def test_the_same_seed_makes_the_same_sales_and_another_seed_others(program):
    make_sales = program("shops").make_sales
    assert make_sales(1, 20).equals(make_sales(1, 20))
    assert not make_sales(1, 20).equals(make_sales(2, 20))


def test_a_new_habit_leaves_every_input_alone_and_every_row_before_it(program):
    make_sales = program("shops").make_sales
    usual, changed = make_sales(1, 60), make_sales(1, 60, at=30, habit=0.4)
    assert usual.drop(columns="units").equals(changed.drop(columns="units"))
    differs = usual["units"] != changed["units"]
    days = (usual["date"] - usual["date"].min()).dt.days
    assert set(usual.loc[differs, "channel"]) == {"delivery"}
    assert days[differs].min() >= 30


def test_closed_counters_take_store_rows_away_and_change_no_other_row(program):
    make_sales = program("shops").make_sales
    usual, closed = make_sales(1, 60), make_sales(1, 60, at=30, closed=0.4)
    key = ["date", "outlet", "channel"]
    kept = closed[key].merge(usual, on=key)
    assert kept["units"].tolist() == closed["units"].tolist()
    assert (usual["channel"] == "store").sum() - (closed["channel"] == "store").sum() == len(
        usual
    ) - len(closed)
    assert len(closed) < len(usual)


def test_a_campaign_does_to_sales_what_a_discount_always_does(program):
    make_sales = program("shops").make_sales
    usual, offered = make_sales(1, 40), make_sales(1, 40, campaign=0.5)
    plain = usual["discount"] == 0
    ratio = offered.loc[plain, "units"].sum() / usual.loc[plain, "units"].sum()
    assert ratio == pytest.approx(np.exp(1.5 * 0.5), rel=0.01)


# ------------------------------------------------------------------------------- watching


def test_a_missing_value_is_counted_and_does_not_spoil_the_other_numbers(program):
    told = program("watch").describe(pd.Series([1.0, 3.0, None]))
    assert (told["rows"], told["missing"], told["mean"], told["values"]) == (3, 1, 2.0, 2)


def test_labels_that_have_not_come_are_neither_right_nor_wrong(program):
    watch = program("watch")
    rows = pd.DataFrame(
        {
            "date": pd.to_datetime(["2025-11-03", "2025-11-04"]),
            "known_on": pd.to_datetime(["2025-11-04", "2025-11-12"]),
            "units": [10, 10],
            "forecast": [9.0, 0.0],
        }
    )
    assert watch.weekly_error(rows, pd.Timestamp("2025-11-10")) == {"03 Nov": (0.1, 0.5)}
    assert watch.weekly_error(rows, pd.Timestamp("2025-11-12")) == {"03 Nov": (0.55, 1.0)}
    assert watch.weekly_error(rows, pd.Timestamp("2025-11-03")) == {}


# ------------------------------------------------------------------------------- data drift


def test_psi_is_zero_for_equal_shares_the_same_both_ways_and_finite_for_an_empty_bin(program):
    psi = program("compare").psi
    assert psi([5, 10], [5, 10]) == pytest.approx(0)
    assert psi([5, 10], [9, 6]) == pytest.approx(psi([9, 6], [5, 10]))
    assert 0 < psi([0, 10], [5, 5]) < 5


def test_a_psi_worked_out_by_hand(program):
    # With half a row added to each bin, the shares are 1.5/4 and 2.5/4, and the other way round.
    by_hand = 2 * (1 / 4) * np.log(2.5 / 1.5)
    assert program("compare").psi([1, 2], [2, 1]) == pytest.approx(by_hand)


@pytest.mark.parametrize("rows", [100, 500])
def test_psi_by_chance_is_about_a_multiple_of_chi_square(program, rows):
    drawn = np.quantile(program("compare").chance_psi(rows), 0.95)
    assert drawn == pytest.approx(2 / rows * chi2.ppf(0.95, 9), rel=0.06)


def test_a_shift_of_0_4_has_a_psi_of_0_15_in_a_very_large_sample(program):
    cuts = norm.ppf(np.arange(0, 11) / 10)
    now = np.diff(norm.cdf(cuts - 0.4)) * 1e9
    assert program("compare").psi([1e8] * 10, now) == pytest.approx(0.153, abs=0.001)


def test_our_ks_distance_is_that_of_scipy(program):
    one, two = np.random.default_rng(7).normal(size=(2, 60))
    assert program("false_alarms").distance(one, two) == pytest.approx(ks_2samp(one, two).statistic)


def test_a_row_wise_test_keeps_its_promise_where_rows_are_independent_only(program):
    false_alarms = program("false_alarms").false_alarms
    assert false_alarms(runs=200, common=0.0)["by_rows"] < 0.12
    assert false_alarms(runs=100, common=0.6)["by_rows"] > 0.7


# ------------------------------------------------------------------------------- concept drift


def test_the_campaign_is_in_half_of_the_outlets_and_outside_of_what_was_learnt(program):
    errors = program("errors")
    learnt, quiet, now = errors.three_parts(errors.campaign())
    new = now[now["discount"] > learnt["discount"].max()]
    assert set(new["outlet"]) == {"K05", "K06", "K07", "K08"}
    assert len(new) * 2 == len(now)
    assert quiet["discount"].max() <= learnt["discount"].max()


# ------------------------------------------------------------------------------- responding


def test_the_answers_help_where_the_page_says_so_and_harm_where_it_says_so(program):
    table = program("respond").outcomes(worlds=3)
    near = 0.02
    assert table.loc["new delivery habit", "retrain"] < table.loc["new delivery habit", "nothing"]
    assert table.loc["new delivery habit", "roll_back"] == pytest.approx(
        table.loc["new delivery habit", "nothing"]
    )
    assert table.loc["bad release", "retrain"] > table.loc["bad release", "roll_back"] + near
    assert table.loc["wrong labels", "retrain"] > table.loc["wrong labels", "nothing"] + near
    assert table.loc["wrong labels", "relabel"] == pytest.approx(
        table.loc["wrong labels", "nothing"], abs=near
    )


def test_nothing_is_learnt_from_labels_that_have_not_come(program):
    respond = program("respond")
    rows = respond.situation("nothing happened", 0).rows
    known = respond.known(rows, 5)
    assert known["known_on"].max() <= respond.TODAY
    assert known["date"].min() > respond.TODAY - pd.Timedelta(weeks=5)


# ------------------------------------------------------------------------------- instructors' pages


def test_capacity_is_work_divided_by_cores(program):
    capacity = program("capacity")
    assert capacity.minutes_for(120, 2, 2) == pytest.approx(2)
    assert capacity.queue(people=10, last_minutes=10, core_seconds=1, cores=1) == 0
    assert capacity.cores_for_checks(people=45, check_seconds=4, minutes_between=3) == 1


def test_a_gain_and_a_sign_test_worked_out_by_hand(program):
    quiz = program("quiz_gain")
    assert quiz.gain(before=5, after=10, people=10) == 1.0
    assert quiz.surely(became_right=3, became_wrong=0) == 0.125
    assert quiz.surely(became_right=0, became_wrong=0) == 1.0
