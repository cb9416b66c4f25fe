"""The course's case: the tables say what the course says of them, and seeds are kept."""

from __future__ import annotations

import gzip
import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "solutions"))

from kopi import days, weather  # noqa: E402 - solutions/ is no package; its path comes first
from kopi.__main__ import main  # noqa: E402
from kopi.extracts import EXTRACTS, GIVEN_FOLDERS, SEED  # noqa: E402
from kopi.faults import overwrite  # noqa: E402
from kopi.gate_cases import FAMILIES, bank  # noqa: E402
from kopi.gate_world import ALLOWED, Case, make_world  # noqa: E402
from kopi.lines import KEY, make_lines  # noqa: E402
from kopi.outlets import make_outlets  # noqa: E402
from kopi.sales import COLUMNS, make_sales  # noqa: E402
from kopi.shifts import Kind, Shift  # noqa: E402


def tables(seed=1, count=8, **options):
    rng = np.random.default_rng(seed)
    outlets = make_outlets(rng, count)
    return outlets, make_sales(rng, outlets, **options)


@pytest.fixture(scope="module")
def sales():
    return tables()[1]


def test_two_years_of_eight_outlets_are_17520_rows_of_less_than_300_kb(sales):
    assert sales.shape == (17_520, len(COLUMNS))
    assert sales.notna().all(axis=None)
    small = gzip.compress(sales.drop(columns=["ingested_at"]).to_csv(index=False).encode())
    assert len(small) < 300_000


def test_the_same_seed_makes_the_same_tables():
    pd.testing.assert_frame_equal(tables(7, length=20)[1], tables(7, length=20)[1])
    assert not tables(7, length=20)[1]["units"].equals(tables(8, length=20)[1]["units"])


def test_revenue_is_price_times_units_in_whole_rupiah(sales):
    assert sales["revenue"].dtype == np.int64
    assert (sales["revenue"] == sales["price"] * sales["units"]).all()


def residuals(sales):
    """Log units without what the day, the channel and a promotion do."""
    log = np.log(sales["units"])
    effect = days.day_effect(pd.DatetimeIndex(sales["date"])) + 0.30 * sales["promo"]
    rest = log - effect
    return rest - rest.groupby(sales["channel"]).transform("mean")


def test_weekends_sell_about_15_percent_more(sales):
    weekend = days.is_weekend(pd.DatetimeIndex(sales["date"]))
    log = np.log(sales["units"])
    free, working = (log[rows].groupby(sales["channel"]).mean() for rows in (weekend, ~weekend))
    # Weather and Ramadan do not know weekends; what they add by chance is below 0.02.
    assert np.exp(free - working).mean() == pytest.approx(1.15, abs=0.03)


def test_outlets_are_alike_within_to_the_degree_that_the_course_names(sales):
    rest = residuals(sales)
    groups = rest.groupby(sales["outlet"])
    between = groups.mean().var(ddof=0)
    assert between / (between + groups.var().mean()) == pytest.approx(0.2, abs=0.1)


def test_a_day_resembles_the_day_before():
    scored = weather.scores(np.random.default_rng(3), 4_000, 4)
    near = [np.corrcoef(column[1:], column[:-1])[0, 1] for column in scored.T]
    # Four series of 4,000 days: a standard error of about 0.006.
    assert np.mean(near) == pytest.approx(weather.PERSISTENCE, abs=0.03)


def test_a_forecast_is_better_than_a_guess_and_worse_than_the_weather(sales):
    agreement = (sales["weather"] == sales["weather_forecast"]).mean()
    guess = (sales["weather"].value_counts(normalize=True) ** 2).sum()
    assert guess + 0.1 < agreement < 0.9


def test_ramadan_comes_about_11_days_earlier_every_year():
    first = [pd.Timestamp(text).dayofyear for _, text in sorted(days.RAMADAN.items())]
    assert all(9 <= one - other <= 12 for one, other in itertools.pairwise(first))
    dates = pd.date_range("2026-02-18", periods=40)
    assert dates[days.is_ramadan(dates)][[0, -1]].strftime("%m-%d").tolist() == ["02-19", "03-20"]


def test_a_year_without_a_known_ramadan_is_refused_by_name():
    with pytest.raises(ValueError, match="2031"):
        days.is_ramadan(pd.date_range("2031-01-01", periods=3))


def test_the_final_count_is_known_after_the_days_that_the_course_names(sales):
    wait = (sales["label_available_at"] - sales["date"]).dt.days.groupby(sales["channel"])
    assert wait.min().to_dict() == {"app": 2, "delivery": 7, "store": 1}
    assert wait.max().to_dict() == {"app": 2, "delivery": 10, "store": 1}


def shifted(kind, size):
    shift = Shift(kind=kind, at="2024-07-01", size=size)
    return tables(5, length=365, shifts=(shift,))[1], tables(5, length=365)[1]


def test_a_shift_of_coefficients_leaves_every_input_bit_for_bit():
    changed, plain = shifted(Kind.COEFFICIENTS, 0.5)
    inputs = [name for name in COLUMNS if name not in {"units", "revenue", "footfall"}]
    pd.testing.assert_frame_equal(changed[inputs], plain[inputs])
    before = plain["date"] < "2024-07-01"
    assert changed.loc[before, "units"].equals(plain.loc[before, "units"])
    assert not changed.loc[~before, "units"].equals(plain.loc[~before, "units"])


