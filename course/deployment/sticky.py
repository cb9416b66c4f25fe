"""Chooses the users of a canary: three ways to do it, two of them wrong."""
# ruff: noqa: INP001

import hashlib
import random


# --8<-- [start:ways]
def by_request(_: int, share: float) -> bool:
    """Throw dice for every request."""
    return random.random() < share  # noqa: S311 - no secret depends on it


def by_number(user: int, share: float) -> bool:
    """Take the users whose number ends low."""
    return user % 100 < share * 100


def by_hash(user: int, share: float, rollout: str = "2026-05 forecast") -> bool:
    """Give every user a fixed place between 0 and 1; a new rollout deals new places."""
    digest = hashlib.sha256(f"{rollout}|{user}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


# --8<-- [end:ways]


# --8<-- [start:both]
def see_both(way, share: float, users: range, requests: int = 10) -> float:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Return the share of users who meet both versions within so many requests."""
    random.seed(4)
    mixed = [len({way(user, share) for _ in range(requests)}) == 2 for user in users]  # noqa: PLR2004
    return sum(mixed) / len(mixed)


# --8<-- [end:both]
