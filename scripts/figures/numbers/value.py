"""What acting on a score is worth, in thousand rupiah for 1,000 decisions.

The score is normal with SD 1, mean 0 where no action is needed and d where it is, so AUC =
Phi(d / sqrt 2) (D. Bamber, 1975); it is told as the probability that action is needed. The best
threshold for it is false alarm / (false alarm + miss) (C. Elkan, "The foundations of
cost-sensitive learning", IJCAI 2001). Twin of course/assets/figures/numbers/value.js.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import logit, ndtr, ndtri  # type: ignore[import-untyped] # SciPy has no types

DECISIONS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the sliders say."""

    threshold: float
    """Act when the probability is at least this."""
    false_alarm: float
    """What acting without need costs, in thousand rupiah."""
    miss: float
    """What not acting costs where it was needed, in thousand rupiah."""
    base_rate: float
    """Share of the cases that need action."""
    skill: float
    """AUC of the score, from 0.5 (a coin) to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a threshold does."""

    hit: float
    """Share of the cases with need in which we act."""
    alarm: float
    """Share of the cases without need in which we act."""
    counts: tuple[int, int, int, int]
    """Hits, misses, false alarms, rightly quiet: expected, of 1,000, rounded within each kind."""
    worth: float
    """Expected value against doing nothing."""
    always: float
    """Value of always acting against doing nothing."""
    perfect: float
    """Value of knowing in advance, against doing nothing."""
    best: float
    """Best threshold."""
    best_worth: float
    """Expected value at the best threshold."""


def best_threshold(setting: Setting) -> float:
    """Return false alarm / (false alarm + miss)."""
    return setting.false_alarm / (setting.false_alarm + setting.miss)


def rates(setting: Setting) -> tuple[float, float]:
    """Return (hit rate, false-alarm rate): P(score >= cut) with and without need.

    The cut is where the log odds logit(base rate) + d x - d^2 / 2 reach logit(threshold).
    """
    d = float(np.sqrt(2) * ndtri(setting.skill))
    if d < 1e-9:  # noqa: PLR2004 - a score without skill: the probability is the base rate
        act = float(setting.base_rate >= setting.threshold)
        return act, act
    cut = float(logit(setting.threshold) - logit(setting.base_rate)) / d + d / 2
    return float(ndtr(d - cut)), float(ndtr(-cut))


def worth(setting: Setting) -> float:
    """Return 1,000 (base rate x hit x miss - (1 - base rate) x alarm x false alarm)."""
    hit, alarm = rates(setting)
    won = setting.base_rate * hit * setting.miss
    lost = (1 - setting.base_rate) * alarm * setting.false_alarm
    return DECISIONS * (won - lost)


def value(setting: Setting) -> Value:
    """Return everything that the figure shows."""
    hit, alarm = rates(setting)
    needed = _whole(DECISIONS * setting.base_rate)
    hits, alarms = _whole(needed * hit), _whole((DECISIONS - needed) * alarm)
    best = best_threshold(setting)
    perfect = DECISIONS * setting.base_rate * setting.miss
    return Value(
        hit=hit,
        alarm=alarm,
        counts=(hits, needed - hits, alarms, DECISIONS - needed - alarms),
        worth=worth(setting),
        always=perfect - DECISIONS * (1 - setting.base_rate) * setting.false_alarm,
        perfect=perfect,
        best=best,
        best_worth=worth(replace(setting, threshold=best)),
    )


def _whole(number: float) -> int:
    return int(np.floor(number + 0.5))
