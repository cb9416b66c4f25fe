"""Small fresh frames for the public checks. Every run draws other numbers."""

import numpy as np
import pandas as pd
import pytest

OUTLETS = {"K01": 7, "K02": 7, "K03": 7, "K04": 7, "K05": 8, "K06": 9}  # hours ahead of UTC
CHANNELS = ["store", "app", "delivery"]
PRODUCTS = {"coffee": 28_000, "tea": 19_000, "bakery": 24_000}
DAY = pd.Timestamp("2026-05-04")


@pytest.fixture
def outlets():
    """Six outlets that have been open for years."""
    closed = pd.Series(pd.NaT, index=range(len(OUTLETS)), dtype="datetime64[ns]")
    opened = pd.Timestamp("2020-02-01")
    return pd.DataFrame({"outlet": list(OUTLETS), "opened": opened, "closed": closed})


@pytest.fixture
def now():
    """Noon in Jakarta, on the day after DAY."""
    return pd.Timestamp("2026-05-05T05:00:00Z")


@pytest.fixture
def make_sales(rng):
    """Return a function that makes sales: one row for each date, outlet, channel and product."""

    def make(rows=54, first_day=DAY):
        days = pd.date_range(first_day, periods=-(-rows // 54))
        grid = pd.MultiIndex.from_product(
            [days, OUTLETS, CHANNELS, PRODUCTS], names=["date", "outlet", "channel", "product"]
        )
        made = grid.to_frame(index=False).head(rows)
        ahead = made["outlet"].map(OUTLETS)
        closed = made["date"] + pd.to_timedelta(22 - ahead, unit="h")
        waited = pd.to_timedelta(rng.integers(20, 300, size=rows), unit="min")
        made["line"] = np.arange(1, rows + 1)
        made["closed_at"] = made["date"].dt.strftime("%Y-%m-%dT22:00:00+0") + ahead.astype(str) + ":00"
        made["ingested_at"] = (closed + waited).dt.tz_localize("UTC")
        made["price"] = made["product"].map(PRODUCTS) + 500 * rng.integers(-4, 5, size=rows)
        made["units"] = rng.integers(1, 120, size=rows)
        made["revenue"] = made["price"] * made["units"]
        made["weather"] = rng.choice(["sunny", "cloudy", "rain"], size=rows)
        return made

    return make


@pytest.fixture
def pick(rng):
    """Return a function that picks some rows of a frame, as a sorted list of index labels."""
    return lambda frame, count: sorted(rng.choice(frame.index, size=count, replace=False).tolist())


@pytest.fixture
def totals():
    """Return a function that adds up revenue by date and outlet, as the till does."""
    return lambda sales: sales.groupby(["date", "outlet"], as_index=False)["revenue"].sum()


@pytest.fixture
def read():
    """Return a function that takes what ingest returned apart, and says so if it cannot."""

    def take_apart(result):
        assert isinstance(result, dict), f"ingest should return a dict, not {type(result)}"
        for name, kind in {"decision": str, "reason": str}.items():
            assert isinstance(result.get(name), kind), f"the dict needs {name!r}, a {kind.__name__}"
        for name in ("accepted", "quarantined"):
            frame = result.get(name)
            assert isinstance(frame, pd.DataFrame), f"the dict needs {name!r}, a frame"
            assert frame.empty or "line" in frame, f"{name!r} has lost the column 'line'"
        accepted, aside = result["accepted"], result["quarantined"]
        assert aside.empty or "reason" in aside, "'quarantined' needs a column 'reason'"
        lines = [] if accepted.empty else sorted(accepted["line"].tolist())
        reasons = {} if aside.empty else dict(zip(aside["line"].tolist(), aside["reason"].tolist()))
        assert len(reasons) == len(aside), "a row stands in 'quarantined' twice"
        return result["decision"], lines, reasons

    return take_apart
