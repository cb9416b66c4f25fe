"""Weather by city and day, and the forecast of the day before: two kinds of column.

The forecast is known when predicting, the weather only afterwards.
"""

from __future__ import annotations

import numpy as np

PERSISTENCE = 0.7
"""Correlation of a day's weather with the next day's."""
FORECAST_ERROR = 0.5
"""Standard deviation of the forecast's error, in units of the weather's own."""
KINDS = ("sunny", "cloudy", "rain")
"""From the lowest to the highest score."""
CUTS = (0.0, 0.8)
"""Scores at which sunny becomes cloudy, and cloudy rain: about 50, 29 and 21 % of days."""


def scores(rng: np.random.Generator, days: int, places: int) -> np.ndarray:
    """Return standard normal scores, days by places, autocorrelated from day to day."""
    shocks = rng.normal(size=(days, places))
    made = np.empty_like(shocks)
    made[0] = shocks[0]
    scale = np.sqrt(1 - PERSISTENCE**2)
    for day in range(1, days):
        made[day] = PERSISTENCE * made[day - 1] + scale * shocks[day]
    return made


def forecast(rng: np.random.Generator, actual: np.ndarray) -> np.ndarray:
    """Return what was forecast the day before."""
    return actual + FORECAST_ERROR * rng.normal(size=actual.shape)


def named(scored: np.ndarray) -> np.ndarray:
    """Return the names of scores."""
    return np.array(KINDS, dtype=object)[np.digitize(scored, CUTS)]
