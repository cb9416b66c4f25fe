"""The table of mutable containers that both ends of the wire hold, by number.

A list that crossed once is the same list when it crosses again, in either direction. The table
knows objects only by identity and never compares or changes them.
"""

from __future__ import annotations

from typing import Final

from grader.errors import ValueRefusedError, WireError

MOST_SHARED: Final = 1_000_000
_MOST_NUMBER: Final = 1 << 53


class Shared:
    """Numbers of mutable containers; holds them, so that an id stays one object's."""

    def __init__(self, *, first: int, anyones: bool = False) -> None:
        """Give numbers from `first` in steps of two: one end is even, the other odd.

        `anyones` lets the other end use our numbers too: for a table of one message only.
        """
        self._next = first
        self._parity = None if anyones else first % 2
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def numbers(self) -> list[int]:
        """Return all numbers in use, in the order in which they came."""
        return list(self._objects)

    def get(self, number: object) -> object:
        """Return the object of a number. Raises WireError when there is none."""
        if type(number) is not int or number not in self._objects:
            raise WireError("a message refers to a value that was never sent")
        return self._objects[number]

    def number_of(self, value: object) -> int | None:
        """Return the number of this very object, or None."""
        return self._numbers.get(id(value))

    def add(self, value: object, number: int | None = None) -> int:
        """Give an object our next number, or take the one that the other end gave it."""
        if len(self._objects) >= MOST_SHARED:
            raise ValueRefusedError(f"more than {MOST_SHARED} lists, dicts and tables were sent.")
        if number is None:
            number = self._next
            self._next += 2
        else:
            self._admit(number)
        self._objects[number] = value
        self._numbers[id(value)] = number
        return number

    def _admit(self, number: object) -> None:
        fitting = type(number) is int and 0 <= number < _MOST_NUMBER
        if not fitting or number in self._objects or number % 2 == self._parity:  # type: ignore[operator]  # an int by now
            raise WireError("a message gives a number that is taken, or not the sender's to give")

    def forget(self, number: int) -> None:
        """Drop one object; nothing happens when the number is not in use."""
        value = self._objects.pop(number, None)
        if self._numbers.get(id(value)) == number:
            del self._numbers[id(value)]

    def clear(self) -> None:
        """Drop all objects. Numbers go on, so that an old one never means a new object."""
        self._objects.clear()
        self._numbers.clear()
