"""The example programs of the part on development: their rules, and that they say no.

What the pages print is run by test_examples.py; here stands why it is right.
"""

import importlib
import itertools
import json
import sys
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.course.pages import COURSE

FOLDER = COURSE / "development"


@pytest.fixture
def program(monkeypatch):
    """Import an example program by its name, and forget it afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(FOLDER)):
            del sys.modules[name]


@pytest.fixture
def sales(program):
    return program("shop_sales").make_sales(days=120)


def test_the_same_seed_makes_the_same_sales_and_another_seed_others(program, sales):
    make_sales = program("shop_sales").make_sales
    assert make_sales(days=120).equals(sales)
    assert not make_sales(days=120, seed=8).equals(sales)


def test_the_table_of_sales_has_the_columns_that_the_page_lists(program, sales):
    assert list(sales.columns) == list(program("shop_sales").COLUMNS)
    assert (sales["revenue"] == sales["price"] * sales["units"]).all()
    assert len(sales) == 120 * 8 * 3


def test_deliveries_are_final_after_seven_to_ten_days(sales):
    days = (sales["known_at"] - sales["date"]).dt.days.groupby(sales["channel"]).agg(["min", "max"])
    assert days.loc["delivery"].tolist() == [7, 10]
    assert days.loc["store"].tolist() == [1, 1]


@pytest.mark.parametrize("last_day", ["2024-03-20", "2024-04-01", "2024-04-20"])
def test_features_are_known_on_the_evening_before(program, sales, last_day):
    add_features = program("sales_features").add_features
    tomorrow = sales["date"] == pd.Timestamp(last_day) + pd.Timedelta(days=1)
    blind = sales.assign(units=sales["units"].where(sales["known_at"] <= last_day, -1))
    assert add_features(blind)[tomorrow].equals(add_features(sales)[tomorrow])


def test_a_model_trains_on_nothing_that_was_not_known_at_the_start(program, sales):
    train, judge = program("forecasting").by_time(sales, "2024-03-01", "2024-04-01")
    assert (sales["known_at"][train] < "2024-03-01").all()
    assert sales["date"][judge].min() == pd.Timestamp("2024-03-01")
    assert sales["date"][judge].max() == pd.Timestamp("2024-03-31")


def test_a_random_split_takes_its_share_and_no_row_twice(program, sales):
    train, judge = program("forecasting").at_random(sales, "2024-04-01")
    assert not (train & judge).any()
    assert (train | judge).equals(sales["date"] < "2024-04-01")
    assert judge.sum() / (train | judge).sum() == pytest.approx(0.2, abs=0.03)


def test_wape_is_wrong_units_by_units_sold(program):
    wape = program("forecasting").wape
    assert wape(np.array([100, 0]), np.array([90, 5])) == 0.15


def test_selecting_before_the_split_finds_gold_in_noise_and_selecting_inside_does_not(program):
    work = program("choosing_features")
    draws = [work.noise(seed) for seed in range(3)]
    assert np.mean([work.selected_before(*draw) for draw in draws]) > 0.7
    assert np.mean([work.selected_within(*draw) for draw in draws]) == pytest.approx(0.5, abs=0.12)


def test_the_paired_rule_is_the_one_sided_paired_t_test(program):
    rules = program("champion_rules")
    days = rules.make_days(np.random.default_rng(1), 400, 28, [0, 0.02])
    meant = stats.ttest_rel(days[:, 0], days[:, 1], axis=1, alternative="greater").pvalue < 0.05
    assert (rules.paired_rule(days[:, 0], days[:, 1]) == meant).all()
    assert 0 < meant.sum() < 400


def test_simulated_days_have_the_spread_that_they_are_said_to_have(program):
    rules = program("champion_rules")
    for memory in (0.0, 0.3):
        days = rules.make_days(np.random.default_rng(2), 4000, 20, [0, 0.1], memory)
        gap = days[:, 0] - days[:, 1]
        assert gap.std() == pytest.approx(rules.OWN_SD * np.sqrt(2), rel=0.02)
        assert gap.mean() == pytest.approx(0.1 * rules.ERROR, rel=0.03)
        kept = np.corrcoef((gap[:, 1:] - gap.mean()).ravel(), (gap[:, :-1] - gap.mean()).ravel())
        assert kept[0, 1] == pytest.approx(memory, abs=0.02)


@pytest.mark.parametrize("tried", [1, 6])
def test_only_fresh_days_do_not_care_how_many_were_tried(program, tried):
    shares = program("champion_rules").promotions([0.0] * (tried + 1), rounds=10_000)
    assert shares["paired, fresh days"] == pytest.approx(0.05, abs=0.01)
    assert shares["margin of 1 %"] > 0.3
    assert (shares["paired, same days"] > 0.15) is (tried == 6)


def test_more_looks_are_more_false_alarms(program):
    peeked = program("champion_rules").peeked
    assert peeked(first=28, rounds=4000) == pytest.approx(0.05, abs=0.015)
    assert peeked(first=7, rounds=4000) > 0.12


@pytest.mark.parametrize("minutes", [0, 15, 60, 180, 600])
def test_no_receipt_is_lost_however_patient_one_is(program, minutes):
    arrivals = program("arrivals")
    receipts = arrivals.read("morning")
    cups, late = arrivals.by_hour_sold(receipts, timedelta(minutes=minutes))
    sold = {one["receipt"]: one["cups"] for one in receipts}
    assert sum(cups.values()) + sum(sold[name] for name in late) == sum(sold.values())


def test_replacing_a_day_twice_changes_nothing_and_leaves_other_days_alone(program):
    replace = program("arrivals").replace
    once = replace([{"day": "Sunday", "cups": 3}], "Monday", [{"cups": 5}])
    assert replace(once, "Monday", [{"cups": 5}]) == once
    assert {"day": "Sunday", "cups": 3} in once


def test_a_contract_breaks_by_each_thing_that_is_taken_away(program):
    arrivals = program("arrivals")
    old = arrivals.CONTRACT
    assert arrivals.breaks(old, old) == []

    def changed(edit):
        new = json.loads(json.dumps(old))
        edit(new)
        return arrivals.breaks(old, new)

    assert changed(lambda new: new.update(due_hours=1)) == []
    assert changed(lambda new: new["columns"].pop("note")) == ["note is gone"]
    assert changed(lambda new: new.update(key=["outlet"])) == ["the key is another one"]
    assert changed(lambda new: new["columns"]["cups"].update(unit="dozen")) == [
        "cups: unit was cup, is dozen"
    ]


def test_a_point_in_time_join_gives_nothing_that_was_not_known(program, sales):
    views = program("feature_views")
    table = views.WEEKLY.compute(sales)
    rows = sales[["date", *views.SERIES]].assign(asked_at=sales["date"] - pd.Timedelta(days=1))
    found = views.historical(views.WEEKLY, rows, table)
    for at in rows.index[::97]:
        row = rows.loc[at]
        mine = table[(table["outlet"] == row["outlet"]) & (table["channel"] == row["channel"])]
        age = (row["asked_at"] - mine["known_at"]).dt.days
        known = mine[(age >= 0) & (age <= 28)].sort_values("known_at", kind="stable")
        meant = known["week_mean"].iloc[-1] if len(known) else np.nan
        assert found[at] == pytest.approx(meant, nan_ok=True)


def test_training_and_serving_agree_and_a_difference_is_found(program, sales, monkeypatch):
    views = program("feature_views")
    table = views.WEEKLY.compute(sales)
    now = pd.Timestamp("2024-04-01")
    assert views.disagreements(views.WEEKLY, table, now) == []
    true = views.materialize

    def rounded(*given):
        return {key: (round(value), at) for key, (value, at) in true(*given).items()}

    monkeypatch.setattr(views, "materialize", rounded)
    assert len(views.disagreements(views.WEEKLY, table, now)) > 12


@pytest.fixture
def snapshots(program):
    pytest.importorskip("mlflow")
    return program("snapshots")


def test_a_version_comes_back_as_it_was_and_each_content_is_kept_once(snapshots, tmp_path):
    folder, store, back = (tmp_path / name for name in ("data", "store", "back"))
    (folder / "deep").mkdir(parents=True)
    (folder / "a.csv").write_text("1\n", encoding="utf-8")
    (folder / "deep" / "b.csv").write_text("1\n", encoding="utf-8")
    version = snapshots.save(folder, store, "first")
    assert len([path for path in store.iterdir() if path.suffix != ".json"]) == 1
    back.mkdir()
    snapshots.restore(version, store, back)
    assert snapshots.save(back, store, "first") == version
    (folder / "a.csv").unlink()
    (folder / "c.csv").write_text("2\n", encoding="utf-8")
    told = snapshots.changes(version, snapshots.save(folder, store, "second"), store)
    assert told == {"added": ["c.csv"], "removed": ["a.csv"], "changed": []}


def test_a_content_that_was_changed_in_the_store_is_refused(snapshots, tmp_path):
    folder, store = tmp_path / "data", tmp_path / "store"
    folder.mkdir()
    (folder / "a.csv").write_text("1\n", encoding="utf-8")
    version = snapshots.save(folder, store, "first")
    (store / snapshots.sha256(folder / "a.csv")).write_text("2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.csv has been changed"):
        snapshots.restore(version, store, tmp_path / "back")


def test_the_simulation_has_the_spread_of_our_forecasts(program):
    work, rules = program("forecasting"), program("champion_rules")
    sales, features = work.prepared()
    train, judge = work.by_time(sales, work.VALIDATION, work.TEST)
    date, units = sales["date"][judge], sales["units"][judge]
    daily = {}
    for name, model in work.candidates().items():
        forecast = model.fit(features[train], sales["units"][train]).predict(features[judge])
        daily[name] = abs(forecast - units).groupby(date).sum() / units.groupby(date).sum()
    gaps = [daily[one] - daily[other] for one, other in itertools.combinations(daily, 2)]
    spread = np.median([gap.std() for gap in gaps])
    assert spread == pytest.approx(rules.OWN_SD * np.sqrt(2), abs=0.002)
    assert np.median([gap.autocorr() for gap in gaps]) == pytest.approx(0.25, abs=0.05)
    assert pd.DataFrame(daily).mean(axis=1).std() == pytest.approx(rules.DAY_SD, abs=0.005)


def test_days_that_resemble_each_other_double_the_false_alarms_and_weeks_mend_it(program):
    rules = program("champion_rules")
    days = rules.make_days(np.random.default_rng(3), 10_000, 91, [0, 0], memory=0.25)
    weeks = rules.weekly(days)
    assert weeks.shape == (10_000, 2, 13)
    assert rules.paired_rule(days[:, 0], days[:, 1]).mean() == pytest.approx(0.10, abs=0.01)
    assert rules.paired_rule(weeks[:, 0], weeks[:, 1]).mean() == pytest.approx(0.055, abs=0.01)
