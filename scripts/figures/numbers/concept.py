"""Weeks of sales in which inputs, or the relation, or both move, seen by two alarms.

The truth: units = 120 + slope z + bend (z^2 - 1) + noise; the model: 120 + 15 z, the best straight
line before the change. Twin of course/assets/figures/numbers/concept.js.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats  # type: ignore[import-untyped] # SciPy has no types

from scripts.figures.numbers.stream import Floats, normals, streams

LEVEL: Final = 120.0
SLOPE: Final = 15.0
NOISE: Final = 12.0
BEND: Final = 6.0
WEEKS: Final = 12
LAST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How inputs and units arise."""

    mean: float
    """Mean of the inputs, in standard units."""
    slope: float
    """Units for one standard unit of the input."""
    bend: float
    """How much the relation is curved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the controls say."""

    inputs: float
    """How far the inputs move in the middle, in SD."""
    relation: float
    """Share of the slope that is lost in the middle; above 1 the effect is reversed."""
    rows: int
    """Rows of a week."""
    curved: bool
    """Whether the truth bends, which the line cannot follow."""
    delay: int
    """Weeks until labels come."""
    draw: int
    """Which draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """What the two alarms say."""

    errors: Floats
    """Root of the mean squared error of each week; shape (2 x WEEKS,)."""
    limit: float
    """Limit on the error of a week."""
    ks: float
    """Distance D of the last weeks' inputs from those before the change."""
    p: float
    """Its exact p-value."""
    above: int
    """How many of the known weeks after the change are above the limit."""
    seen_after: int | None
    """Weeks from the change to the first alarm of the error, labels included; None: not yet."""
    expected: tuple[float, float]
    """Expected error before and after the change."""


def world(setting: Setting, *, changed: bool) -> World:
    """Return the world before or after the change."""
    return World(
        mean=setting.inputs if changed else 0.0,
        slope=SLOPE * (1 - setting.relation) if changed else SLOPE,
        bend=BEND if setting.curved else 0.0,
    )


def error_by_integration(here: World) -> float:
    """Return the expected error by Gauss-Hermite quadrature, not by moments as the page does."""
    at, weight = np.polynomial.hermite_e.hermegauss(20)
    z = at + here.mean
    off = (here.slope - SLOPE) * z + here.bend * (z**2 - 1)
    return float(np.sqrt(NOISE**2 + (weight * off**2).sum() / weight.sum()))


def error_limit(errors: Floats) -> float:
    """Return mean + t s sqrt(1 + 1/n): a one-sided 99.9 % prediction limit for one more week."""
    t = float(stats.t.ppf(0.999, len(errors) - 1))
    return float(errors.mean() + t * errors.std(ddof=1) * np.sqrt(1 + 1 / len(errors)))


def concept(setting: Setting) -> Concept:
    """Return everything that the figure shows."""
    before, later = world(setting, changed=False), world(setting, changed=True)
    drawn = normals(streams(setting.draw, np.arange(4 * WEEKS)), setting.rows)
    z, noise = drawn[::2].copy(), drawn[1::2] * NOISE
    z[WEEKS:] += later.mean
    errors = np.array(
        [_error(z[at], noise[at], before if at < WEEKS else later) for at in range(2 * WEEKS)]
    )
    limit = error_limit(errors[:WEEKS])
    known = errors[WEEKS : 2 * WEEKS - setting.delay] > limit
    found = stats.ks_2samp(z[WEEKS - LAST : WEEKS].ravel(), z[-LAST:].ravel(), method="exact")
    return Concept(
        errors=errors,
        limit=limit,
        ks=float(found.statistic),
        p=float(found.pvalue),
        above=int(known.sum()),
        seen_after=int(known.argmax()) + 1 + setting.delay if known.any() else None,
        expected=(error_by_integration(before), error_by_integration(later)),
    )


def _error(z: Floats, noise: Floats, here: World) -> float:
    true = LEVEL + here.slope * z + here.bend * (z**2 - 1) + noise
    return float(np.sqrt(np.mean((true - LEVEL - SLOPE * z) ** 2)))
