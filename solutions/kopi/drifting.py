"""The log of the forecasting service for lab 09: inputs, forecasts, and sales when they are known.

The last week is where the world may move; everything before it is quiet. Rows of a day share its
weather, and days resemble the day before, as they do in the case's other tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from .days import is_weekend
from .outlets import CHANNELS
from .sales import CHANNEL_LEVEL, LABEL_DAYS
from .weather import KINDS, PERSISTENCE

WEEK: Final = 7
YEAR: Final = 52
"""Weeks after which a season comes again."""
LEARNT: Final = 12
"""Weeks from which the model learnt."""
WEEKS: Final = LEARNT + 26 + 1
"""What it learnt, 26 weeks in use, and the week that is asked about."""
TWO_YEARS: Final = YEAR + 26 + 1
"""Weeks that hold the same season of the year before; the model learnt from the first 52."""
OUTLETS: Final = 6
EXTRACT_OUTLETS: Final = 5
"""Fewer in what students receive, so that it stays small."""
FIRST_DAY: Final = "2024-06-03"
"""A Monday."""
NOISE: Final = {"store": 0.15, "app": 0.20, "delivery": 0.30}
"""Spread of sales around their mean (log scale)."""
MEMORY: Final = 0.6
"""Part of a row's noise that a model knows when it has learnt from the row."""
MODEL_SD: Final = 0.05
"""Spread of forecasts around the mean that a perfect model would give (log scale)."""
DISCOUNT_EFFECT: Final = 1.5
"""Log effect of a whole discount: 20 % off sell 35 % more."""
RAIN_EFFECT: Final = {"store": -0.12, "app": 0.02, "delivery": 0.15}
KEPT: Final = 0.8
"""Share of the possible rows (day, outlet, channel) that occurs: no row where nobody asked."""
CLOSED: Final = 0.32
"""The same for stores when counters close, and in the rains."""
HABIT: Final = 5 / 3
"""So much more sells delivery under a new habit."""
CUTS: Final = (0.0, 0.8)
"""Scores of the sky at which sunny becomes cloudy, and cloudy rain."""


class Story(StrEnum):
    """What happens in the last week."""

    QUIET = "quiet"
    """Nothing."""
    MIX = "mix"
    """Counters close: three of five store rows are gone. What a row sells stays."""
    HEAT = "heat"
    """Eight degrees more, as far as the model is told. Nobody buys more or less for it."""
    HABIT = "habit"
    """Delivery sells two thirds more, for the same inputs."""
    BOTH = "both"
    """MIX and HABIT."""
    CAMPAIGN = "campaign"
    """Half price in all outlets but one. The rule is as before, and the model has never seen it."""
    MONSOON = "monsoon"
    """The rains begin, as in the same week of the year before: more app and delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Days by outlets."""

    rain: np.ndarray
    """Scores."""
    temperature: np.ndarray
    """Degrees Celsius."""


def make_log(
    rng: np.random.Generator,
    story: Story,
    *,
    weeks: int = WEEKS,
    outlets: int = OUTLETS,
    habit: float = HABIT,
) -> pd.DataFrame:
    """Return the log, ordered by date, outlet, channel. Sales are known in every row.

    The model learnt from the rows up to `trained_until`.
    """
    days = weeks * WEEK
    dates = pd.date_range(FIRST_DAY, periods=days)
    day, place, channel = np.indices((days, outlets, len(CHANNELS))).reshape(3, -1)
    now = day >= days - WEEK
    wet = _wet_season(story, days)
    sky = _sky(rng, story, wet, outlets)
    discount = _discounts(rng, story, days, outlets)[day, place]
    names = np.array(CHANNELS, dtype=object)[channel]
    rain = sky.rain[day, place] > CUTS[1]
    level = np.array([CHANNEL_LEVEL[name] for name in CHANNELS])[channel]
    effect = np.array([RAIN_EFFECT[name] for name in CHANNELS])[channel] * rain
    spread = 0.16 * rng.normal(size=outlets)
    usual = level + effect + spread[place] + 0.14 * is_weekend(dates)[day]
    more = np.log(habit) * (now & (channel == 2)) * (story in {Story.HABIT, Story.BOTH})
    noise = np.array([NOISE[name] for name in CHANNELS])[channel] * rng.normal(size=len(day))
    learnt = day < trained_weeks(weeks) * WEEK
    known = usual + DISCOUNT_EFFECT * np.minimum(discount, 0.2)
    forecast = known + MODEL_SD * rng.normal(size=len(day)) + MEMORY * noise * learnt
    rows = pd.DataFrame(
        {
            "date": dates[day],
            "outlet": np.array([f"K{number + 1:02d}" for number in range(outlets)])[place],
            "channel": names,
            "weather": np.array(KINDS, dtype=object)[np.digitize(sky.rain, CUTS)][day, place],
            "temperature": sky.temperature[day, place],
            "discount": discount,
            "forecast": np.round(np.exp(forecast), 1),
            "units": np.round(np.exp(usual + DISCOUNT_EFFECT * discount + more + noise)),
        }
    )
    rows["label_available_at"] = rows["date"] + pd.to_timedelta(_waits(rng, channel), unit="D")
    kept = rng.random(len(day)) < _kept(story, wet)[day, channel]
    return rows[kept].reset_index(drop=True)


