"""The table `sales`: one row for each day, outlet and channel.

Log-normal demand. Makes clean data; `faults` damages it and `lines` splits it by product.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import days, weather
from .outlets import CHANNELS, offsets
from .shifts import Kind, Shift, amount

PRICE = 28_000
"""Rupiah of a mean cup."""
PROMOTIONS = 0.08
"""Share of outlet-days with a promotion."""
PROMOTED_PRICE = 0.8
"""A promotion takes 20 % off the price."""
PROMOTION_EFFECT = 0.30
"""Log effect of a promotion."""
RAIN_EFFECT = {"store": -0.12, "app": 0.02, "delivery": 0.15}
"""Log effect of rain."""
CHANNEL_LEVEL = {"store": 4.6, "app": 3.9, "delivery": 3.6}
"""Log of median units a day."""
OUTLET_SD = 0.16
"""Spread of outlets (log): with all else that moves a day, an intra-class correlation near 0.2."""
NOISE_SD = 0.25
"""Spread of one row (log)."""
LABEL_DAYS = {"store": (1, 1), "app": (2, 2), "delivery": (7, 10)}
"""Days until the final count of a day is known, from and to."""


def make_sales(
    rng: np.random.Generator,
    outlets: pd.DataFrame,
    *,
    first_day: str = "2024-01-01",
    length: int = 730,
    shifts: tuple[Shift, ...] = (),
) -> pd.DataFrame:
    """Return the sales of `length` days, ordered by date, outlet, channel.

    Revenue is price times units, in whole rupiah, in every row.
    """
    rows = _grid(outlets, pd.date_range(first_day, periods=length))
    # One generator for each part: a shift of one part leaves the draws of all others alone.
    sky, offers, places, noise, clock, thinning = rng.spawn(6)
    _add_weather(rows, sky, length, len(outlets))
    _add_prices(rows, offers, len(outlets))
    dates = pd.DatetimeIndex(rows["date"])
    mean = _demand(rows, dates, shifts) + _spread(places, len(outlets))[rows["place"]]
    rows["units"] = np.round(np.exp(mean + NOISE_SD * noise.normal(size=len(rows)))).astype("int64")
    rows["revenue"] = rows["price"] * rows["units"]
    _add_footfall(rows, noise)
    _add_times(rows, clock, outlets)
    gone = (rows["channel"] == "store") & (
        thinning.random(len(rows)) < amount(shifts, Kind.MIX, dates)
    )
    return rows.loc[~gone, list(COLUMNS)].reset_index(drop=True)


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
    "ingested_at",
    "label_available_at",
)
"""Columns of the table, in order."""


def _grid(outlets: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.DataFrame:
    names = outlets["outlet"].to_numpy()
    day, place, channel = np.indices((len(dates), len(names), len(CHANNELS))).reshape(3, -1)
    return pd.DataFrame(
        {
            "date": dates[day],
            "outlet": names[place],
            "channel": np.array(CHANNELS, dtype=object)[channel],
            "day": day,
            "place": place,
        }
    )


def _add_weather(rows: pd.DataFrame, rng: np.random.Generator, length: int, places: int) -> None:
    actual = weather.scores(rng, length, places)
    expected = weather.forecast(rng, actual)
    where = (rows["day"].to_numpy(), rows["place"].to_numpy())
    rows["weather"] = weather.named(actual)[where]
    rows["weather_forecast"] = weather.named(expected)[where]


def _add_prices(rows: pd.DataFrame, rng: np.random.Generator, places: int) -> None:
    local = np.round(PRICE * rng.uniform(0.9, 1.15, size=places) / 500) * 500
    offered = rng.random((int(rows["day"].iloc[-1]) + 1, places)) < PROMOTIONS
    rows["promo"] = offered[rows["day"], rows["place"]].astype("int64")
    full = local[rows["place"]]
    rows["price"] = np.where(rows["promo"] == 1, full * PROMOTED_PRICE, full).astype("int64")


def _demand(rows: pd.DataFrame, dates: pd.DatetimeIndex, shifts: tuple[Shift, ...]) -> np.ndarray:
    change = amount(shifts, Kind.COEFFICIENTS, dates)
    rain = (rows["weather"] == "rain").to_numpy()
    level = rows["channel"].map(CHANNEL_LEVEL).to_numpy()
    return np.asarray(
        level
        + days.day_effect(dates, 1 + amount(shifts, Kind.SEASON, dates))
        + rain * rows["channel"].map(RAIN_EFFECT).to_numpy()
        + (PROMOTION_EFFECT + change) * rows["promo"].to_numpy()
        + change * (rows["channel"] == "delivery").to_numpy()
    )


def _spread(rng: np.random.Generator, places: int) -> np.ndarray:
    drawn = rng.normal(size=places)
    if places == 1:
        return np.zeros(1)
    # Standardised, so that eight outlets differ as much as the course says in every draw.
    return OUTLET_SD * (drawn - drawn.mean()) / drawn.std()


def _add_footfall(rows: pd.DataFrame, rng: np.random.Generator) -> None:
    seen = rows["units"] * rng.uniform(1.6, 2.4, size=len(rows))
    rows["footfall"] = np.where(rows["channel"] == "store", seen, 0).astype("int64")


def _add_times(rows: pd.DataFrame, rng: np.random.Generator, outlets: pd.DataFrame) -> None:
    ahead = rows["outlet"].map(offsets(outlets)).to_numpy()
    closing = rows["date"] + pd.to_timedelta(22 - ahead, unit="h")
    waited = pd.to_timedelta(rng.integers(30, 5 * 60, size=len(rows)), unit="min")
    rows["ingested_at"] = (closing + waited).dt.tz_localize("UTC")
    shortest = rows["channel"].map({name: low for name, (low, _) in LABEL_DAYS.items()})
    longest = rows["channel"].map({name: high for name, (_, high) in LABEL_DAYS.items()})
    wait = rng.integers(shortest, longest + 1)
    rows["label_available_at"] = rows["date"] + pd.to_timedelta(wait, unit="D")
