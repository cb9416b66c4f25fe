"""Sales for experiments: six months without Ramadan, as the file that lab 04 trains on.

Makes the extract and the small worlds of the hidden checks. Columns that nobody knows when the
forecast is made are here, too: choosing features is part of the lab.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .outlets import make_outlets
from .sales import make_sales

FIRST_DAY = "2026-04-01"
"""Ramadan ended on 20 March: the weeks to come have no season of their own but the yearly one."""
SECOND_DAY = "2026-05-01"
"""Where the training of a younger model begins, in the checks of the registry."""
LENGTH = 183
"""Days of the extract, to the end of September."""
KNOWN = ("outlet", "channel", "weekday", "price", "promo", "weather_forecast")
"""Columns that are known on the evening before: what a forecast may use."""
COLUMNS = (
    "date",
    "outlet",
    "channel",
    "price",
    "promo",
    "weather_forecast",
    "weather",
    "footfall",
    "units",
    "revenue",
)
"""Columns of the file, in order."""


def experiment_sales(
    rng: np.random.Generator, *, outlets: int = 8, length: int = LENGTH, first_day: str = FIRST_DAY
) -> pd.DataFrame:
    """Return the sales of `length` days, with the columns of the file and in its order."""
    sales = make_sales(rng, make_outlets(rng, outlets), first_day=first_day, length=length)
    return sales[list(COLUMNS)]


def with_weekday(sales: pd.DataFrame) -> pd.DataFrame:
    """Return the sales as the lab's `load` returns them: with the weekday, 0 for Monday."""
    return sales.assign(weekday=sales["date"].dt.dayofweek)


def halved(sales: pd.DataFrame) -> pd.Series:
    """Return units as if half of the customers had stayed away."""
    return (sales["units"] // 2).clip(lower=1)


def as_file(sales: pd.DataFrame) -> str:
    """Return the CSV text of a table of sales."""
    text = sales[list(COLUMNS)].assign(date=sales["date"].dt.strftime("%Y-%m-%d"))
    return str(text.to_csv(index=False, lineterminator="\n"))


def experiment_tracking(seed: int) -> dict[str, str]:
    """Return path -> CSV for lab 04: one file of sales."""
    return {"sales.csv": as_file(experiment_sales(np.random.default_rng(seed)))}
