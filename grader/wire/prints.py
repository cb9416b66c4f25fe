"""Fingerprints of pandas' tables that cost a copy of their memory, not a look at every value.

A column of immutable objects is told by their addresses; the objects are held, so that an address
stays one object's. What is anything else has no such fingerprint and is read in full.
"""

from __future__ import annotations

import sys
from typing import Any

from grader.wire.packs import only_simple


class Print:
    """What a table held; equal to another only if the table has not changed in between."""

    __slots__ = ("_held", "_parts")

    def __init__(self, parts: list[object], held: list[Any]) -> None:
        """Keep bytes, numbers and names in `parts`, and in `held` whose addresses are in them."""
        self._parts = parts
        self._held = held

    def __eq__(self, other: object) -> bool:
        return type(other) is Print and self._parts == other._parts

    __hash__ = None  # type: ignore[assignment] # it is compared, and never a key


class _Unknown(Exception):  # noqa: N818 - no error: there is no quick way, so the slow one is taken
    """A part that only its full content describes."""


def table_print(value: object) -> Print | None:
    """Return the fingerprint of a Series or a DataFrame of plain columns, else None."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    held: list[Any] = []
    kind = type(value)
    try:
        if kind is pandas.DataFrame:
            return Print(_frame(value, held), held)
        if kind is pandas.Series:
            return Print(_series(value, held), held)
    except (_Unknown, AttributeError):  # another pandas may lack what is read here
        return None
    return None


def _frame(frame: Any, held: list[Any]) -> list[object]:
    parts: list[object] = []
    _index(frame.index, parts, held)
    _index(frame.columns, parts, held)
    for array in frame._iter_column_arrays():  # noqa: SLF001 - without a Series for each
        _column(array, parts, held)
    return parts


def _series(series: Any, held: list[Any]) -> list[object]:
    parts: list[object] = []
    _name(series.name, parts)
    _index(series.index, parts, held)
    _column(series.array, parts, held)
    return parts


def _index(index: Any, parts: list[object], held: list[Any]) -> None:
    pandas = sys.modules["pandas"]
    kind = type(index)
    _name(index.name, parts)
    if kind is pandas.RangeIndex:
        parts.append((index.start, index.stop, index.step))
    elif kind is pandas.Index or kind is pandas.DatetimeIndex:
        parts.append(getattr(index, "freqstr", None))
        _column(index.array, parts, held)
    else:
        raise _Unknown


def _name(name: object, parts: list[object]) -> None:
    if name is not None and type(name) is not str:
        raise _Unknown
    parts.append(name)


def _column(array: Any, parts: list[object], held: list[Any]) -> None:
    numpy = sys.modules["numpy"]
    name = type(array).__name__
    if name in {"DatetimeArray", "TimedeltaArray"}:
        parts += (str(array.dtype), array.asi8.tobytes())
        return
    if name not in {"ndarray", "NumpyExtensionArray"}:
        raise _Unknown
    values = numpy.asarray(array)
    if values.dtype.kind == "O":
        items = values.tolist()
        if not only_simple(items):
            raise _Unknown
        held.append(items)
    elif values.dtype.kind not in "biufcmM":
        raise _Unknown
    parts += (values.dtype.str, values.tobytes())
