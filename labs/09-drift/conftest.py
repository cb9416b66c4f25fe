"""Small fresh logs for the public checks. Every run draws other numbers."""

import numpy as np
import pandas as pd
import pytest

CHANNELS = {"store": (100, 0.15), "app": (50, 0.2), "delivery": (40, 0.3)}
LEARNT_WEEKS = 12


@pytest.fixture
def make_log(rng):
    """Return a function that makes a log of 39 weeks of a world in which nothing happens.

    The model learnt from the first 12 weeks. The last week is a copy of the one ten weeks before, so
    that it is as quiet as that one; then `habit` multiplies what delivery sells in it, and `discount`
    is what all of its rows get, if it is given.
    """

    def make(habit=1.0, discount=None):
        days = pd.date_range("2025-01-06", periods=38 * 7)
        grid = pd.MultiIndex.from_product([days, range(8), CHANNELS], names=["date", "outlet", "channel"])
        log = grid.to_frame(index=False)
        log = log[rng.random(len(log)) < 0.8]
        level, spread = (log["channel"].map({name: both[at] for name, both in CHANNELS.items()}) for at in (0, 1))
        log["temperature"] = np.round(30 + rng.normal(size=len(log)), 1)
        log["discount"] = rng.choice([0.0, 0.1, 0.2], p=[0.8, 0.1, 0.1], size=len(log))
        usual = level * np.exp(1.5 * log["discount"])
        log["forecast"] = np.round(usual, 1)
        log["units"] = np.round(usual * np.exp(spread * rng.normal(size=len(log))))
        age = (days[-1] - log["date"]).dt.days // 7
        week = log[age == 9].copy()
        week["date"] += pd.Timedelta(weeks=10)
        week.loc[week["channel"] == "delivery", "units"] *= habit
        if discount is not None:
            week["discount"] = discount
        return pd.concat([log, week], ignore_index=True)

    return make


@pytest.fixture
def trained_until():
    """The last day from which the model of make_log learnt."""
    return pd.Timestamp("2025-01-05") + pd.Timedelta(weeks=LEARNT_WEEKS)


@pytest.fixture
def later():
    """A moment at which every label of make_log has come."""
    return pd.Timestamp("2025-01-05") + pd.Timedelta(weeks=39, days=11)
