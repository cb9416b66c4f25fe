"""Many rollouts at once: a day's traffic, split between two versions, as lab 08 counts it.

The world reacts to the shares that controllers set. Nothing of a student's is read here but those
shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from .outlets import CHANNELS
from .requests import CHANNEL_SHARE, ERROR_RATE, MISS_RATE, SLOW_RATE
from .sales import LABEL_DAYS

VERSIONS: Final = ("champion", "candidate")
BAD: Final = ("errors", "slow", "misses")
NAMES: Final = ("requests", "errors", "slow", "labels", "misses")
RATES: Final = np.array([ERROR_RATE, SLOW_RATE, MISS_RATE])
"""What a healthy version does wrong, in the order of BAD."""
DAY_REQUESTS: Final = 600
"""Requests of all users together, from one look to the next."""
HORIZON: Final = max(longest for _, longest in LABEL_DAYS.values()) + 1
"""Days until every label is there."""


class Health(StrEnum):
    """What is wrong with a candidate, or with the world around it."""

    CALM = "calm"
    """Nothing: the candidate is as good as the champion."""
    BETTER = "better"
    """The candidate misses less often."""
    BAD_DAY = "bad day"
    """The candidate is as good, and on one day both fail more often: a network, a provider."""
    ERRORS = "errors"
    """The candidate raises errors."""
    SLOW = "slow"
    """The candidate is slow."""
    CHANNEL = "channel"
    """The candidate's forecasts are wrong for deliveries alone."""
    LOAD = "load"
    """The candidate fails when a quarter of the users or more have it."""
    LATE = "late"
    """The candidate fails after some days of good health."""


HEALTHY: Final = frozenset({Health.CALM, Health.BETTER, Health.BAD_DAY})
SICK_METRIC: Final = {Health.SLOW: "slow", Health.CHANNEL: "misses"}
"""Where excess is counted; "errors" for all others."""
BAD_DAY_RATES: Final = (0.12, 0.20)
"""Errors and slow answers of both versions on a bad day."""
SICK_ERRORS: Final = {Health.ERRORS: 0.15, Health.LOAD: 0.08, Health.LATE: 0.095}
"""Share of errors; ERRORS meets 30 requests a day, LOAD 150, LATE 300."""
SICK_SLOW: Final = 0.25
"""Share of slow answers."""
SICK_MISSES: Final = 0.35
"""Share of misses among deliveries."""
LOAD_SHARE: Final = 0.25
"""From this share on a candidate cannot bear the load."""
LATE_DAYS: Final = (17, 20)
"""Between these days, counted from 0, a candidate that gets sick late has its first bad one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Chances of bad answers on one day, for many rollouts."""

    champion: np.ndarray
    """Rollouts by metrics by channels."""
    candidate: np.ndarray
    """The same."""


class World:
    """Traffic for many rollouts, a day at a time."""

    def __init__(self, rng: np.random.Generator, health: Sequence[Health]) -> None:
        """Make a world for each of these candidates."""
        self.health = tuple(health)
        self.excess = np.zeros(len(health))
        """Bad answers of each candidate beyond a healthy one's share, as tallies showed them."""
        self.day = 0
        self._rng = rng
        shape = (len(health), len(VERSIONS), len(CHANNELS), HORIZON, 2)
        self._waiting = np.zeros(shape, dtype=np.int64)
        # A bad day hits after the last step has begun: at no other time do shares differ so much
        # from those of the days before. A controller that widens as fast as it may is there on
        # day 11; a slower one has its bad day at another step.
        self._bad_day = rng.integers(11, 14, size=len(health))
        self._late_day = rng.integers(*LATE_DAYS, size=len(health))

    def morning(self, shares: np.ndarray) -> np.ndarray:
        """Let a day pass with these shares of users; return what controllers see of it.

        Rollouts by versions by channels by NAMES.
        """
        requests = self._requests(shares)
        rates = self._rates(shares)
        errors, slow, misses = (
            self._rng.binomial(
                requests, np.stack([rates.champion[:, kind], rates.candidate[:, kind]], axis=1)
            )
            for kind in range(len(BAD))
        )
        answered = requests - errors
        self._wait(answered, np.minimum(misses, answered))
        labels, known = self._waiting[..., 0, 0].copy(), self._waiting[..., 0, 1].copy()
        self._waiting = np.roll(self._waiting, -1, axis=3)
        self._waiting[..., -1, :] = 0
        counts = np.stack([requests, errors, slow, labels, known], axis=-1)
        self._count_excess(counts, shares)
        self.day += 1
        return counts

    def _requests(self, shares: np.ndarray) -> np.ndarray:
        split = [CHANNEL_SHARE[name] for name in CHANNELS]
        every = self._rng.multinomial(DAY_REQUESTS, split, size=len(self.health))
        candidate = self._rng.binomial(every, shares[:, None])
        return np.stack([every - candidate, candidate], axis=1)

    def _rates(self, shares: np.ndarray) -> Rates:
        champion = np.broadcast_to(
            RATES[None, :, None], (len(self.health), len(BAD), len(CHANNELS))
        ).copy()
        hit = np.array([one is Health.BAD_DAY for one in self.health]) & (self._bad_day == self.day)
        champion[hit, 0], champion[hit, 1] = BAD_DAY_RATES
        candidate = champion.copy()
        for number, health in enumerate(self.health):
            if self._is_sick(number, shares):
                _sicken(candidate[number], health)
        return Rates(champion=champion, candidate=candidate)

    def _is_sick(self, number: int, shares: np.ndarray) -> bool:
        health = self.health[number]
        if health is Health.LOAD:
            return bool(shares[number] >= LOAD_SHARE)
        return health is not Health.LATE or bool(self.day >= self._late_day[number])

    def _wait(self, answered: np.ndarray, missed: np.ndarray) -> None:
        """Put the answers of today, and how many of them are misses, where their labels mature."""
        for channel, name in enumerate(CHANNELS):
            first, last = LABEL_DAYS[name]
            left, left_missed = answered[:, :, channel], missed[:, :, channel]
            for day in range(first, last + 1):
                part = self._rng.binomial(left, 1 / (last + 1 - day))
                bad = self._rng.hypergeometric(left_missed, left - left_missed, part)
                # The look comes in the morning after: index 0 is what matures until then.
                self._waiting[:, :, channel, day - 1, 0] += part
                self._waiting[:, :, channel, day - 1, 1] += bad
                left, left_missed = left - part, left_missed - bad

    def _count_excess(self, seen: np.ndarray, shares: np.ndarray) -> None:
        """Add what today's tallies (rollouts by versions by channels by counts) show of harm."""
        for number, health in enumerate(self.health):
            if health in HEALTHY or not self._is_sick(number, shares):
                continue
            kind = BAD.index(SICK_METRIC.get(health, "errors"))
            where = CHANNELS.index("delivery") if health is Health.CHANNEL else slice(None)
            counts = seen[number, 1, where]
            whole = counts[..., NAMES.index("labels" if kind == 2 else "requests")].sum()
            self.excess[number] += counts[..., NAMES.index(BAD[kind])].sum() - RATES[kind] * whole


def _sicken(rates: np.ndarray, health: Health) -> None:
    """Change a candidate's rates (metrics by channels) in place."""
    if health is Health.BETTER:
        rates[2] *= 0.8
    elif health is Health.SLOW:
        rates[1] = SICK_SLOW
    elif health is Health.CHANNEL:
        rates[2, CHANNELS.index("delivery")] = SICK_MISSES
    elif health in SICK_ERRORS:
        rates[0] = SICK_ERRORS[health]
