"""Pairs of frames with independent rows for lab 09: alike, or with one column that has moved.

Eight columns of the kinds that a log has. Which column moves is drawn, and how far is declared.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

ROWS: Final = 500
SHIFT_SD: Final = 0.4
"""Standard deviations by which a column of numbers moves: the smallest move that must be found."""
CHANNELS: Final = ("store", "app", "delivery")
MIX: Final = (0.45, 0.30, 0.25)
MOVED_MIX: Final = (0.30, 0.30, 0.40)
NUMBERS: Final = ("footfall", "temperature", "basket", "distance", "latency")
"""Columns of numbers: log-normal, normal, gamma, uniform, log-normal."""


def make_pair(
    rng: np.random.Generator, moved: str | None = None, rows: int = ROWS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a reference and a current frame; in the current one, `moved` has moved."""
    return _frame(rng, rows, None), _frame(rng, rows, moved)


def draw_column(rng: np.random.Generator) -> str:
    """Return a column that may move: one of the numbers, or the channel."""
    return str(rng.choice([*NUMBERS, "channel"]))


def _frame(rng: np.random.Generator, rows: int, moved: str | None) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "footfall": np.exp(5 + 0.4 * rng.normal(size=rows)),
            "temperature": 30 + 1.5 * rng.normal(size=rows),
            "basket": rng.gamma(4.0, 20.0, size=rows),
            "distance": rng.uniform(0, 8, size=rows),
            "latency": 120 * np.exp(0.6 * rng.normal(size=rows)),
            "weekday": rng.integers(0, 7, size=rows),
            "promo": (rng.random(rows) < 0.1).astype("int64"),
            "channel": rng.choice(
                np.array(CHANNELS, dtype=object),
                size=rows,
                p=MOVED_MIX if moved == "channel" else MIX,
            ),
        }
    )
    if moved in NUMBERS:
        frame[moved] += SHIFT_SD * _sd(moved)
    return frame


def _sd(name: str) -> float:
    """Return the standard deviation of a column of numbers, by its formula."""
    spread, middle = {"footfall": (0.4, np.exp(5)), "latency": (0.6, 120.0)}.get(name, (0.0, 0.0))
    if spread:
        return float(middle * np.exp(spread**2 / 2) * np.sqrt(np.exp(spread**2) - 1))
    return float({"temperature": 1.5, "basket": 40.0, "distance": 8 / np.sqrt(12)}[name])
