"""Simulates what a validation gate does with candidates whose true quality is known."""
# ruff: noqa: INP001

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAYS = 28
SERIES = 24
"""Eight outlets times three channels."""
MOOD, MEMORY = 0.05, 0.5
"""Size of what all outlets share on a day, and how much of it stays until the next day."""
NOISE = 0.12
"""What nobody can foresee about one outlet and channel on one day."""
BIAS = 0.08
"""How far the champion is off, per outlet and channel, for ever."""
T_95 = 1.703
"""Quantile 0.95 of Student's t with 27 degrees of freedom."""


def world(rng: np.random.Generator, times: int, days: int = DAYS) -> Floats:
    """Return what cannot be foreseen: times x days x series, as shares of the sales."""
    mood = np.empty((times, days))
    mood[:, 0] = rng.normal(0, MOOD, times)
    for day in range(1, days):
        fresh = rng.normal(0, MOOD * np.sqrt(1 - MEMORY**2), times)
        mood[:, day] = MEMORY * mood[:, day - 1] + fresh
    return mood[:, :, None] + rng.normal(0, NOISE, (times, days, SERIES))


def models(rng: np.random.Generator, times: int, size: float, count: int) -> tuple[Floats, Floats]:
    """Return the biases of a champion and of candidates that are off by `size` times as much.

    With size 1, a candidate errs elsewhere but exactly as much: champion and candidate are equal.
    """
    champion = rng.normal(0, BIAS, (times, 1, SERIES))
    signs = rng.choice([-1.0, 1.0], (times, count, SERIES))
    return champion, size * signs * champion


def errors(truth: Floats, bias: Floats) -> Floats:
    """Return the mean absolute error of each day: times x days."""
    found: Floats = np.abs(truth + bias[:, None, :]).mean(axis=2)
    return found


def expected(bias: Floats) -> float:
    """Return the true mean absolute error of models with these biases (a folded normal's mean)."""
    spread = math.hypot(NOISE, MOOD)
    off = bias / spread
    bell = np.sqrt(2 / np.pi) * np.exp(-(off**2) / 2)
    return float((spread * (bell + off * np.vectorize(math.erf)(off / np.sqrt(2)))).mean())


# --8<-- [start:gates]
def lower(gains: Floats) -> NDArray[np.bool_]:
    """Open when the candidate's error is lower, on average over the days."""
    return np.asarray(gains.mean(axis=-1) > 0)


def surely_lower(gains: Floats) -> NDArray[np.bool_]:
    """Open when even the lower end of the gain's interval is above zero."""
    spread = gains.std(axis=-1, ddof=1) / np.sqrt(gains.shape[-1])
    return np.asarray(gains.mean(axis=-1) - T_95 * spread > 0)


# --8<-- [end:gates]


def passes(size: float, times: int = 4000, seed: int = 1) -> dict[str, float]:
    """Return the candidate's true error against the champion's, and how often each gate opens."""
    rng = np.random.default_rng(seed)
    champion, candidate = models(rng, times, size, 1)
    truth = world(rng, times)
    ours, theirs = errors(truth, candidate[:, 0]), errors(truth, champion[:, 0])
    gains = theirs - ours
    ratio = expected(candidate) / expected(champion)
    limit = float(theirs.mean()) * 1.05
    return {
        "difference": ratio - 1,
        "under a fixed limit": float((ours.mean(axis=1) < limit).mean()),
        "lower error": float(lower(gains).mean()),
        "surely lower error": float(surely_lower(gains).mean()),
    }


# --8<-- [start:six]
def six_equal(times: int = 4000, seed: int = 2) -> dict[str, float]:
    """Return how often the best of six candidates, all as good as the champion, is promoted."""
    rng = np.random.default_rng(seed)
    champion, candidates = models(rng, times, 1.0, 6)
    first, fresh = world(rng, times), world(rng, times)
    old = errors(first, champion[:, 0])
    new = np.stack([errors(first, candidates[:, at]) for at in range(6)])
    best = new.mean(axis=2).argmin(axis=0)
    rows = np.arange(times)
    same_days = old - new[best, rows]
    other_days = errors(fresh, champion[:, 0]) - errors(fresh, candidates[rows, best])
    return {
        "1 % better": float((same_days.mean(axis=1) > 0.01 * old.mean(axis=1)).mean()),
        "surely better": float(surely_lower(same_days).mean()),
        "surely better on fresh days": float(surely_lower(other_days).mean()),
    }


# --8<-- [end:six]
