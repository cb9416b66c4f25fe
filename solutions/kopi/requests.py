"""The table `requests`: who asked the forecasting service for what, and how it was answered.

Labs 08 and 10 use it. Latency is log-normal, errors are rare, and a forecast is right or wrong only
when its label matures.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .outlets import CHANNELS, make_outlets
from .sales import CHANNEL_LEVEL, LABEL_DAYS

MONDAY = "2026-06-01"
"""The day on which lab 08 begins."""
USERS = 2_400
"""People who use the service."""
CHANNEL_SHARE = {"store": 0.45, "app": 0.30, "delivery": 0.25}
"""Where requests come from."""
ERROR_RATE = 0.005
"""Share of requests that a healthy version answers with an error."""
LATENCY_MEDIAN_MS = 120.0
"""Median of a healthy version's latency."""
LATENCY_SD = 0.6
"""Standard deviation of the logarithm of the latency."""
SLOW_MS = 400.0
"""A slower answer counts as slow."""
FORECAST_SD = 0.18
"""Standard deviation of a healthy forecast's error, on the log scale."""
MISS = 0.30
"""A forecast that is more than this share above the actual value, or as far below it on the log
scale, is a miss."""


def normal_tail(z: float) -> float:
    """Return the chance that a standard normal number is above z."""
    return 0.5 * math.erfc(z / math.sqrt(2))


SLOW_RATE = normal_tail(math.log(SLOW_MS / LATENCY_MEDIAN_MS) / LATENCY_SD)
"""Share of slow answers that follows: 0.0224."""
MISS_RATE = 2 * normal_tail(math.log1p(MISS) / FORECAST_SD)
"""Share of misses that follows: 0.145."""


def make_requests(
    rng: np.random.Generator, outlets: pd.DataFrame, *, day: str, count: int = 600
) -> pd.DataFrame:
    """Return a day's requests in order of time, as a healthy version answers them.

    Users are not alike: the busiest tenth asks about four times as often as the rest.
    """
    made = pd.DataFrame({"id": np.arange(1, count + 1)})
    busy = np.where(np.arange(USERS) % 10 == 0, 4.0, 1.0)
    users = rng.choice(USERS, size=count, p=busy / busy.sum())
    made["user_id"] = [f"U{number:04d}" for number in users]
    seconds = np.sort(rng.integers(7 * 3600, 21 * 3600, size=count))
    made["ts"] = pd.Timestamp(day) + pd.to_timedelta(seconds, unit="s")
    made["outlet"] = rng.choice(outlets["outlet"].to_numpy(), size=count)
    shares = [CHANNEL_SHARE[name] for name in CHANNELS]
    made["channel"] = rng.choice(np.array(CHANNELS, dtype=object), size=count, p=shares)
    made["latency_ms"] = np.round(
        LATENCY_MEDIAN_MS * np.exp(LATENCY_SD * rng.normal(size=count)), 1
    )
    made["error"] = (rng.random(count) < ERROR_RATE).astype("int64")
    level = made["channel"].map(CHANNEL_LEVEL)
    actual = np.exp(level + 0.25 * rng.normal(size=count))
    made["prediction"] = np.round(actual * np.exp(FORECAST_SD * rng.normal(size=count)), 1)
    made["actual"] = np.round(actual)
    days = np.array([rng.integers(*_wait(name)) for name in made["channel"]])
    made["label_available_at"] = pd.Timestamp(day) + pd.to_timedelta(days, unit="D")
    return made


def _wait(channel: str) -> tuple[int, int]:
    """Return the fewest days until a label is known, and one more than the most."""
    first, last = LABEL_DAYS[channel]
    return first, last + 1


def deployment_strategies(seed: int) -> dict[str, str]:
    """Return path -> CSV for lab 08: the requests of one Monday, without their answers."""
    rng = np.random.default_rng(seed)
    made = make_requests(rng, make_outlets(rng), day=MONDAY)
    asked = made[["id", "ts", "user_id", "outlet", "channel"]]
    return {"monday.csv": str(asked.to_csv(index=False, lineterminator="\n"))}
