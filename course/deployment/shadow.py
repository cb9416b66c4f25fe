"""Compares two models with and without a shadow: how many requests does an answer take."""
# ruff: noqa: INP001

import numpy as np

Z_LIMIT, Z_POWER = 3.0, 1.2816
"""An alarm at z = 3, found in 90 % of cases."""


# --8<-- [start:needed]
def needed(gap: float = 0.02, seed: int = 5) -> dict[str, int]:
    """Return the requests, of each version, that show an error higher by `gap`."""
    rng = np.random.default_rng(seed)
    surprise = rng.normal(0, 0.2, 100_000)  # what no model can foresee
    present = np.abs(surprise + rng.normal(0, 0.05, 100_000))
    candidate = np.abs(surprise + rng.normal(0, 0.05, 100_000))
    difference = gap * present.mean()
    spread = {
        "shadow: both answer the same requests": (candidate - present).var(),
        "canary: each answers its own": candidate.var() + present.var(),
    }
    return {
        name: round((Z_LIMIT + Z_POWER) ** 2 * variance / difference**2)
        for name, variance in spread.items()
    }


# --8<-- [end:needed]