def test_a_shift_of_the_mix_takes_store_rows_away_and_changes_no_other_row():
    changed, plain = shifted(Kind.MIX, 0.4)
    after = plain["date"] >= "2024-07-01"
    stores = plain["channel"] == "store"
    kept = changed.merge(plain, how="left", indicator=True)
    assert (kept["_merge"] == "both").all()
    gone = len(plain) - len(changed)
    # 1,472 store rows after the shift: a standard error of 0.013.
    assert gone / (after & stores).sum() == pytest.approx(0.4, abs=0.07)
    assert (changed["date"] < "2024-07-01").sum() == (~after).sum()


def test_a_shift_of_the_season_leaves_every_input_too():
    changed, plain = shifted(Kind.SEASON, 1.0)
    assert changed["price"].equals(plain["price"])
    july = plain["date"].dt.month == 7
    assert changed.loc[july, "units"].mean() > 1.05 * plain.loc[july, "units"].mean()


def test_lines_have_one_row_for_each_key_and_sell_something():
    rng = np.random.default_rng(2)
    lines = make_lines(rng, make_outlets(rng), first_day="2026-05-04", length=3)
    assert len(lines) == 3 * 8 * 3 * 3
    assert not lines.duplicated(list(KEY)).any()
    assert lines["units"].min() >= 1
    closed = pd.to_datetime(lines["closed_at"], utc=True)
    assert (lines["ingested_at"] > closed).all()
    assert lines["line"].tolist() == list(range(1, len(lines) + 1))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_family_mixes_good_batches_with_faulty_ones(family, seed):
    cases = bank(make_world(np.random.default_rng(seed)), family)
    decisions = [case.decision for case in cases]
    assert decisions.count("accept") >= 2
    assert len(decisions) - decisions.count("accept") >= 3
    for case in cases:
        lines = set(case.batch["line"])
        assert case.batch["line"].is_unique
        assert case.aside <= lines
        assert (case.decision == "accept") == (not case.aside) or case.batch.empty
        if case.decision == "reject":
            assert case.aside == lines
        if case.faults:
            assert case.faults.keys() == case.aside
            assert len(case.aside) <= ALLOWED


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_their_own_are_apart_and_few_enough_for_a_batch_to_live(seed):
    world = make_world(np.random.default_rng(seed))
    places = world.each_apart(["outlet", "outlet", "units"])
    rows = [row for part in places for row in part]
    assert all(places)
    assert len(rows) == len(set(rows)) <= ALLOWED
    changed = overwrite(overwrite(world.batch, places[0], "outlet", "?"), places[1], "outlet", "")
    assert not changed.duplicated(list(KEY)).any()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (("quarantine", [1, 2], [3, 4]), ""),
        (("accept", [1, 2], [3, 4]), "two faults: quarantine was meant, not 'accept'"),
        (("quarantine", [1, 2, 3], [4]), "two faults: line 3 (no units) should be set aside"),
        (("quarantine", [1], [2, 3, 4]), "two faults: line 2 should not be set aside"),
        (("quarantine", [1], [3, 4]), "two faults: line 2 should be accepted"),
        (("quarantine", [1, 2, 3], [3, 4]), "two faults: line 3 (no units) should not be accepted"),
        (("quarantine", [1, 2, 2], [3, 4]), "two faults: line 2 should be accepted once"),
        (
            ("quarantine", [1, 2], [3, 4, "x" * 99, 2.5]),
            f"two faults: line 2.5, {'x' * 40} should not be set aside",
        ),
        (("quarantine", [1, 2, 3, 4], []), "two faults: line 3 (no units), 4 should be set aside"),
    ],
)
def test_how_an_answer_differs_is_told_line_by_line(answer, told):
    frame = pd.DataFrame({"line": [1, 2, 3, 4]})
    case = Case(
        name="two faults",
        batch=frame,
        history=frame,
        outlets=frame,
        now=pd.Timestamp(0),
        decision="quarantine",
        aside=frozenset({3, 4}),
        faults={3: "no units"},
    )
    assert case.differs(*answer) == told


def test_a_fault_leaves_the_batch_that_it_was_made_from_alone():
    world = make_world(np.random.default_rng(4))
    before = world.batch.copy(deep=True)
    for family in FAMILIES:
        bank(world, family)
    pd.testing.assert_frame_equal(world.batch, before)


def test_text_in_a_column_of_numbers_turns_it_into_text_as_a_csv_does():
    batch = pd.DataFrame({"line": [1, 2], "units": [5, 6]})
    assert overwrite(batch, [1], "units", "n/a")["units"].tolist() == ["5", "n/a"]
    assert overwrite(batch, [1], "units", None)["units"].isna().tolist() == [False, True]


@pytest.mark.parametrize("lab", EXTRACTS)
def test_the_data_of_a_lab_are_what_the_script_writes(lab, tmp_path):
    assert main(["extract", lab, "--out", str(tmp_path)]) == 0
    committed = ROOT / "labs" / lab / GIVEN_FOLDERS.get(lab, "data")
    shown = {p.relative_to(committed): p.read_bytes() for p in committed.rglob("*") if p.is_file()}
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert shown == made
    assert sum(map(len, made.values())) < 300_000


@pytest.mark.parametrize("lab", EXTRACTS)
def test_another_seed_makes_other_data_of_the_same_form(lab):
    one, other = EXTRACTS[lab](SEED), EXTRACTS[lab](SEED + 1)
    assert one.keys() == other.keys()
    for path in one:
        assert one[path] != other[path]
        assert one[path].splitlines()[0] == other[path].splitlines()[0]
