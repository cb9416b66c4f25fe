"""Switches that change the world on a date: what drift is made of.

A shift says what changes; `sales` applies it. The same seed with and without a shift draws the same
random numbers, so that what a shift leaves alone is bit for bit the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd


class Kind(StrEnum):
    """What a shift changes."""

    MIX = "mix"
    """Rows by channel: P(x) changes, P(y|x) stays."""
    COEFFICIENTS = "coefficients"
    """What a promotion and a channel are worth: P(y|x) changes, P(x) stays."""
    SEASON = "season"
    """The height of the yearly season, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One change of the world."""

    kind: Kind
    """What changes. Two shifts make "both"."""
    at: str
    """First day (ISO) of the changed world."""
    size: float
    """MIX: share of store rows that vanish. COEFFICIENTS: added to the log effect of promotions
    and of the delivery channel. SEASON: added to the swing of 1."""


def amount(shifts: tuple[Shift, ...], kind: Kind, dates: pd.DatetimeIndex) -> np.ndarray:
    """Return, for each date, the sizes of the shifts of a kind that are in force."""
    total = np.zeros(len(dates))
    for shift in shifts:
        if shift.kind is kind:
            total += shift.size * np.asarray(dates >= pd.Timestamp(shift.at))
    return total
