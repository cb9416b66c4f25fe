"""Chooses the users of a canary: three ways to do it, two of them wrong."""
# ruff: noqa: INP001, PLR2004, S311

import hashlib
import random
from collections.abc import Callable

Way = Callable[[int, float], bool]


# --8<-- [start:ways]
def by_request(_: int, share: float) -> bool:
    """Throw dice for every request."""
    return random.random() < share


def by_number(user: int, share: float) -> bool:
    """Take the users whose number ends low."""
    return user % 100 < share * 100


def by_hash(user: int, share: float, rollout: str = "2026-05 forecast") -> bool:
    """Give every user a fixed place from 0 to 1; a new rollout deals new ones."""
    digest = hashlib.sha256(f"{rollout}|{user}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


# --8<-- [end:ways]


# --8<-- [start:both]
def see_both(way: Way, share: float, users: range, requests: int = 10) -> float:
    """Return the share of users who meet both versions in so many requests."""
    random.seed(4)
    met = [{way(user, share) for _ in range(requests)} for user in users]
    return sum(len(versions) == 2 for versions in met) / len(met)


# --8<-- [end:both]
