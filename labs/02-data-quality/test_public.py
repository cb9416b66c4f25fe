"""The checks that you see. `grader check` runs them; so does plain `pytest`."""

from numbers import Real

import pandas as pd
from quality import accuracy, completeness, consistency, ingest, timeliness, validity


def close(shares, name, meant, what):
    """Compare one number of a measure, and say in a sentence what differs."""
    assert isinstance(shares, (dict, pd.Series)), f"a dict was meant, not {type(shares)}"
    assert name in shares, f"the dict has no {name!r}; it has {list(shares.keys())}"
    seen = shares[name]
    assert isinstance(seen, Real), f"{name!r} should be a number, not {type(seen)}"
    is_close = abs(seen - meant) <= 1e-9
    assert is_close, f"{what}: {meant:.4f} was meant, not {seen:.4f}"


def test_completeness(make_sales, pick):
    """Completeness counts NaN, None and blank text as missing, and zero as a value."""
    frame = make_sales(rows=200)
    frame.loc[pick(frame, 20), "channel"] = "  "
    frame.loc[pick(frame, 30), "product"] = None
    frame["units"] = frame["units"].astype("float64")
    gaps = pick(frame, 10)
    frame.loc[gaps, "units"] = float("nan")
    frame.loc[frame.index.difference(gaps)[:40], "units"] = 0
    shares = completeness(frame)
    close(shares, "channel", 0.90, "20 of 200 channels are blank; completeness of channel")
    close(shares, "product", 0.85, "30 of 200 products are None; completeness of product")
    close(shares, "units", 0.95, "10 of 200 units are NaN and 40 are zero; completeness of units")
    close(shares, "price", 1.00, "no price is missing; completeness of price")


def test_accuracy(make_sales, pick, totals):
    """Accuracy compares revenue with price times units, and totals with the till."""
    frame = make_sales(rows=216)
    till = totals(frame)
    wrong = pick(frame, 27)
    days = len(frame.loc[wrong, ["date", "outlet"]].drop_duplicates())
    frame.loc[wrong[:14], "revenue"] += 1_000
    frame.loc[wrong[14:], "revenue"] -= 100
    rules = {
        "revenue": {"product_of": ["price", "units"]},
        "till": {"total_of": "revenue", "till": till},
    }
    shares = accuracy(frame, rules)
    close(shares, "revenue", 1 - 27 / 216, "27 of 216 revenues are off by 1,000 or 100 rupiah; accuracy")
    close(shares, "till", 1 - days / 24, f"{days} of 24 outlet-days differ from the till; accuracy")


def test_validity(make_sales, pick):
    """Validity judges values, not text, and leaves missing ones to completeness."""
    frame = make_sales(rows=200)
    frame["channel"] = frame["channel"].astype(object)
    rows = pick(frame, 60)
    frame.loc[rows[:20], "channel"] = None
    frame.loc[rows[20:38], "channel"] = "drive-in"
    frame["units"] = frame["units"].astype(str)
    frame.loc[rows[:10], "units"] = "12 cups"
    frame.loc[rows[10:15], "units"] = "2.5"
    frame["price"] = frame["price"].astype(float)
    frame.loc[rows[:8], "price"] = 500_000
    frame.loc[rows[8:12], "price"] = 500_001
    frame["date"] = frame["date"].dt.strftime("%Y-%m-%d")
    frame.loc[rows[:6], "date"] = "2026-02-30"
    frame.loc[rows[6:10], "date"] = "2026-05-31"
    domains = {
        "channel": {"values": ["store", "app", "delivery"]},
        "units": {"min": 0, "max": 5_000, "whole": True},
        "price": {"max": 500_000},
        "date": {"from": "2024-01-01", "to": "2026-05-12"},
    }
    shares = validity(frame, domains)
    close(shares, "channel", 162 / 180, "20 of 200 channels are None, 18 'drive-in'; validity")
    close(shares, "units", 185 / 200, "10 of 200 units are '12 cups', 5 are '2.5'; validity")
    close(shares, "price", 196 / 200, "8 prices equal the maximum, 4 are above it; validity")
    close(shares, "date", 190 / 200, "6 dates are 2026-02-30, 4 after the last day; validity")


