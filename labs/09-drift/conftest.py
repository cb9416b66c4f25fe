"""Small fresh logs for the public checks. Every run draws other numbers."""

import numpy as np
import pandas as pd
import pytest

CHANNELS = {"store": (100, 0.15), "app": (50, 0.2), "delivery": (40, 0.3)}
LEARNT_WEEKS = 12


@pytest.fixture
def make_log(rng):
    """Return a function that makes a log of 39 weeks of a world in which nothing happens.

    The model learnt from the first 12 weeks. `habit` multiplies what delivery sells in the last week;
    `discount` is what all rows of the last week get, if it is given.
    """

    def make(habit=1.0, discount=None):
        days = pd.date_range("2025-01-06", periods=39 * 7)
        grid = pd.MultiIndex.from_product([days, range(8), CHANNELS], names=["date", "outlet", "channel"])
        log = grid.to_frame(index=False)
        log = log[rng.random(len(log)) < 0.8].reset_index(drop=True)
        last = log["date"] > days[-1] - pd.Timedelta(days=7)
        level, spread = (log["channel"].map({name: both[at] for name, both in CHANNELS.items()}) for at in (0, 1))
        log["temperature"] = np.round(30 + rng.normal(size=len(log)), 1)
        log["discount"] = rng.choice([0.0, 0.1, 0.2], p=[0.8, 0.1, 0.1], size=len(log))
        if discount is not None:
            log.loc[last, "discount"] = discount
        log["forecast"] = np.round(level * np.exp(1.5 * log["discount"].clip(upper=0.2)), 1)
        usual = level * np.exp(1.5 * log["discount"])
        usual = usual.where(~(last & (log["channel"] == "delivery")), usual * habit)
        log["units"] = np.round(usual * np.exp(spread * rng.normal(size=len(log))))
        return log

    return make


@pytest.fixture
def trained_until():
    """The last day from which the model of make_log learnt."""
    return pd.Timestamp("2025-01-05") + pd.Timedelta(weeks=LEARNT_WEEKS)


@pytest.fixture
def later():
    """A moment at which every label of make_log has come."""
    return pd.Timestamp("2025-01-05") + pd.Timedelta(weeks=39, days=11)
