"""Reads one JSON object key by key and refuses whatever is missing, unknown or of another type.

Values in, values out; no files. Every refusal is a ResultsError that names the key.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from grader.errors import ResultsError

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class StrictObject:
    """An object of a JSON document that is being read. Call `done` when every key was taken."""

    def __init__(self, data: object, where: str) -> None:
        """Read `data`; `where` is its place in the document, for messages."""
        self.where = where
        if not isinstance(data, dict):
            raise ResultsError(f"is {_kind(data)}, not an object", where=where)
        self._left: dict[Any, Any] = dict(data)

    def take(self, key: str) -> Any:
        """Return the value of a key that must be there."""
        if key not in self._left:
            raise ResultsError("is missing", where=self.path(key))
        return self._left.pop(key)

    def done(self) -> None:
        """Refuse the keys that nobody took."""
        for key in self._left:
            raise ResultsError("is not a key of this format", where=self.path(str(key)))

    def path(self, key: str) -> str:
        """Return the place of a key in the document."""
        return f"{self.where}.{key}"

    def text(self, key: str) -> str:
        """Return a string."""
        return _text(self.take(key), self.path(key))

    def whole(self, key: str) -> int:
        """Return an integer; true and 1.0 are none."""
        value = self.take(key)
        if type(value) is not int:
            raise ResultsError(f"is {_kind(value)}, not a whole number", where=self.path(key))
        return value

    def count(self, key: str) -> int:
        """Return an integer that is not negative."""
        value = self.whole(key)
        if value < 0:
            raise ResultsError(f"is {value}, and cannot be negative", where=self.path(key))
        return value

    def number(self, key: str) -> float:
        """Return a finite number."""
        return _number(self.take(key), self.path(key))

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.take(key)
        if type(value) is not bool:
            raise ResultsError(f"is {_kind(value)}, not true or false", where=self.path(key))
        return value

    def moment(self, key: str) -> datetime:
        """Return an aware time in UTC, from ISO 8601."""
        text = self.text(key)
        try:
            made = datetime.fromisoformat(text)
            if made.tzinfo is not None:
                return made.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise ResultsError("is not a time with a zone, as ISO 8601 writes it", where=self.path(key))

    def word(self, key: str, words: type[E]) -> E:
        """Return a member of an enumeration."""
        text = self.text(key)
        if text not in {str(word) for word in words}:
            known = ", ".join(words)
            raise ResultsError(f"is none of: {known}", where=self.path(key))
        return words(text)

    def optional(self, key: str, read: Callable[[str], T]) -> T | None:
        """Return what `read(key)` returns, or None where the document says null."""
        if key in self._left and self._left[key] is None:
            return self._left.pop(key)  # type: ignore[no-any-return]
        return read(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        return self.each(key, _text)

    def each(self, key: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
        """Return a list, with every item read by `read(item, place)`."""
        value = self.take(key)
        if not isinstance(value, list):
            raise ResultsError(f"is {_kind(value)}, not a list", where=self.path(key))
        return tuple(read(item, f"{self.path(key)}[{at}]") for at, item in enumerate(value))

    def mapping(self, key: str, read: Callable[[Any, str], T]) -> dict[str, T]:
        """Return an object with free keys, with every value read by `read(value, place)`."""
        value = self.take(key)
        if not isinstance(value, dict):
            raise ResultsError(f"is {_kind(value)}, not an object", where=self.path(key))
        return {
            _text(name, self.path(key)): read(item, f"{self.path(key)}.{name}")
            for name, item in value.items()
        }

    def texts_by_name(self, key: str) -> dict[str, str]:
        """Return an object whose values are strings."""
        return self.mapping(key, _text)

    def numbers_by_name(self, key: str) -> dict[str, float]:
        """Return an object whose values are finite numbers."""
        return self.mapping(key, _number)

    def scalars_by_name(self, key: str) -> dict[str, Any]:
        """Return an object whose values are strings, numbers, true, false or null."""
        return self.mapping(key, _scalar)

    def schema(self, newest: int, *, oldest: int | None = None) -> int:
        """Take the key `schema` and return it; refuse versions but `oldest` to `newest`.

        Without `oldest`, the newest is the only one.
        """
        value = self.whole("schema")
        if value > newest:
            raise ResultsError(
                f"is {value}, and this grader reads up to {newest}",
                where=self.path("schema"),
                advice="Update the grader.",
            )
        if value < (newest if oldest is None else oldest):
            raise ResultsError(f"is {value}, which never was a version", where=self.path("schema"))
        return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ResultsError(f"is {_kind(value)}, not a string", where=where)
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ResultsError(f"is {_kind(value)}, not a number", where=where)
    if not math.isfinite(value):
        raise ResultsError("is not a finite number", where=where)
    return float(value)


def _scalar(value: Any, where: str) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    _number(value, where)
    return value


_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def _kind(value: object) -> str:
    """Return what JSON calls a value."""
    return _KINDS.get(type(value), type(value).__name__)
