"""The hidden checks. Their docstrings are what a student reads about them."""

from numbers import Real

import pandas as pd
import pytest
from kopi.faults import as_text, miscount, overwrite
from kopi.gate_cases import NINE_HOURS_AHEAD
from quality import accuracy, completeness, consistency, ingest, timeliness

SENTINELS = ["", "   ", "-", "?", "N/A", "na", "NaN", " none", "NULL", "-999"]


def near(seen, key, meant):
    """Compare one number of a dict with what was meant."""
    assert isinstance(seen, (dict, pd.Series))
    assert key in seen
    assert isinstance(seen[key], Real)
    assert seen[key] == pytest.approx(meant, abs=1e-9), key


def test_completeness_disguised(make_sales, pick):
    """Completeness sees through every disguise of a missing value, and takes no value for one."""
    frame = make_sales(rows=300)
    rows = pick(frame, 60)
    frame["outlet"] = frame["outlet"].astype(object)
    frame.loc[rows[:50], "outlet"] = SENTINELS * 5
    frame["channel"] = frame["channel"].astype("category").cat.add_categories(["n/a"])
    frame.loc[rows[:12], "channel"] = "n/a"
    frame.loc[rows[12:18], "channel"] = None
    frame.loc[rows, "product"] = "Nanas-None-such"
    frame.loc[rows[:30], "price"] = -999
    frame["units"] = frame["units"].astype("Int64")
    frame.loc[rows[:15], "units"] = pd.NA
    frame.loc[rows[15:], "units"] = 0
    frame["revenue"] = frame["revenue"].astype("float64")
    frame.loc[rows[:3], "revenue"] = -999.0
    frame.loc[rows[:6], "date"] = pd.NaT
    meant = {"outlet": 250, "channel": 282, "product": 300, "price": 270, "units": 285}
    meant |= {"revenue": 297, "date": 294, "closed_at": 300}
    seen = completeness(frame)
    for column, present in meant.items():
        near(seen, column, present / 300)
    near(completeness(frame.iloc[:0]), "units", 0.0)


def test_accuracy_exact(make_sales, pick, totals):
    """Accuracy is exact to the rupiah, also in billions, and judges only what can be checked."""
    frame = make_sales(rows=216)
    rows = pick(frame, 100)
    large = rows[:40]
    frame.loc[large, "price"] = 480_000
    frame.loc[large, "units"] = 4_900
    frame.loc[large, "revenue"] = 480_000 * 4_900
    till = totals(frame)
    frame.loc[large[:9], "revenue"] += 1
    changed = frame.loc[large[:9], ["date", "outlet"]].drop_duplicates()
    rules = {"revenue": {"product_of": ["price", "units"]}}
    both = rules | {"till": {"total_of": "revenue", "till": till}}
    seen = accuracy(frame.astype({"price": "int32", "units": "int32"}), both)
    near(seen, "revenue", 207 / 216)
    near(seen, "till", 1 - len(changed) / 24)
    frame["units"] = frame["units"].astype("float64")
    frame.loc[rows[40:60], "units"] = float("nan")
    frame["price"] = frame["price"].astype(str)
    frame.loc[rows[60:80], "price"] = "n/a"
    frame.loc[rows[80:], "revenue"] = -999
    near(accuracy(frame, rules), "revenue", 147 / 156)
    near(accuracy(frame.loc[rows[40:60]], rules), "revenue", 1.0)


def test_consistency_counts(make_sales, outlets, pick, totals):
    """Consistency knows opening days, compares keys and not rows, and looks from both sides."""
    sales = make_sales(rows=216)
    ledger = totals(sales)
    first = sales["date"].min()
    outlets.loc[1, "opened"] = first + pd.Timedelta(days=1)
    outlets.loc[2, "closed"] = first + pd.Timedelta(days=2)
    outlets.loc[3, ["opened", "closed"]] = [first, first + pd.Timedelta(days=3)]
    seen = consistency(sales, outlets, ledger)
    near(seen, "orphans", 18 / 216)
    near(seen, "duplicates", 0.0)
    near(seen, "disagreements", 0.0)
    texts = sales.assign(date=as_text(sales["date"]))
    twins = sales.loc[pick(sales, 24)].assign(weather="storm", line=range(217, 241))
    mixed = pd.concat([texts, twins.assign(date=as_text(twins["date"]))], ignore_index=True)
    near(consistency(mixed, outlets, ledger), "duplicates", 24 / 240)
    lost = pick(ledger, 4)
    extra = ledger.loc[lost[:2]].assign(outlet=["X98", "X99"])
    theirs = pd.concat([ledger.drop(index=lost), extra], ignore_index=True)
    near(consistency(texts, outlets, theirs), "disagreements", 6 / 26)


