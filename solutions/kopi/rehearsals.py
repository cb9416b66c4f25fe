"""Leads many rollouts of lab 08 to their end, with controllers that somebody else has written.

What controllers say is checked here, before any of it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from .rollouts import Health, World

LONGEST: Final = 40
"""Looks after which a rollout counts as one that never ends; a controller has 30."""
FIRST_SHARE: Final = 0.05
"""Share of users at the first step."""
STATES: Final = frozenset({"canary", "promoted", "rolled_back"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How rollouts ended; one entry for each."""

    states: list[str]
    """promoted, rolled_back, or canary for those that never ended."""
    looks: list[int]
    """Looks that it took."""
    excess: list[float]
    """Bad answers beyond a healthy candidate's, as the controller's tallies had shown them."""

    def count(self, state: str, most: float = float("inf")) -> int:
        """Return how many ended in a state with at most so much excess."""
        pairs = zip(self.states, self.excess, strict=True)
        return sum(seen == state and excess <= most for seen, excess in pairs)


class Fleet(Protocol):
    """Somebody's controllers, by number."""

    def look(self, numbers: list[int], counts: list[int]) -> Any:
        """Show each its tally of 30 counts; return states and shares."""


def rehearse(
    rng: np.random.Generator, make_fleet: Callable[[int], Fleet], health: Sequence[Health]
) -> Ending:
    """Let controllers lead these candidates. Raises AssertionError for answers that are none."""
    count = len(health)
    world, fleet = World(rng, health), make_fleet(count)
    states: list[str] = ["canary"] * count
    looks = [0] * count
    shares, excess = np.full(count, FIRST_SHARE), np.zeros(count)
    while world.day < LONGEST and "canary" in states:
        tallies = world.morning(shares)
        going = [number for number in range(count) if states[number] == "canary"]
        answer = fleet.look(going, tallies[going].ravel().tolist())
        for number, state, share in zip(going, *_read(answer, len(going)), strict=True):
            states[number], shares[number] = state, share
            looks[number], excess[number] = world.day, world.excess[number]
    return Ending(states=states, looks=looks, excess=excess.tolist())


def _read(answer: Any, count: int) -> tuple[list[str], list[float]]:
    """Return states and shares."""
    assert type(answer) in {tuple, list}, f"look returned {type(answer)}"
    assert len(answer) == 2, "look returned no pair"
    for values in answer:
        assert type(values) is list, f"look returned {type(values)} for its lists"
        assert len(values) == count, "look returned another number of answers"
    states, shares = answer
    for state, share in zip(states, shares, strict=True):
        assert type(state) is str, f"a state is text, not {type(state)}"
        assert state in STATES, f"{state[:40]!r} is no state"
        assert type(share) in {int, float}, f"a share is a number, not {type(share)}"
        assert 0 <= share <= 1, f"a share is from 0 to 1, not {share}"
    return states, shares
