"""How often a comparison of two windows raises an alarm although nothing has changed."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D400, D401, INP001, PLR2004

from itertools import pairwise

import numpy as np
from scipy.special import kolmogi
from scipy.stats import ks_2samp

DAYS = 28  # a window: four weeks
ROWS = 24  # rows of a day: eight outlets, three channels


# --8<-- [start:world]
def quiet_world(rng, windows, common=0.6):
    """Return a number for each window, day and row. Nothing ever changes in this world.

    common: how much of the variance all rows of a day share, such as the weather.
    What they share stays from day to day (0.7 times yesterday, plus something new).
    """
    shared = rng.normal(size=windows * DAYS)
    for day in range(1, len(shared)):
        shared[day] = 0.7 * shared[day - 1] + np.sqrt(1 - 0.7**2) * shared[day]
    own = rng.normal(size=(windows, DAYS, ROWS))
    return np.sqrt(common) * shared.reshape(windows, DAYS, 1) + np.sqrt(1 - common) * own


# --8<-- [end:world]


# --8<-- [start:ways]
def by_rows(windows):
    """All rows of the last window against all rows of the one before."""
    return distance(windows[-2], windows[-1]) > critical(windows[-1].size)


def by_days(windows):
    """One mean for each day: 28 numbers against 28."""
    before, now = windows[-2].mean(axis=1), windows[-1].mean(axis=1)
    return ks_2samp(before, now).pvalue < 0.05


def by_rank(windows):
    """Is this change larger than each of the 26 changes from window to window before it?"""
    changes = [distance(one, two) for one, two in pairwise(windows)]
    return changes[-1] > max(changes[-27:-1])


# --8<-- [end:ways]
def distance(one, two):
    """The KS distance of two samples of one size: the largest gap between their step curves."""
    both = np.concatenate([one.ravel(), two.ravel()])
    steps = np.where(np.argsort(both, kind="stable") < one.size, 1, -1)
    return np.abs(np.cumsum(steps)).max() / one.size


def critical(size, alpha=0.05):
    """The distance that independent rows exceed with probability alpha (large samples)."""
    return kolmogi(alpha) * np.sqrt(2 / size)


# --8<-- [start:count]
def false_alarms(runs=400, seed=1, common=0.6):
    """Return, for each way, the share of quiet worlds in which it raises an alarm."""
    rng = np.random.default_rng(seed)
    ways = [by_rows, by_days, by_rank]
    worlds = [quiet_world(rng, 28, common) for _ in range(runs)]
    return {way.__name__: float(np.mean([way(world) for world in worlds])) for way in ways}


# --8<-- [end:count]
