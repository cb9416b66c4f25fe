"""A small Kopi Lestari, made from a seed, and its forecast."""
# Read by students: few words, no annotations yet.
# ruff: noqa: ANN001, ANN201, D103, INP001, PLR0913, PLR2004

import numpy as np
import pandas as pd

# --8<-- [start:world]
OUTLETS = {
    "K01": 0.25,
    "K02": 0.15,
    "K03": 0.1,
    "K04": 0.05,
    "K05": 0,
    "K06": -0.1,
    "K07": -0.15,
    "K08": -0.2,
}
CHANNELS = {"store": 4.6, "app": 3.9, "delivery": 3.6}  # log of the units of an ordinary day
KNOWN_AFTER = {"store": 1, "app": 2, "delivery": 8}  # days until the true number is there


def make_sales(seed, days, *, start="2025-05-05", at=0, closed=0.0, campaign=0.0, habit=0.0):
    """Return a row for each day, outlet and channel.

    Three things can change from day `at` on:
    closed    this share of the store rows disappears: counters close (inputs change)
    campaign  this discount is given everywhere (inputs change)
    habit     delivery sells more, by this log effect (the relationship changes)
    """
    # --8<-- [end:world]
    rng = np.random.default_rng(seed)
    sky, offers, noise, closing = rng.spawn(4)
    grid = pd.MultiIndex.from_product([range(days), OUTLETS, CHANNELS])
    rows = grid.to_frame(index=False, name=["day", "outlet", "channel"])
    changed = rows["day"] >= at
    date = pd.Timestamp(start) + pd.to_timedelta(rows["day"], unit="D")
    each = len(OUTLETS) * len(CHANNELS)
    rows.insert(0, "date", date)
    rows["weekend"] = (date.dt.dayofweek >= 5).astype(int)
    rows["temperature"] = np.repeat(temperatures(sky, date[::each]), each)
    usual = offers.choice([0.0, 0.1, 0.2], p=[0.86, 0.07, 0.07], size=days * len(OUTLETS))
    rows["discount"] = np.repeat(usual, len(CHANNELS))
    if campaign:
        rows.loc[changed, "discount"] = campaign
    mean = rows["channel"].map(CHANNELS) + rows["outlet"].map(OUTLETS)
    mean += 0.14 * rows["weekend"] + 0.03 * (rows["temperature"] - 30) + 1.5 * rows["discount"]
    mean += habit * (changed & (rows["channel"] == "delivery"))
    rows["units"] = np.round(np.exp(mean + 0.22 * noise.normal(size=len(rows)))).astype(int)
    rows["known_on"] = date + pd.to_timedelta(rows["channel"].map(KNOWN_AFTER), unit="D")
    gone = changed & (rows["channel"] == "store") & (closing.random(len(rows)) < closed)
    return rows[~gone].drop(columns="day").reset_index(drop=True)


def temperatures(rng, dates):
    """Warmest in October. Weather stays: 0.7 times the day before, plus something new."""
    sky = rng.normal(size=len(dates))
    for day in range(1, len(sky)):
        sky[day] = 0.7 * sky[day - 1] + np.sqrt(1 - 0.7**2) * sky[day]
    season = np.sin(2 * np.pi * (pd.DatetimeIndex(dates).dayofyear - 200) / 365.25)
    return np.round(30 + 1.5 * season + 1.5 * sky, 1)


# --8<-- [start:model]
def features(rows):
    """Return what is known when the forecast is made, as numbers."""
    columns = [rows["channel"] == name for name in CHANNELS]
    columns += [rows["outlet"] == name for name in list(OUTLETS)[1:]]
    columns += [rows["weekend"], rows["discount"], rows["temperature"] - 30]
    return np.column_stack(columns).astype(float)


def fit(rows):
    """Least squares on the log of the units."""
    return np.linalg.lstsq(features(rows), np.log(rows["units"]), rcond=None)[0]


def forecast(model, rows):
    return np.exp(features(rows) @ model)


def wape(rows, forecasts):
    """Sum of absolute errors over the sum of sales."""
    return float((rows["units"] - forecasts).abs().sum() / rows["units"].sum())


# --8<-- [end:model]
