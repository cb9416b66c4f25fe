"""The outlets of the chain: where they are, which clock they live by, since when they are open.

Makes one table. What an outlet sells is made in `sales`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

CHANNELS = ("store", "app", "delivery")
"""The sales channels; all outlets have all three unless a caller says otherwise."""

CITIES = (
    ("Jakarta", "Asia/Jakarta"),
    ("Bandung", "Asia/Jakarta"),
    ("Surabaya", "Asia/Jakarta"),
    ("Medan", "Asia/Jakarta"),
    ("Denpasar", "Asia/Makassar"),
    ("Makassar", "Asia/Makassar"),
    ("Manado", "Asia/Makassar"),
    ("Jayapura", "Asia/Jayapura"),
)
"""City and time zone, in the order in which outlets are numbered."""

OFFSETS = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}
"""Hours ahead of UTC. Indonesia has no summer time, so a number says it all."""


def make_outlets(rng: np.random.Generator, count: int = 8) -> pd.DataFrame:
    """Return `count` outlets that opened between 2018 and 2022 and are open still."""
    days = rng.integers(0, 5 * 365, size=count)
    places = [CITIES[number % len(CITIES)] for number in range(count)]
    return pd.DataFrame(
        {
            "outlet": [f"K{number + 1:02d}" for number in range(count)],
            "city": [city for city, _ in places],
            "time_zone": [zone for _, zone in places],
            "channels": ",".join(CHANNELS),
            "opened": pd.Timestamp("2018-01-01") + pd.to_timedelta(days, unit="D"),
            "closed": pd.Series(pd.NaT, index=range(count), dtype="datetime64[ns]"),
        }
    )


def offsets(outlets: pd.DataFrame) -> pd.Series:
    """Return hours ahead of UTC, indexed by outlet."""
    return outlets.set_index("outlet")["time_zone"].map(OFFSETS)
