"""When is a new model better? Rules for promotion, tried on models of which we know the truth."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

import numpy as np
from scipy.stats import t

# --8<-- [start:days]
ERROR = 0.19
"""WAPE of the champion."""
DAY_SD = 0.059
"""Good and bad days that all models share."""
OWN_SD = 0.017
"""What is a model's own: on one day, two models differ with a deviation of 0.017 · √2 = 0.024."""


def make_days(rng, rounds, days, gains, memory=0.0):
    """Return daily WAPEs: one for each round, model and day. Model 0 is the champion.

    `gains` says how much better each model truly is: 0.02 is an error 2 % smaller than the
    champion's. With a `memory`, a model that does well today tends to do well tomorrow.
    """
    shared = rng.normal(size=(rounds, 1, days)) * DAY_SD
    own = rng.normal(size=(rounds, len(gains), days)) * OWN_SD
    for day in range(1, days):
        own[:, :, day] *= np.sqrt(1 - memory**2)
        own[:, :, day] += memory * own[:, :, day - 1]
    level = ERROR * (1 - np.array(gains))
    return level[None, :, None] + shared + own


# --8<-- [end:days]


# --8<-- [start:rules]
def margin_rule(champion, candidate):
    """Promote when the mean error is at least 1 % smaller."""
    return candidate.mean(axis=-1) <= 0.99 * champion.mean(axis=-1)


def paired_rule(champion, candidate, level=0.05):
    """Promote when, day by day, the champion's error is larger beyond doubt (one-sided t)."""
    gain = champion - candidate
    days = gain.shape[-1]
    lowest = gain.mean(axis=-1) - t.ppf(1 - level, days - 1) * gain.std(axis=-1, ddof=1) / np.sqrt(
        days
    )
    return lowest > 0


# --8<-- [end:rules]


# --8<-- [start:weekly]
def weekly(days):
    """Return the mean of each full week: weeks resemble their neighbours much less than days do."""
    weeks = days.shape[-1] // 7
    return days[..., : weeks * 7].reshape(*days.shape[:-1], weeks, 7).mean(axis=-1)


# --8<-- [end:weekly]


# --8<-- [start:promotions]
def promotions(gains, memory=0.0, days=28, rounds=20_000, seed=0):
    """Return how often each way of deciding promotes the candidate that looked best."""
    rng = np.random.default_rng(seed)
    seen = make_days(rng, rounds, days, gains, memory)
    fresh = make_days(rng, rounds, days, gains, memory)
    best = 1 + seen[:, 1:].mean(axis=-1).argmin(axis=-1)
    rows = np.arange(rounds)
    decided = {
        "margin of 1 %": margin_rule(seen[:, 0], seen[rows, best]),
        "paired, same days": paired_rule(seen[:, 0], seen[rows, best]),
        "paired, fresh days": paired_rule(fresh[:, 0], fresh[rows, best]),
    }
    return {name: float(chosen.mean()) for name, chosen in decided.items()}


# --8<-- [end:promotions]


# --8<-- [start:peeked]
def peeked(first=7, days=28, rounds=20_000, seed=0):
    """Return how often an equal candidate wins when somebody looks every day and stops at a win."""
    one = make_days(np.random.default_rng(seed), rounds, days, [0, 0])
    won = [paired_rule(one[:, 0, :now], one[:, 1, :now]) for now in range(first, days + 1)]
    return float(np.any(won, axis=0).mean())


# --8<-- [end:peeked]
