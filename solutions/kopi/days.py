"""What a day does to demand before any outlet, price or promotion: weekend, season, Ramadan.

Factors on the log scale, from dates alone. Nothing random here: weather is in `weather`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

WEEKEND = 0.15
"""Saturday and Sunday sell 15 % more."""
SEASON = 0.10
"""Half the yearly swing: the dry season sells about 10 % more than the mean."""
FASTING = -0.25
"""Change of demand in Ramadan (log scale)."""
FASTING_DAYS = 30
"""Length of Ramadan, rounded."""

RAMADAN = {
    2021: "2021-04-13",
    2022: "2022-04-03",
    2023: "2023-03-23",
    2024: "2024-03-12",
    2025: "2025-03-01",
    2026: "2026-02-19",
    2027: "2027-02-08",
    2028: "2028-01-28",
}
"""First day of Ramadan in Indonesia; it comes about 11 days earlier every year."""


def is_weekend(dates: pd.DatetimeIndex) -> np.ndarray:
    """Return True for Saturdays and Sundays."""
    return np.asarray(dates.dayofweek >= 5)


def is_ramadan(dates: pd.DatetimeIndex) -> np.ndarray:
    """Return True for the days of Ramadan. Raises ValueError for a year that is not listed."""
    unknown = sorted(set(dates.year) - set(RAMADAN))
    if unknown:
        raise ValueError(f"no Ramadan is listed for {unknown}; add the year to kopi/days.py")
    inside = np.zeros(len(dates), dtype=bool)
    for first in pd.to_datetime(list(RAMADAN.values())):
        inside |= (dates >= first) & (dates < first + pd.Timedelta(days=FASTING_DAYS))
    return inside


def season(dates: pd.DatetimeIndex) -> np.ndarray:
    """Return the yearly wave, between -1 and 1, highest in July."""
    return np.asarray(np.sin(2 * np.pi * (dates.dayofyear - 105) / 365.25))


def day_effect(dates: pd.DatetimeIndex, swing: np.ndarray | float = 1.0) -> np.ndarray:
    """Return the log effect of each day; `swing` multiplies the season."""
    return (
        np.log1p(WEEKEND) * is_weekend(dates)
        + SEASON * swing * season(dates)
        + FASTING * is_ramadan(dates)
    )
