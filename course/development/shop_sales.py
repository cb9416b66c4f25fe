"""Two years of invented sales of Kopi Lestari: the data that this part's examples work with.

One row for each day, outlet and channel. The same seed gives the same rows, everywhere.
"""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001, PLR2004

import numpy as np
import pandas as pd

OUTLETS = ["K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08"]
CHANNELS = {"store": 4.5, "app": 3.9, "delivery": 3.6}
"""Channel -> log of a typical day's units."""
RAIN = {"store": -0.18, "app": 0.0, "delivery": 0.2}
"""Channel -> log effect of rain."""
WEEK = np.array([0.0, -0.02, -0.02, 0.0, 0.05, 0.17, 0.15])
"""Log effect of Monday to Sunday."""


def wander(rng, days, width, memory, spread):
    """Return `width` curves that remember yesterday: each has the standard deviation `spread`."""
    steps = rng.normal(size=(days, width)) * spread * np.sqrt(1 - memory**2)
    curve = np.empty((days, width))
    curve[0] = rng.normal(size=width) * spread
    for day in range(1, days):
        curve[day] = memory * curve[day - 1] + steps[day]
    return curve


# --8<-- [start:columns]
COLUMNS = {
    "date": "the day",
    "outlet": "K01 to K08",
    "channel": "store, app or delivery",
    "price": "whole rupiah",
    "promo": "1 if a promotion was planned",
    "rain_forecast": "chance of rain, as forecast the day before",
    "rain": "1 if it rained",
    "footfall": "people who came in (store)",
    "units": "what we want to forecast",
    "revenue": "price times units",
    "known_at": "the day on which units were final",
}
# --8<-- [end:columns]


def make_sales(days=730, seed=7, first_day="2024-01-01"):
    """Return the sales of `days` days, ordered by date, outlet and channel."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range(first_day, periods=days)
    day, place, channel = np.indices((days, len(OUTLETS), len(CHANNELS))).reshape(3, -1)
    sky = wander(rng, days, len(OUTLETS), 0.7, 1.0)
    rained = (sky > 0.5)[day, place]
    guess = 1 / (1 + np.exp(-3 * (sky + rng.normal(size=sky.shape) * 0.4 - 0.5)))
    promo = (rng.random((days, len(OUTLETS))) < 0.08)[day, place]
    price = np.where(promo, 22_000, 28_000)

    names = np.array(list(CHANNELS))[channel]
    level = np.array(list(CHANNELS.values()))[channel] + rng.normal(size=len(OUTLETS))[place] * 0.2
    season = 0.08 * np.sin(2 * np.pi * (np.arange(days) % 365) / 365)
    # What moves a day and is in no column: a road works, a fair, a new office next door.
    hidden = wander(rng, days, 1, 0.7, 0.1)[day, 0]
    local = wander(rng, days, len(OUTLETS), 0.97, 0.16)[day, place]
    mean = level + WEEK[dates.weekday][day] + season[day] + hidden + local
    mean = mean + np.array(list(RAIN.values()))[channel] * rained + 0.3 * promo
    units = np.round(np.exp(mean + rng.normal(size=len(mean)) * 0.12)).astype(int)

    wait = np.select([names == "store", names == "app"], [1, 2], rng.integers(7, 11, len(units)))
    came_in = units * rng.uniform(1.6, 2.4, len(units))
    return pd.DataFrame(
        {
            "date": dates[day],
            "outlet": np.array(OUTLETS)[place],
            "channel": names,
            "price": price,
            "promo": promo.astype(int),
            "rain_forecast": guess[day, place].round(2),
            "rain": rained.astype(int),
            "footfall": np.where(names == "store", came_in, 0).astype(int),
            "units": units,
            "revenue": price * units,
            "known_at": dates[day] + pd.to_timedelta(wait, unit="D"),
        }
    )
