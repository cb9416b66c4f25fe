"""Rollouts of a candidate beside the present model, under a naive rule and a corrected one.

Each metric counts one kind of bad answer. Given the sum K of both arms, the candidate's count is
Binomial(K, share) when the rates are equal, nearly exactly for rare events (J. Przyborowski and
H. Wilenski, Biometrika 31, 1940). Twin of course/assets/figures/numbers/canary.js.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped] # SciPy has no types

from scripts.figures.numbers.stream import Floats, streams, uniforms

RATE: Final = 0.01
ALPHA: Final = 0.05
ROLLOUTS: Final = 1000
HOURS: Final = 24

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the sliders say."""

    requests: int
    """Requests of the day."""
    share: float
    """Share of them that the candidate answers."""
    looks: int
    """How often somebody looks."""
    metrics: int
    """Kinds of bad answers that are compared."""
    minimum: int
    """Requests of the candidate before the corrected rule decides."""
    budget: float
    """How much more often than the present model it may be bad: 0.5 is half as often again."""
    rate: float
    """Bad answers of the first kind of a sick candidate, as a share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one rule did with many rollouts."""

    back: float
    """Share that was rolled back."""
    hours: float | None
    """Median time of a rollback; None when there was none."""
    harm_half: float
    """Extra bad answers to users until the end of the rollout: median."""
    harm_most: float
    """The same: 95 % of rollouts have at most this."""


def plan(setting: Setting) -> tuple[int, int, float]:
    """Return requests of candidate and present model between looks, and the share at the budget."""
    each = setting.requests // setting.looks
    canary = max(1, int(np.floor(each * setting.share + 0.5)))
    allowed = (1 + setting.budget) * canary
    return canary, each - canary, allowed / (allowed + each - canary)


def draws(setting: Setting, rate: float, seed: int) -> tuple[Counts, Counts]:
    """Return bad answers so far of the candidate and of both: shape (ROLLOUTS, looks, metrics)."""
    canary, present, _ = plan(setting)
    cells = np.arange(setting.looks * setting.metrics).reshape(setting.looks, setting.metrics)
    keys = streams(seed, np.arange(ROLLOUTS))[:, None, None]
    one, two = (uniforms(keys, 2 * cells + arm) for arm in (0, 1))
    candidate = np.empty(one.shape, dtype=np.int64)
    candidate[..., 0] = count(one[..., 0], canary, rate)
    candidate[..., 1:] = count(one[..., 1:], canary, RATE)
    other = count(two, present, RATE)
    so_far = candidate.cumsum(axis=1)
    return so_far, so_far + other.cumsum(axis=1)


def count(u: Floats, n: int, p: float) -> Counts:
    """Return the binomial counts that uniform numbers stand for: smallest k with P(X <= k) >= u."""
    steps = stats.binom.cdf(np.arange(n + 1), n, p)
    return np.searchsorted(steps, u, side="left")


def naive(count_: Counts, total: Counts, part: float) -> Flags:
    """Return where z = (count - K share) / sqrt(K share (1 - share)) is above its 5 % limit."""
    z_limit = float(stats.norm.isf(ALPHA))
    above = count_ - total * part > z_limit * np.sqrt(total * part * (1 - part))
    flags: Flags = above & (total > 0)
    return flags


def corrected(count_: Counts, total: Counts, setting: Setting) -> Flags:
    """Return where P(Binomial(K, share) >= count) <= 5 % / (looks x metrics), after the minimum."""
    canary, _, part = plan(setting)
    alpha = ALPHA / (setting.looks * setting.metrics)
    enough = canary * np.arange(1, setting.looks + 1) >= setting.minimum
    flags: Flags = (stats.binom.sf(count_ - 1, total, part) <= alpha) & enough[:, None]
    return flags


def stops(flags: Flags) -> Counts:
    """Return the first look with an alarm on any metric, 0 for none; shape (ROLLOUTS,)."""
    any_metric: Flags = np.any(flags, axis=2)
    return np.where(any_metric.any(axis=1), any_metric.argmax(axis=1) + 1, 0)


def outcome(looks: Counts, setting: Setting, rate: float) -> Outcome:
    """Return what a rule did; percentiles are values that occurred."""
    canary, _, _ = plan(setting)
    backs = looks[looks > 0]
    lasts = np.where(looks > 0, looks, setting.looks)
    half, most = np.percentile(lasts, [50, 95], method="inverted_cdf")
    median = np.percentile(backs, 50, method="inverted_cdf") if len(backs) else None
    return Outcome(
        back=len(backs) / len(looks),
        hours=None if median is None else float(median) * HOURS / setting.looks,
        harm_half=float(half) * canary * (rate - RATE),
        harm_most=float(most) * canary * (rate - RATE),
    )


def canary(setting: Setting) -> dict[str, Outcome]:
    """Return what both rules do with healthy and with sick candidates, as the figure shows it."""
    part = plan(setting)[2]
    told = {}
    for name, rate, seed in (("healthy", RATE, 1), ("sick", setting.rate, 2)):
        so_far, total = draws(setting, rate, seed)
        for rule, flags in (
            ("naive", naive(so_far, total, part)),
            ("corrected", corrected(so_far, total, setting)),
        ):
            told[f"{name}.{rule}"] = outcome(stops(flags), setting, rate)
    return told
