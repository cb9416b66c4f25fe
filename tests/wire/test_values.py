"""Values of the standard library arrive equal, of the same type, and never as anything else."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import fractions
import math
import pathlib
import subprocess
import sys
import typing
import uuid
import zoneinfo

import pytest

from grader.errors import ValueRefusedError
from grader.wire.values import Encoder, ValueLimits
from tests.wire.crossing import Handle, Handles, cross, pack

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


class Point(typing.NamedTuple):
    x: int
    y: object


PLAIN = {
    "None": None,
    "True": True,
    "False": False,
    "zero": 0,
    "the largest small int": 2**63 - 1,
    "the smallest small int": -(2**63),
    "an int of 65 bits": 2**64,
    "a large negative int": -(3**2000),
    "a float": 0.1,
    "minus zero": -0.0,
    "the smallest float": 5e-324,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "a complex": complex(-0.0, 1e300),
    "empty text": "",
    "text": "naïve 😀 \x00 \u2028",
    "long text": "ä" * 5000,
    "a lone surrogate": "a\ud800b",
    "two surrogates that are not one letter": "\ud83d\ude00",
    "bytes": b"\x00\xff",
    "long bytes": b"\x00\xff" * 3000,
    "a bytearray": bytearray(b"abc"),
    "an empty list": [],
    "a list": [1, "a", None, 2.5, [True]],
    "an empty tuple": (),
    "a tuple": (1, (2, "x")),
    "a named tuple": Point(1, [2]),
    "an empty set": set(),
    "a set": {1, "a", None, (2, 3), frozenset({4})},
    "a frozenset": frozenset({"b", "a"}),
    "a dict": {"b": 1, "a": [2], 3: {"x": ()}, None: 0, (1, 2): 3, 1.5: 4},
    "a dict that is not sorted": {str(n): n for n in range(100, 0, -1)},
    "a deque": collections.deque([1, 2]),
    "a bounded deque": collections.deque([1, 2], maxlen=3),
    "a defaultdict": collections.defaultdict(list, {"a": [1]}),
    "an OrderedDict": collections.OrderedDict([("b", 1), ("a", 2)]),
    "a Counter": collections.Counter({"a": 3, "b": 0, "c": -1}),
    "a range": range(10, 0, -3),
    "a slice": slice(None, 5, 2),
    "Ellipsis": ...,
    "NotImplemented": NotImplemented,
    "a date": dt.date(2024, 2, 29),
    "a time": dt.time(1, 2, 3, 4),
    "a time with an offset": dt.time(1, 2, tzinfo=dt.timezone(dt.timedelta(hours=-3))),
    "a datetime": dt.datetime(2024, 10, 27, 2, 30, 1, 5),  # noqa: DTZ001 - without a zone
    "a datetime in a zone, second time": dt.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
    "a datetime in UTC": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    "a named offset": dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1), "X")),
    "a timedelta": dt.timedelta(days=-1, microseconds=7),
    "a Decimal": decimal.Decimal("-1.2300"),
    "a Decimal with an exponent": decimal.Decimal("1E+9999"),
    "a Decimal that is infinite": decimal.Decimal("-Infinity"),
    "a Fraction": fractions.Fraction(-7, 3),
    "a path": pathlib.PurePosixPath("/a/../b"),
    "a UUID": uuid.UUID(int=2**128 - 1),
    "100 000 ints": list(range(100_000)),
    "floats": [n / 7 for n in range(100)],
    "many texts": [f"ä{n}" for n in range(100)],
    "many truths": [n % 3 == 0 for n in range(100)],
    "many Nones": [None] * 100,
    "a mixture": [None, "a\ud800", 1, 2.5, True, False, "", -(2**63)] * 20,
    "large ints among small": [1, 2**100] * 50,
    "a large dict": {n: str(n) for n in range(1000)},
    "a large set": set(range(1000)),
}


def _same(one, other) -> bool:
    if isinstance(one, tuple) and hasattr(one, "_fields"):
        return one._fields == other._fields and list(map(_same, one, other))
    if type(one) is not type(other) or repr(one) != repr(other):
        return isinstance(one, set | frozenset) and type(one) is type(other) and one == other
    return True


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_value_arrives_as_it_was(name):
    value = PLAIN[name]
    arrived = cross(value)
    assert arrived == value
    assert _same(value, arrived)


@pytest.mark.parametrize("name", PLAIN)
def test_the_same_value_is_written_the_same_way_twice(name):
    assert pack(PLAIN[name]) == pack(PLAIN[name])


def test_sets_are_written_in_one_order_whatever_the_hash_seed():
    code = (
        "from tests.wire.crossing import pack;"
        "print(pack({'a','bb','ccc',('d',1),frozenset({'e','f'}),None,2,'x'*2000}).hex())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1


def test_nan_arrives_as_the_one_nan_so_that_lists_of_it_are_equal():
    nan = float("nan")
    short, long = cross([nan, nan]), cross([1.0, nan] * 50)
    assert math.isnan(short[0])
    assert short[0] is short[1] is long[1]
    assert long[0] == 1.0


def test_different_nans_stay_different_keys():
    keys = {float("nan"): 1, float("nan"): 2}
    assert sorted(cross(keys).values()) == [1, 2]
    assert len(cross({float("nan"), float("nan")})) == 2


def test_a_named_tuple_keeps_its_name_and_fields_and_equals_a_tuple():
    arrived = cross(Point(1, "y"))
    assert arrived == (1, "y")
    assert (arrived.x, arrived.y, type(arrived).__name__) == (1, "y", "Point")
    assert type(cross(Point(3, 4))) is type(arrived)
    assert arrived._replace(x=9) == (9, "y")


@pytest.mark.parametrize(
    "fields", [("__class__",), ("_x",), ("class",), ("a b",), ("x", "x"), (1,), ("x",) * 3, "x"]
)
def test_a_tuple_with_odd_fields_crosses_as_a_tuple(fields):
    odd = type("Odd", (tuple,), {"_fields": fields})
    arrived = cross(odd((1,)))
    assert type(arrived) is tuple
    assert arrived == (1,)


@pytest.mark.parametrize(
    "path", [pathlib.PurePosixPath("a/b"), pathlib.Path("a/b"), pathlib.PureWindowsPath(r"a\b")]
)
def test_a_path_arrives_without_the_power_to_open_files(path):
    arrived = cross(path)
    assert type(arrived) is pathlib.PurePosixPath
    assert str(arrived) == "a/b"


def test_a_default_factory_crosses_only_when_it_is_a_plain_type():
    assert cross(collections.defaultdict(int))["new"] == 0
    assert cross(collections.defaultdict(lambda: 1, a=2)).default_factory is None


def test_an_enum_member_goes_to_the_opaque_even_when_it_is_an_int():
    class Colour(enum.IntEnum):
        RED = 1

    assert cross(Colour.RED).kind == "Colour"


@pytest.mark.parametrize("value", [object(), len, int, (n for n in ()), sys, ValueError("x")])
def test_what_is_not_data_goes_to_the_opaque(value):
    assert type(cross(value)) is Handle
    assert type(cross([value])[0]) is Handle


def test_an_opaque_may_not_write_nodes_of_values():
    class Bad(Handles):
        def encode(self, value):
            return {"t": "i", "v": "1"}

    with pytest.raises(TypeError, match="begins with @"):
        Encoder(Bad()).encode(object())


# Aliases and cycles


def test_aliases_inside_one_message_survive():
    inner = [1]
    one, other, third = cross([inner, inner, {"k": inner}])
    assert one is other is third["k"]


def test_a_list_that_holds_itself_arrives_holding_itself():
    value: list = [1]
    value.append(value)
    arrived = cross(value)
    assert arrived[1] is arrived


def test_a_tuple_that_holds_itself_through_a_list_arrives():
    value: tuple = ([],)
    value[0].append(value)
    arrived = cross(value)
    assert arrived[0][0][0] is arrived[0]


def test_tuples_that_double_at_every_level_are_refused_kindly():
    value: tuple = ()
    for _ in range(40):
        value = (value, value)
    with pytest.raises(ValueRefusedError, match="too many to be sent"):
        pack(value)


# Sizes, on the side that sends


@pytest.mark.parametrize(
    "make",
    [
        lambda: 2**70_000,
        lambda: range(10**9),
        lambda: decimal.Decimal("1E+20000"),
        lambda: decimal.Decimal("1E-20000"),
        lambda: decimal.Decimal("1" * 20_000),
        lambda: fractions.Fraction(1, 2**70_000),
        lambda: dt.datetime(2024, 1, 1, tzinfo=type("Zone", (dt.tzinfo,), {})()),
    ],
)
def test_a_value_out_of_bounds_goes_to_the_opaque(make):
    assert type(cross(make())) is Handle


def test_a_value_that_is_too_deep_is_refused_kindly():
    value: list = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueRefusedError, match="nested more than 100 deep"):
        pack(value)


def test_a_value_as_deep_as_allowed_arrives():
    value: list = []
    for _ in range(99):
        value = [value]
    assert cross(value) == value


@pytest.mark.parametrize(
    ("value", "limits", "words"),
    [
        ([[]] * 200, {"nodes": 100}, "more than 100 parts"),
        ([1] * 200, {"items": 100}, "more than 100 items"),
        ({n: n for n in range(200)}, {"keys": 100}, "200 entries is too large"),
        ("x" * 3_000_000, {"text_bytes": 2**21}, "more than 2 MiB of text"),
    ],
)
def test_a_value_that_is_too_large_is_refused_kindly(value, limits, words):
    with pytest.raises(ValueRefusedError, match=words):
        pack(value, limits=ValueLimits(**limits))
