"""Long sequences of simple values (text, numbers, None, NaN, NA) as a few raw buffers.

A packed sequence holds exact built-in types only; anything else is written node by node.
"""

from __future__ import annotations

import itertools
import math
import sys
from array import array
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any, Final

from grader.errors import WireError
from grader.wire.codec import Node, Reader, Writer, field, integer, library

SHORTEST: Final = 32
"""Shorter sequences stay readable JSON, which is also smaller."""

TEXT: Final = 1
INT: Final = 2
FLOAT: Final = 3
BOOL: Final = 4
NONE: Final = 5
NA: Final = 6
NAT: Final = 7
_STREAMS: Final = {TEXT: str, INT: int, FLOAT: float, BOOL: bool}
_CODES: Final[dict[int, int]] = {
    id(str): TEXT, id(int): INT, id(float): FLOAT, id(bool): BOOL, id(NoneType): NONE,
}  # fmt: skip
"""By the id of the type: a metaclass may have a `__hash__` of its own."""


def learn(kind: type, code: int) -> None:
    """Let the type of pandas' NA or NaT be packed too; called once pandas is loaded."""
    _CODES[id(kind)] = code


def nan() -> float:
    """Return the one NaN that all decoded ones become, so that `[nan] == [nan]` as in process."""
    numpy = sys.modules.get("numpy")
    value = getattr(numpy, "nan", math.nan)
    return value if type(value) is float else math.nan


def type_ids(items: list[Any]) -> set[int]:
    """Return the ids of the types that occur; comparing types could run a metaclass' code."""
    return set(map(id, map(type, items)))


def only_simple(items: list[Any]) -> bool:
    """Say whether all items are of exact, plain types, which nothing can change in place."""
    return type_ids(items) <= _CODES.keys()


def pack(items: list[Any], writer: Writer) -> Node | None:
    """Return the node of a packed sequence, or None when its items do not allow it."""
    kinds = type_ids(items)
    if not kinds <= _CODES.keys():
        return None
    writer.spend_items(len(items))
    node: dict[str, Any] = {"n": len(items)}
    uniform = len(kinds) == 1
    if id(int) in kinds:
        try:
            numbers = array("q", _only(items, int, uniform=uniform))
        except OverflowError:
            return None
        node["q"] = writer.blob(_little(numbers))
    if id(str) in kinds:
        node["s"] = _pack_text(_only(items, str, uniform=uniform), writer)
    if id(float) in kinds:
        node["d"] = writer.blob(_little(array("d", _only(items, float, uniform=uniform))))
    if id(bool) in kinds:
        node["b"] = writer.blob(bytes(_only(items, bool, uniform=uniform)))
    if uniform:
        node["u"] = _CODES[kinds.pop()]
    else:
        node["k"] = writer.blob(bytes(map(_CODES.__getitem__, map(id, map(type, items)))))
    return node


def _only(items: list[Any], kind: type, *, uniform: bool) -> list[Any]:
    return items if uniform else [item for item in items if type(item) is kind]


def _little(numbers: array[Any]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _pack_text(texts: list[str], writer: Writer) -> list[int]:
    lengths = writer.blob(_little(array("I", map(len, texts))))
    return [lengths, writer.text("".join(texts))]


def unpack(node: dict[str, Any], reader: Reader) -> list[Any]:
    """Return the items of a packed sequence. Raises WireError on any contradiction."""
    size = integer(field(node, "n"), least=0, most=reader.limits.items)
    reader.spend_items(size)
    if "u" in node:
        code = integer(node["u"], least=TEXT, most=NAT)
        if code not in _STREAMS:
            return [_singleton(code)] * size
        items = _stream(code, node, reader)
        if len(items) != size:
            raise WireError("a packed sequence is not as long as it says")
        return items
    return _unpack_mixed(size, node, reader)


def _unpack_mixed(size: int, node: dict[str, Any], reader: Reader) -> list[Any]:
    kinds = bytes(reader.blob(field(node, "k")))
    total = 0
    nexts: list[Callable[[], Any] | None] = [None] * (NAT + 1)
    for code in range(TEXT, NAT + 1):
        count = kinds.count(code)
        if not count:
            continue
        total += count
        source: Iterator[Any]
        if code in _STREAMS:
            items = _stream(code, node, reader)
            if len(items) != count:
                raise WireError("a packed sequence is not as long as it says")
            source = iter(items)
        else:
            source = itertools.repeat(_singleton(code))
        nexts[code] = source.__next__
    if total != size or len(kinds) != size:
        raise WireError("a packed sequence is not as long as it says")
    return [nexts[code]() for code in kinds]  # type: ignore[misc]  # every code that occurs is set


def _singleton(code: int) -> object:
    if code == NONE:
        return None
    pandas = library("pandas")
    return pandas.NA if code == NA else pandas.NaT


def _stream(code: int, node: dict[str, Any], reader: Reader) -> list[Any]:
    if code == TEXT:
        return _unpack_text(field(node, "s"), reader)
    if code == INT:
        return _numbers("q", field(node, "q"), reader)
    if code == FLOAT:
        return _one_nan(_numbers("d", field(node, "d"), reader))
    return _bools(reader.blob(field(node, "b")))


def _bools(data: memoryview) -> list[bool]:
    values = bytes(data)
    if values.count(0) + values.count(1) != len(values):
        raise WireError("a packed truth value is neither 0 nor 1")
    return list(map(bool, values))


def _numbers(kind: str, index: object, reader: Reader) -> list[Any]:
    data = reader.blob(index)
    numbers = array(kind)
    if len(data) % numbers.itemsize or len(data) // numbers.itemsize > reader.limits.items:
        raise WireError("a packed sequence of numbers has a wrong size")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def _one_nan(numbers: list[float]) -> list[float]:
    if not math.isnan(sum(numbers)):
        return numbers
    one = nan()
    return [one if number != number else number for number in numbers]  # noqa: PLR0124 - NaN


def _unpack_text(blobs: object, reader: Reader) -> list[str]:
    if type(blobs) is not list or len(blobs) != 2:  # noqa: PLR2004 - lengths and text
        raise WireError("packed text is malformed")
    ends = list(itertools.accumulate(_numbers("I", blobs[0], reader)))
    text = reader.text(reader.blob(blobs[1]))
    if (ends[-1] if ends else 0) != len(text):
        raise WireError("packed text is not as long as it says")
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