def test_consistency(make_sales, outlets, pick, totals):
    """Consistency finds orphans, two rows with one key, and totals that two systems do not share."""
    sales = make_sales(rows=216)
    ledger = totals(sales)
    rows = pick(ledger, 13)
    ledger.loc[rows[:7], "revenue"] += 500
    ledger.loc[rows[7:], "revenue"] -= 500
    shares = consistency(sales, outlets, ledger)
    close(shares, "orphans", 0, "every outlet is known and open; share of orphans")
    close(shares, "duplicates", 0, "no key comes twice; share of duplicates")
    close(shares, "disagreements", 13 / 24, "13 of 24 outlet-days differ by 500 rupiah; disagreements")
    rows = pick(sales, 31)
    twins = sales.loc[rows[:18]].assign(line=range(217, 235), units=1)
    sales.loc[rows[18:], "outlet"] = [f"X{number:02}" for number in range(13)]
    sales = pd.concat([sales, twins], ignore_index=True)
    shares = consistency(sales, outlets, ledger)
    close(shares, "orphans", 13 / 234, "13 of 234 rows are of outlets X00 to X12, which nobody knows; orphans")
    close(shares, "duplicates", 18 / 234, "18 of 234 keys come again, with other units; duplicates")


def test_timeliness(make_sales, now, pick):
    """Timeliness measures from the outlet's closing to the arrival, each on its own clock."""
    frame = make_sales(rows=54)
    rows = pick(frame, 6)
    closed = pd.to_datetime(frame["closed_at"], utc=True)
    frame.loc[rows, "ingested_at"] = closed[rows] + pd.Timedelta(hours=6.5)
    seen = timeliness(frame, now, 6)
    close(seen, "on_time", 48 / 54, "6 of 54 rows came 6.5 hours after closing, 6 are allowed; on_time")
    close(seen, "worst_hours", 0.5, "the latest row was half an hour late; worst_hours")
    close(seen, "waiting", 0.0, "every row has arrived; waiting")


def test_gate_accepts(make_sales, outlets, now, read):
    """The gate lets a clean batch through, all of it."""
    batch, history = make_sales(), make_sales(rows=108, first_day="2026-05-02")
    lines = batch["line"].tolist()
    decision, accepted, reasons = read(ingest(batch, history, outlets, now))
    assert decision == "accept", f"a clean batch should be accepted; the decision was {decision!r}"
    assert accepted == lines, f"54 clean rows came; {len(accepted)} were accepted"
    assert reasons == {}, f"no row should be set aside; these lines were: {sorted(reasons)}"


def test_gate_reasons(make_sales, outlets, now, pick, read):
    """The gate sets bad rows aside, each with its reason, and keeps every row on one side."""
    batch, history = make_sales(), make_sales(rows=108, first_day="2026-05-02")
    blank, odd, wrong, stranger, late, twin = pick(batch, 6)
    batch["channel"] = batch["channel"].astype(object)
    batch.loc[blank, "channel"] = " "
    batch.loc[odd, "channel"] = "drive-in"
    batch.loc[wrong, "revenue"] += 1
    batch.loc[stranger, "outlet"] = "X99"
    batch.loc[late, "ingested_at"] = pd.Timestamp("2026-05-07T12:00:00Z")
    batch = pd.concat([batch, batch.loc[[twin]].assign(line=55)], ignore_index=True)
    words = ["incomplete", "invalid", "inaccurate", "orphan", "late", "duplicate"]
    lines = [row + 1 for row in (blank, odd, wrong, stranger, late)] + [55]
    everything = set(range(1, 56))
    decision, accepted, reasons = read(ingest(batch, history, outlets, now))
    assert decision == "quarantine", f"6 of 55 rows are bad: quarantine, not {decision!r}"
    for line, word in zip(lines, words):
        told = reasons.get(line, "nothing: it was not set aside")
        assert isinstance(told, str), f"the reason of line {line} should be text, not {type(told)}"
        assert told.startswith(word), f"line {line} is {word}; the gate said {told!r}"
    sides = sorted([*accepted, *reasons])
    assert sides == sorted(everything), "accepted and quarantined together should be the batch"
    assert len(reasons) == 6, f"only 6 rows are bad; {len(reasons)} were set aside"
