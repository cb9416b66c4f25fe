"""Keys and labels that a reader will hash: bounded in number, and in how many share a hash.

Python's hashes of numbers are public: a hundred thousand keys that collide take hours to compare.
Only values of known, plain types are ever compared here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from types import NoneType
from typing import Any, Final
from uuid import UUID

from grader.errors import WireError
from grader.wire.codec import Reader

_LABELS_PER_HASH: Final = 64
_CHEAP_BITS: Final = 1024
_DEAR: Final = 100
"""What a comparison may cost when it is not cheap: an int of many digits with a Decimal."""

_CHEAP: Final = frozenset({str, bytes, float, bool, NoneType})
_COMPARABLE: Final = frozenset(
    {str, bytes, int, float, complex, bool, NoneType, date, time, datetime, timedelta}
    | {Decimal, Fraction, PurePosixPath, UUID, range}
)


def check_keys(keys: list[Any], reader: Reader) -> None:
    """Raise WireError when so many keys share a hash that a dict or set of them would be slow."""
    if len(keys) > reader.limits.keys:
        raise WireError(f"a dict or set has {len(keys)} keys; the limit is {reader.limits.keys}")
    hashes = list(map(hash, keys))
    if len(set(hashes)) == len(hashes):
        return
    pairs = sum(count * (count - 1) // 2 for count in Counter(hashes).values())
    reader.spend_collisions(pairs if all(map(_is_cheap, keys)) else pairs * _DEAR)


def _is_cheap(key: Any) -> bool:
    kind = type(key)
    if kind is int:
        return bool(key.bit_length() <= _CHEAP_BITS)
    return kind in _CHEAP or (kind is tuple and all(map(_is_cheap, key)))


def check_labels(labels: list[Any], is_scalar: Callable[[type], bool]) -> None:
    """Raise WireError when many different labels share a hash, or one has none.

    Unlike keys, labels may occur often. `is_scalar` knows the plain types of numpy and pandas.
    """

    def equal(one: Any, other: Any) -> bool:
        kind = type(one)
        if one is other or kind is not type(other):
            return one is other
        if kind is tuple:
            return len(one) == len(other) and all(map(equal, one, other))
        return (kind in _COMPARABLE or is_scalar(kind)) and bool(one == other)

    seen: dict[int, list[Any]] = {}
    for label in labels:
        same_hash = seen.setdefault(hash(label), [])
        if not any(equal(label, other) for other in same_hash):
            same_hash.append(label)
            if len(same_hash) > _LABELS_PER_HASH:
                raise WireError("too many labels of an index have the same hash")
