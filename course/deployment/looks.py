"""Simulates rollouts: how often a healthy candidate is rolled back, and a sick one is found."""
# ruff: noqa: INP001

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# --8<-- [start:plan]
SHARES = [0.01, 0.05, 0.25, 0.50]
"""The candidate's share of the users, step by step."""
LOOKS_A_STEP = 5
PRESENT = 0.01
"""Errors of the present model, as a share of its requests."""
AT_5_PERCENT = NormalDist().inv_cdf(0.95)  # 1.645
# --8<-- [end:plan]
ROLLOUTS = 20_000


def arms(requests: int) -> tuple[Counts, Counts]:
    """Return the requests of candidate and present model between looks; `requests` are all."""
    each = requests // (len(SHARES) * LOOKS_A_STEP)
    canary = np.repeat([round(each * share) for share in SHARES], LOOKS_A_STEP)
    return canary, each - canary


def errors_z(rng: np.random.Generator, requests: int, rate: float) -> Floats:
    """Return z of the difference in errors at each look, counted since the beginning."""
    canary, present = arms(requests)
    bad = rng.binomial(canary, rate, (ROLLOUTS, len(canary))).cumsum(axis=1)
    other = rng.binomial(present, PRESENT, (ROLLOUTS, len(canary))).cumsum(axis=1)
    canary, present = canary.cumsum(), present.cumsum()
    pooled = (bad + other) / (canary + present)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / canary + 1 / present))
    gap: Floats = (bad / canary - other / present) / np.maximum(spread, 1e-9)
    return gap


def means_z(rng: np.random.Generator, requests: int) -> Floats:
    """Return z of a difference of means that is none, such as latency on a log scale."""
    canary, present = arms(requests)
    sums = [
        (rng.normal(size=(ROLLOUTS, len(size))) * np.sqrt(size)).cumsum(axis=1) / size.cumsum()
        for size in (canary, present)
    ]
    gap: Floats = (sums[0] - sums[1]) / np.sqrt(1 / canary.cumsum() + 1 / present.cumsum())
    return gap


# --8<-- [start:rule]
def alarms(z: Floats, limit: float, enough: int, requests: int) -> NDArray[np.bool_]:
    """Say for each rollout whether some look raised an alarm."""
    seen = arms(requests)[0].cumsum() >= enough
    return np.asarray(((z > limit) & seen).any(axis=1))


def false_rollbacks(limit: float, enough: int, metrics: int = 3, requests: int = 40_000) -> float:
    """Return how often a healthy candidate is rolled back by any metric at any look."""
    rng = np.random.default_rng(1)
    back = alarms(errors_z(rng, requests, PRESENT), limit, enough, requests)
    for _ in range(metrics - 1):
        back |= alarms(means_z(rng, requests), limit, enough, requests)
    return float(back.mean())


def found(rate: float, limit: float = 3, enough: int = 500, requests: int = 20_000) -> float:
    """Return how often a candidate with this error rate is rolled back."""
    z = errors_z(np.random.default_rng(2), requests, rate)
    return float(alarms(z, limit, enough, requests).mean())


# --8<-- [end:rule]


# --8<-- [start:harm]
def harm(rate: float, requests: int = 40_000) -> tuple[float, float]:
    """Return the bad answers that a sick candidate adds until its end: mean, and 95 % have less."""
    asked = arms(requests)[0].cumsum()
    z = errors_z(np.random.default_rng(3), requests, rate)
    alarm = (z > 3) & (asked >= 500)  # noqa: PLR2004 - the rule of the page
    last = np.where(alarm.any(axis=1), alarm.argmax(axis=1), len(asked) - 1)
    extra = asked[last] * (rate - PRESENT)
    return float(extra.mean()), float(np.quantile(extra, 0.95))


# --8<-- [end:harm]