def trained_weeks(weeks: int) -> int:
    """Return from how many weeks the model learnt: all but the last 27."""
    return weeks - 27


def trained_until(log: pd.DataFrame) -> pd.Timestamp:
    """Return the last day from which the model learnt."""
    return pd.Timestamp(log["date"].max() - pd.Timedelta(days=27 * WEEK))


def as_known(log: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Return the log as it stands at a moment: sales whose label has not come are missing."""
    come = log["label_available_at"] <= now
    return log.assign(units=log["units"].where(come))


def _wet_season(story: Story, days: int) -> np.ndarray:
    """Return which days are wet: ten weeks from the last one on, in each year."""
    wet = np.zeros(days, dtype=bool)
    if story is Story.MONSOON:
        first = days - WEEK
        for start in (first, first - YEAR * WEEK):
            if start >= 0:
                wet[start : start + 10 * WEEK] = True
    return wet


def _sky(rng: np.random.Generator, story: Story, wet: np.ndarray, outlets: int) -> Sky:
    days = len(wet)
    shared = _autocorrelated(rng, days, 2)
    rain = shared[:, :1] + 0.4 * rng.normal(size=(days, outlets)) + 1.5 * wet[:, None]
    warm = 30 + 1.2 * shared[:, 1:] + 0.3 * rng.normal(size=(days, outlets))
    if story is Story.HEAT:
        warm[-WEEK:] += 8
    return Sky(rain=rain, temperature=np.round(warm, 1))


def _autocorrelated(rng: np.random.Generator, days: int, series: int) -> np.ndarray:
    """Return standard normal scores that remember the day before."""
    shocks = rng.normal(size=(days, series))
    scale = np.sqrt(1 - PERSISTENCE**2)
    for day in range(1, days):
        shocks[day] = PERSISTENCE * shocks[day - 1] + scale * shocks[day]
    return shocks


def _discounts(rng: np.random.Generator, story: Story, days: int, outlets: int) -> np.ndarray:
    offered = rng.random((days, outlets)) < 0.2
    made = np.where(offered, rng.choice([0.1, 0.2], size=(days, outlets)), 0.0)
    if story is Story.CAMPAIGN:
        made[-WEEK:, : outlets - 1] = 0.5
    return np.asarray(made)


def _kept(story: Story, wet: np.ndarray) -> np.ndarray:
    """Return which share of the possible rows occurs, days by channels."""
    share = np.full((len(wet), len(CHANNELS)), KEPT)
    share[wet, 0] = CLOSED
    if story in {Story.MIX, Story.BOTH}:
        share[-WEEK:, 0] = CLOSED
    return share


def _waits(rng: np.random.Generator, channel: np.ndarray) -> np.ndarray:
    first = np.array([LABEL_DAYS[name][0] for name in CHANNELS])[channel]
    last = np.array([LABEL_DAYS[name][1] for name in CHANNELS])[channel]
    return np.asarray(rng.integers(first, last + 1))


MONDAYS: Final = {
    "quiet": Story.QUIET,
    "counters": Story.MIX,
    "habit": Story.HABIT,
    "campaign": Story.CAMPAIGN,
}
"""Name of a file of lab 09, and what happens in the week that it holds."""


def monday_logs(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return name -> log for the four Mondays: one past, and four different last weeks."""
    state = rng.bit_generator.state
    logs = {}
    for name, story in MONDAYS.items():
        rng.bit_generator.state = state
        logs[name] = make_log(rng, story, outlets=EXTRACT_OUTLETS)
    return logs
