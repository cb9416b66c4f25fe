"""Keeps the explanation of a failed comparison from taking longer than the comparison.

pytest and unittest explain with `difflib.ndiff` and `pprint.pformat`. Their time grows with the
product of both sides: one long list from a student would keep the checker busy for hours.
"""

from __future__ import annotations

import difflib
import pprint
from collections.abc import Iterator, Sequence
from typing import Any, Final

MOST_PAIRS: Final = 6_400
"""Pairs of lines that are compared with each other."""
MOST_CHARACTERS: Final = 20_000
"""Characters of both sides together."""
_LONGEST: Final = 200_000
_SHOWN: Final = 3
_ndiff, _pformat = difflib.ndiff, pprint.pformat


def bound() -> None:
    """Bound the explanations of this whole process."""
    difflib.ndiff = ndiff
    pprint.pformat = pformat  # type: ignore[assignment]  # takes what the other takes


def ndiff(a: Sequence[str], b: Sequence[str], *given: Any, **named: Any) -> Iterator[str]:
    """Explain as difflib does what is short enough; of the rest show where it begins to differ."""
    if len(a) * len(b) <= MOST_PAIRS and sum(map(len, [*a, *b])) <= MOST_CHARACTERS:
        yield from _ndiff(a, b, *given, **named)
        return
    same = (at for at, (one, other) in enumerate(zip(a, b, strict=False)) if one != other)
    at = next(same, min(len(a), len(b)))
    yield f"? too long to be compared line by line; line {at + 1} is the first that differs\n"
    for sign, side in (("-", a), ("+", b)):
        yield from (f"{sign} {line[:MOST_CHARACTERS]}" for line in side[at : at + _SHOWN])


def pformat(value: object, *given: Any, **named: Any) -> str:
    """Lay out what is short enough, one item a line; cut the rest."""
    text = repr(value)
    return _pformat(value, *given, **named) if len(text) <= _LONGEST else text[:_LONGEST]
