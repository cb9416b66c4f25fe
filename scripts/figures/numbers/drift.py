"""Two samples of one column, how far apart they are, and what tests on many columns do.

Twin of course/assets/figures/numbers/drift.js; chances come from SciPy here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped] # SciPy has no types

from scripts.figures.numbers.stream import Floats, normals, streams

BINS: Final = 10
ALPHA: Final = 0.05
USUAL_ALARM: Final = 0.2
WINDOWS: Final = 500
SHIFTS: Final = tuple(step / 20 for step in range(21))
REPEATS_SEED: Final = 2026

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What one draw of two samples shows."""

    psi: float
    """PSI of the samples, ten bins of the reference."""
    psi_endless: float
    """PSI of the populations."""
    psi_limit: float
    """95th percentile of PSI without drift."""
    psi_usual: float
    """Chance of a PSI above 0.2 without drift."""
    ks: float
    """Kolmogorov-Smirnov distance D."""
    p: float
    """Its exact p-value."""


def samples(shift: float, rows: int, draw: int) -> tuple[Floats, Floats]:
    """Return the reference and the current sample of a draw, sorted; shape (rows,) each."""
    both = normals(streams(draw, np.array([0, 1])), rows)
    return np.sort(both[0]), np.sort(both[1] + shift)


def counts(sample: Floats, inner: Floats) -> Counts:
    """Return how many values lie in each bin; a value on an edge belongs to the bin above it."""
    bins = np.searchsorted(inner, sample, side="right")
    return np.bincount(bins, minlength=len(inner) + 1)


def psi(expected: Counts, seen: Counts) -> float:
    """Return sum of (q - p) ln(q / p), with half a count added to each bin (N. Siddiqi, 2006)."""
    p = (expected + 0.5) / (expected + 0.5).sum()
    q = (seen + 0.5) / (seen + 0.5).sum()
    return float(((q - p) * np.log(q / p)).sum())


def psi_of_shift(shift: float) -> float:
    """Return the PSI of N(0, 1) and N(shift, 1), in ten bins of a tenth of the first."""
    ends = stats.norm.ppf(np.linspace(0, 1, BINS + 1))
    q = np.diff(stats.norm.cdf(ends - shift))
    return float(((q - 1 / BINS) * np.log(q * BINS)).sum())


def psi_without_drift(rows: int) -> tuple[float, float]:
    """Return the 95th percentile of (2/n) chi-square(9), and its chance to lie above 0.2."""
    null = stats.chi2(BINS - 1, scale=2 / rows)
    return float(null.ppf(0.95)), float(null.sf(USUAL_ALARM))


@cache
def ks_tail(rows: int, steps: int) -> float:
    """Return P(D >= steps / rows) without drift, exactly: of two samples that far apart."""
    if steps <= 1:
        return 1.0  # two samples without ties are always one step apart; SciPy rounds above 1 here
    first = np.arange(rows)
    return float(stats.ks_2samp(first, first + steps - 0.5, method="exact").pvalue)


@cache
def ks_limit(rows: int, alpha: float) -> int:
    """Return the smallest count of steps whose chance without drift is at most alpha."""
    low, high = 1, rows + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if ks_tail(rows, middle) <= alpha else (middle + 1, high)
    return low


def false_alarm(rows: int, columns: int, alpha: float) -> tuple[float, float, float]:
    """Return the chance of one column, of any of k independent ones, and 1 - (1 - alpha)^k."""
    each = ks_tail(rows, ks_limit(rows, alpha))
    return each, 1 - (1 - each) ** columns, 1 - (1 - alpha) ** columns


@cache
def _pairs(rows: int) -> tuple[Floats, Floats]:
    drawn = np.sort(normals(streams(REPEATS_SEED, np.arange(2 * WINDOWS)), rows), axis=-1)
    return drawn[::2], drawn[1::2]


@cache
def repeats(rows: int, shift: float) -> tuple[int, ...]:
    """Return rows x D for each of WINDOWS repeated draws."""
    return tuple(
        round(rows * float(stats.ks_2samp(one, two + shift, method="asymp").statistic))
        for one, two in zip(*_pairs(rows), strict=True)
    )


def psi_above(rows: int, shift: float, limit: float) -> int:
    """Return in how many of WINDOWS draws PSI is above a limit."""
    return sum(found > limit for found in _psis(rows, shift))


@cache
def _psis(rows: int, shift: float) -> tuple[float, ...]:
    return tuple(_psi_of_samples(one, two + shift) for one, two in zip(*_pairs(rows), strict=True))


def _psi_of_samples(reference: Floats, current: Floats) -> float:
    inner = np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1])
    return psi(counts(reference, inner), counts(current, inner))


def noticed(rows: int, shift: float, alpha: float) -> int:
    """Return in how many of WINDOWS draws the exact KS test at alpha sees the shift."""
    limit = ks_limit(rows, alpha)
    return sum(steps >= limit for steps in repeats(rows, shift))


def drift(shift: float, rows: int, draw: int) -> Drift:
    """Return what the figure says of one draw."""
    reference, current = samples(shift, rows, draw)
    limit, usual = psi_without_drift(rows)
    found = stats.ks_2samp(reference, current, method="exact")
    return Drift(
        psi=_psi_of_samples(reference, current),
        psi_endless=psi_of_shift(shift),
        psi_limit=limit,
        psi_usual=usual,
        ks=float(found.statistic),
        p=float(found.pvalue),
    )
