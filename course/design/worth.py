"""The worked example of *Added value*: what a model is worth before anybody has built it."""
# Read by students: short questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, D401, INP001

import math
from itertools import combinations
from statistics import NormalDist, mean, stdev

from pastries import baseline, cost_a_day, costs, habit, model


# --8<-- [start:saved]
def million_a_year(way, instead_of):
    """What a way to order saves in a year in all eight outlets, in million rupiah."""
    return 8 * 365 * (cost_a_day(instead_of) - cost_a_day(way)) / 1e6


EASY = round(million_a_year(baseline, instead_of=habit))
EXTRA = round(million_a_year(model, instead_of=baseline))
SAVED = [old - new for old, new in zip(costs(baseline), costs(model), strict=True)]
"""What the model saves in one shop beyond the baseline, day by day, in rupiah."""


def interval():
    """EXTRA with its chance: 95 % interval from the differences of the days."""
    blur = stdev(SAVED) / math.sqrt(len(SAVED))
    low, high = (mean(SAVED) + side * 1.96 * blur for side in (-1, 1))
    return round(8 * 365 * low / 1e6), round(8 * 365 * high / 1e6)


# --8<-- [end:saved]


# --8<-- [start:tree]
YEARS, BUILD, RUN, PILOT = 3, 30, 6, 5
"""Years ahead; million rupiah to build, to run for a year, to try out."""

OUTCOMES = {0.0: 0.35, 0.5: 0.40, 1.0: 0.25}
"""Share of EXTRA that the model reaches in real life -> our belief."""


def gain(share):
    """Three years of model instead of baseline, at this share of EXTRA."""
    return YEARS * (share * EXTRA - RUN) - BUILD


def expected(value):
    """The mean of a value over all outcomes, each weighted by how likely it is."""
    return round(sum(chance * value(share) for share, chance in OUTCOMES.items()), 1)


def after_pilot(share):
    """The pilot tells which outcome it is, and then we build only what pays."""
    return max(gain(share), 0) - PILOT


# --8<-- [end:tree]


# --8<-- [start:short]
def short_pilot(shop_days):
    """The expected value when we see the saving only through so many days."""
    full, blur = mean(SAVED), stdev(SAVED) / math.sqrt(shop_days)
    step, total = blur / 50, 0.0
    for at in range(-300, 301 + round(full / step)):
        likely = {
            share: chance * step * NormalDist(share * full, blur).pdf(at * step)
            for share, chance in OUTCOMES.items()
        }
        if_built = sum(weight * gain(share) for share, weight in likely.items())
        total += max(if_built, 0)
    return round(total - PILOT, 1)


# --8<-- [end:short]


def risk(value):
    """The probability of losing money."""
    return round(sum(chance for share, chance in OUTCOMES.items() if value(share) < 0), 2)


# --8<-- [start:ideas]
IDEAS = {
    "croissant orders: baseline": (3, 0.90, 300),
    "croissant orders: pilot of a model": (3, 0.65, 25),
    "milk orders: baseline": (3, 0.80, 120),
    "who stops buying (app)": (8, 0.30, 400),
    "photos that check the shelves": (12, 0.10, 900),
}
"""Idea -> (weeks, chance that it works, million rupiah in three years then)."""


def worth(idea):
    """The expected value of an idea."""
    _, chance, value = IDEAS[idea]
    return chance * value


def choose(weeks):
    """The ideas that are worth most together and fit into these weeks."""
    fits = [
        ideas
        for count in range(len(IDEAS) + 1)
        for ideas in combinations(IDEAS, count)
        if sum(IDEAS[idea][0] for idea in ideas) <= weeks
    ]
    return max(fits, key=lambda ideas: sum(map(worth, ideas)))


# --8<-- [end:ideas]
