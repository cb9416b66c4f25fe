"""Faults, one by one: each function returns a damaged copy of a batch, and damages nothing else.

What a gate should say about the result is decided by the caller, who chose the fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd


def some(rng: np.random.Generator, batch: pd.DataFrame, count: int) -> list[int]:
    """Return `count` different positions of rows."""
    return sorted(int(row) for row in rng.choice(len(batch), size=count, replace=False))


def lines_at(batch: pd.DataFrame, where: Sequence[int]) -> frozenset[int]:
    """Return the line numbers at these positions."""
    return frozenset(int(line) for line in batch["line"].iloc[list(where)])


def overwrite(batch: pd.DataFrame, where: Sequence[int], column: str, value: Any) -> pd.DataFrame:
    """Put a value into cells of one column; the column's type gives way, as it does in a CSV.

    Text in a column of numbers or dates turns the whole column into text; None in a column of whole
    numbers turns it into floats.
    """
    damaged = batch.copy()
    if isinstance(value, str) and damaged[column].dtype != object:
        damaged[column] = as_text(damaged[column])
    elif isinstance(value, float) or (value is None and damaged[column].dtype == np.int64):
        damaged[column] = damaged[column].astype("float64")
    empty = np.nan if damaged[column].dtype == np.float64 else None
    damaged.iloc[list(where), damaged.columns.get_loc(column)] = empty if value is None else value
    return damaged


def as_text(column: pd.Series) -> pd.Series:
    """Return a column as a CSV holds it: dates as 2026-05-04, moments with their offset."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.map(lambda moment: moment.isoformat()).astype(object)
    if column.dtype.kind == "M":
        return column.dt.strftime("%Y-%m-%d").astype(object)
    return column.astype(str).astype(object)


def reprice(
    batch: pd.DataFrame,
    where: Sequence[int],
    *,
    price: float | None = None,
    units: float | None = None,
) -> pd.DataFrame:
    """Set price or units, and the revenue that belongs to them: only the value itself is odd."""
    changed = batch.copy()
    rows = list(where)
    for column, value in (("price", price), ("units", units)):
        if value is not None:
            changed.iloc[rows, changed.columns.get_loc(column)] = value
    product = changed["price"] * changed["units"]
    changed.iloc[rows, changed.columns.get_loc("revenue")] = product.iloc[rows]
    return changed


def in_thousands(batch: pd.DataFrame, where: Sequence[int]) -> pd.DataFrame:
    """Give price and revenue in thousands of rupiah, so that they still agree with each other."""
    damaged = batch.copy()
    for column in ("price", "revenue"):
        position = damaged.columns.get_loc(column)
        damaged[column] = damaged[column].astype("float64")
        damaged.iloc[list(where), position] = damaged.iloc[list(where), position] / 1000
    return damaged


def miscount(batch: pd.DataFrame, where: Sequence[int], by: int) -> pd.DataFrame:
    """Add some rupiah to the revenue, which then is no longer price times units."""
    damaged = batch.copy()
    damaged.iloc[list(where), damaged.columns.get_loc("revenue")] += by
    return damaged


def repeat(batch: pd.DataFrame, where: Sequence[int], *, extra_units: int = 0) -> pd.DataFrame:
    """Append rows a second time, with line numbers of their own and, if asked, other units.

    The index labels come twice, as they do after `pd.concat`.
    """
    again = batch.iloc[list(where)].copy()
    again["line"] = np.arange(1, len(again) + 1) + int(batch["line"].max())
    again["units"] = again["units"] + extra_units
    again["revenue"] = again["price"] * again["units"]
    return pd.concat([batch, again])


def arrive(batch: pd.DataFrame, where: Sequence[int], *, minutes_after: int) -> pd.DataFrame:
    """Let rows arrive so many minutes after their outlet closed (whatever its clock says)."""
    delayed = batch.copy()
    rows = list(where)
    closed = pd.to_datetime(delayed["closed_at"].iloc[rows], utc=True, format="ISO8601")
    delayed.iloc[rows, delayed.columns.get_loc("ingested_at")] = closed + pd.Timedelta(
        minutes=minutes_after
    )
    return delayed