def test_timeliness_zones(make_sales, now, pick):
    """Timeliness reads every clock, and tells late rows from rows that may still come."""
    frame = make_sales(rows=108)
    rows = pick(frame, 40)
    closed = pd.to_datetime(frame["closed_at"], utc=True)
    limit = pd.Timedelta(hours=12)
    frame.loc[rows[:10], "ingested_at"] = closed[rows[:10]] + limit
    frame.loc[rows[10:20], "ingested_at"] = closed[rows[10:20]] + limit + pd.Timedelta(minutes=1)
    frame.loc[rows[20:25], "ingested_at"] = pd.NaT
    asked = pd.Timestamp("2026-05-05T12:00:00+07:00") + pd.Timedelta(days=4)
    worst = float((asked - closed[rows[20:25]] - limit).max() / pd.Timedelta(hours=1))
    seen = timeliness(frame, asked, 12)
    near(seen, "on_time", 93 / 108)
    near(seen, "waiting", 0.0)
    near(seen, "worst_hours", worst)
    texts = frame.assign(ingested_at=as_text(frame["ingested_at"].dt.tz_convert(NINE_HOURS_AHEAD)))
    texts.loc[rows[20:25], "ingested_at"] = ""
    near(timeliness(texts, asked, 12), "on_time", 93 / 108)
    today = frame["date"] == frame["date"].max()
    waiting = frame[today].assign(ingested_at=now + pd.Timedelta(days=3))
    first = waiting.index[:9]
    waiting.loc[first, "ingested_at"] = closed[first] + pd.Timedelta(hours=2)
    # The outlets of `first` closed at 15:00 in UTC, as the first one did. At that moment plus two
    # hours their rows have arrived just now; at that plus twelve the others are due just now.
    moment = closed[first[0]] + pd.Timedelta(hours=2)
    seen = timeliness(waiting, moment, 12)
    near(seen, "waiting", 45 / 54)
    near(seen, "on_time", 1.0)
    near(seen, "worst_hours", 0.0)
    due = closed[first[0]] + pd.Timedelta(hours=12)
    seen = timeliness(waiting, due, 12)
    near(seen, "waiting", 27 / 54)
    near(seen, "on_time", 9 / 27)
    near(seen, "worst_hours", 2.0)


def test_gate_missing(passes):
    """The gate sets aside rows with a gap in every disguise, and leaves alone what may be empty."""
    passes(ingest, "missing")


def test_gate_invalid(passes):
    """The gate sets aside impossible values, and leaves alone new products and large orders."""
    passes(ingest, "invalid")


def test_gate_inaccurate(passes):
    """The gate finds a single wrong rupiah, and leaves alone promotions and large orders."""
    passes(ingest, "inaccurate")


def test_gate_orphans(passes):
    """The gate sets aside rows of unknown and closed outlets, and welcomes new ones."""
    passes(ingest, "orphans")


def test_gate_duplicates(passes):
    """The gate takes every sale once, however it is sent again, and tells days apart."""
    passes(ingest, "duplicates")


def test_gate_late(passes):
    """The gate sets aside what came a minute too late, and takes what came at the last moment."""
    passes(ingest, "late")


def test_gate_batch(passes):
    """The gate refuses a batch that nobody should use, and keeps one that is merely unusual."""
    passes(ingest, "whole")


def test_gate_changes_nothing(world, read):
    """Ingesting changes neither your arguments nor a row, and a second time adds nothing."""
    case, bad = world.case, world.apart("product", 6)
    batch = overwrite(miscount(world.batch, bad[:3], 500), bad[3:], "product", " N/A ")
    lines, aside = batch["line"].tolist(), set(batch["line"].iloc[bad].tolist())
    sent = [batch, case.history, case.outlets]
    kept = [frame.copy(deep=True) for frame in sent]
    result = ingest(*sent, case.now)
    decision, _, reasons = read(result)
    assert decision == "quarantine"
    assert set(reasons) == aside
    for mine, theirs in zip(kept, sent, strict=True):
        assert mine.equals(theirs), "an argument was changed"
    rows = pd.concat([result["accepted"], result["quarantined"]]).sort_values("line")
    for column in batch:
        assert rows[column].tolist() == kept[0][column].tolist(), f"{column} was changed"
    taken = kept[0][~kept[0]["line"].isin(aside)]
    history = pd.concat([kept[1], taken], ignore_index=True)
    decision, accepted, reasons = read(ingest(kept[0].copy(), history, kept[2], case.now))
    assert decision == "quarantine"
    assert accepted == []
    assert set(reasons) == set(lines)
