"""A subclass of a plain type crosses as its base, and nothing that it overrides is called."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import pathlib
import typing

import pytest

from tests.wire.crossing import Handle, cross


class Point(typing.NamedTuple):
    x: int
    y: object


def _lies(*_args, **_kwargs):
    raise AssertionError("a method of a subclass was called")


LIES = dict.fromkeys(
    [
        "__eq__",
        "__iter__",
        "__len__",
        "__getitem__",
        "__array__",
        "__reduce__",
        "__reduce_ex__",
        "__contains__",
        "__repr__",
        "__str__",
        "__int__",
        "__index__",
        "__float__",
        "__complex__",
        "__bytes__",
        "__bool__",
        "__lt__",
        "__getattribute__",
        "__getattr__",
        "__format__",
        "items",
        "keys",
        "values",
        "copy",
        "isoformat",
        "as_tuple",
        "utcoffset",
        "bit_length",
        "hex",
        "encode",
    ],
    _lies,
)
LIES["__class__"] = property(_lies)
LIES["__hash__"] = lambda _self: 1


def liar(base):
    """Return a subclass that answers every question wrongly, and a metaclass that does too."""
    lies = {"__hash__": _lies, "__eq__": _lies, "__mro__": property(_lies), "mro": type.mro}
    meta = type("Meta", (type(base),), lies | {"__instancecheck__": _lies})
    return meta("Liar", (base,), dict(LIES))


REDUCED = {
    "int": (int, (7,), 7),
    "float": (float, (1.5,), 1.5),
    "complex": (complex, (1j,), 1j),
    "str": (str, ("abc",), "abc"),
    "bytes": (bytes, (b"abc",), b"abc"),
    "bytearray": (bytearray, (b"abc",), bytearray(b"abc")),
    "list": (list, ([1, 2],), [1, 2]),
    "tuple": (tuple, ([1, 2],), (1, 2)),
    "set": (set, ([1, 2],), {1, 2}),
    "frozenset": (frozenset, ([1, 2],), frozenset({1, 2})),
    "dict": (dict, ([("a", 1)],), {"a": 1}),
    "deque": (collections.deque, ([1, 2], 5), collections.deque([1, 2], 5)),
    "date": (dt.date, (2024, 1, 2), dt.date(2024, 1, 2)),
    "time": (dt.time, (1, 2), dt.time(1, 2)),
    "datetime": (dt.datetime, (2024, 1, 2), dt.datetime(2024, 1, 2)),  # noqa: DTZ001
    "timedelta": (dt.timedelta, (1,), dt.timedelta(1)),
    "Decimal": (decimal.Decimal, ("1.50",), decimal.Decimal("1.50")),
}


@pytest.mark.parametrize("name", REDUCED)
def test_a_subclass_is_reduced_to_its_base_without_asking_it_anything(name):
    base, args, expected = REDUCED[name]
    arrived = cross([liar(base)(*args)])[0]
    assert type(arrived) is base
    assert arrived == expected


@pytest.mark.parametrize("name", REDUCED)
def test_a_subclass_stays_a_handle_where_subclasses_are_kept(name):
    base, args, _ = REDUCED[name]
    kind = type("Own", (base,), {})
    assert type(cross(kind(*args), keep_subclasses=True)) is Handle


def test_named_tuples_and_the_collections_cross_where_subclasses_are_kept():
    for value in (Point(1, 2), collections.Counter("aab"), collections.OrderedDict(a=1), True):
        assert cross(value, keep_subclasses=True) == value
    assert type(cross(pathlib.Path("x"), keep_subclasses=True)) is pathlib.PurePosixPath
