"""Sales by product, in the form in which an outlet's system sends them: one line, one record.

Lab 02 works on these. Makes clean lines only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .outlets import offsets
from .sales import make_sales

PRODUCTS = {"coffee": (0.6, 1.0), "tea": (0.15, 0.7), "bakery": (0.25, 0.9)}
"""Product group: share of units, price relative to a mean cup."""
COLUMNS = (
    "line",
    "date",
    "closed_at",
    "ingested_at",
    "outlet",
    "channel",
    "product",
    "price",
    "units",
    "revenue",
    "weather",
)
"""Columns of a batch, in order."""
KEY = ("date", "outlet", "channel", "product")
"""What makes two lines the same sale."""


def make_lines(
    rng: np.random.Generator, outlets: pd.DataFrame, *, first_day: str, length: int = 1
) -> pd.DataFrame:
    """Return the lines of `length` days: one for each date, outlet, channel and product.

    `closed_at` is text with the outlet's own offset, `ingested_at` a moment in UTC.
    """
    sales = make_sales(rng, outlets, first_day=first_day, length=length)
    made = sales.loc[sales.index.repeat(len(PRODUCTS))].reset_index(drop=True)
    made["product"] = np.tile(np.array(list(PRODUCTS), dtype=object), len(sales))
    shares = np.tile([share for share, _ in PRODUCTS.values()], len(sales))
    prices = np.tile([price for _, price in PRODUCTS.values()], len(sales))
    # At least one: an outlet sends no line for what it did not sell. Zero is made on purpose only.
    made["units"] = np.maximum(1, rng.poisson(made["units"] * shares))
    made["price"] = (np.round(made["price"] * prices / 500) * 500).astype("int64")
    made["revenue"] = made["price"] * made["units"]
    made["closed_at"] = closing(made["date"], made["outlet"], outlets)
    return numbered(made)


def closing(dates: pd.Series, names: pd.Series, outlets: pd.DataFrame) -> pd.Series:
    """Return 22:00 of each date on the outlet's own clock, as ISO text with its offset."""
    ahead = names.map(offsets(outlets)).astype("int64").astype(str)
    return dates.dt.strftime("%Y-%m-%d") + "T22:00:00+0" + ahead + ":00"


def numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as a batch: lines numbered from 1, columns in order."""
    made = rows.reset_index(drop=True)
    made["line"] = np.arange(1, len(made) + 1)
    return made[[*COLUMNS, *made.columns.difference(COLUMNS, sort=False)]].drop(
        columns=["promo", "weather_forecast", "footfall", "label_available_at"], errors="ignore"
    )
