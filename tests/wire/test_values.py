"""Encoder and Decoder: identity inside a message, what is not data, limits on both sides."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import fractions
import math
import pathlib
import sys
import typing
import uuid
import zoneinfo

import pytest

from grader.errors import ValueRefusedError, WireError
from grader.wire.values import Decoder, Encoder, ValueLimits
from tests.wire.crossing import Handle, Handles, cross, decode, pack

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


@pytest.mark.parametrize(
    "node",
    [
        2**63,
        1.5,
        [],
        {},
        {"t": None},
        {"t": []},
        {"t": "no such tag"},
        {"t": "="},
        {"t": "=", "n": 5},
        {"t": "=", "n": [1]},
        {"t": "l"},
        {"t": "l", "v": None},
        {"t": "l", "v": {"n": 3}},
        {"t": "l", "v": {"n": -1, "u": 5}},
        {"t": "l", "v": {"n": 10**12, "u": 5}},
        {"t": "l", "v": {"n": 3, "u": 9}},
        {"t": "l", "v": {"n": 3, "u": 2, "q": 0}},
        {"t": "l", "v": [], "#": -1},
        {"t": "l", "v": [], "#": "1"},
        {"t": "l", "v": [], "#": True},
        {"t": "l", "v": [{"t": "l", "v": [], "#": 1}], "#": 1},
        {"t": "d", "k": ["a"], "v": []},
        {"t": "d", "k": ["a", "a"], "v": [1, 2]},
        {"t": "d", "k": [1, {"t": "f", "v": "0x1p+0"}], "v": [1, 2]},
        {"t": "d", "k": [{"t": "l", "v": []}], "v": [1]},
        {"t": "set", "v": [1, 1]},
        {"t": "fs", "v": [{"t": "set", "v": []}]},
        {"t": "dq", "m": -1, "v": []},
        {"t": "dq", "m": 1, "v": [1, 2]},
        {"t": "dd", "f": "eval", "k": [], "v": []},
        {"t": "dd", "f": [], "k": [], "v": []},
        {"t": "nt", "n": "P", "f": ["__class__"], "v": [1]},
        {"t": "nt", "n": "P", "f": ["x", "x"], "v": [1, 2]},
        {"t": "nt", "n": "P", "f": ["x; import os"], "v": [1]},
        {"t": "nt", "n": "lambda", "f": ["x"], "v": [1]},
        {"t": "nt", "n": "P", "f": ["x"], "v": []},
        {"t": "i", "v": "0x10"},
        {"t": "i", "v": " 1"},
        {"t": "i", "v": "1_0"},
        {"t": "i", "v": 5},
        {"t": "i", "v": "-"},
        {"t": "f", "v": "1e999"},
        {"t": "f", "v": "0x1p+9999"},
        {"t": "f", "v": 1},
        {"t": "f", "v": "infinity"},
        {"t": "c", "v": ["nan"]},
        {"t": "s", "b": 0},
        {"t": "y", "x": "zz"},
        {"t": "date", "v": [2024, 13, 1]},
        {"t": "date", "v": [2024, True, 1]},
        {"t": "dt", "v": [1, 1, 1, 0, 0, 0, 0, 2], "z": None},
        {"t": "dt", "v": [1, 1, 1, 0, 0, 0, 0, 0], "z": {"z": "../../etc/passwd"}},
        {"t": "dt", "v": [1, 1, 1, 0, 0, 0, 0, 0], "z": {"z": "/etc/passwd"}},
        {"t": "dt", "v": [1, 1, 1, 0, 0, 0, 0, 0], "z": {"z": "Europe"}},
        {"t": "dt", "v": [1, 1, 1, 0, 0, 0, 0, 0], "z": {"z": ["UTC"]}},
        {"t": "dt", "v": [1, 1, 1, 0, 0, 0, 0, 0], "z": {"o": [2, 0, 0]}},
        {"t": "dt", "v": [1, 1, 1, 0, 0, 0, 0, 0], "z": "UTC"},
        {"t": "dt", "u": True, "v": [1, 1, 1, 0, 0, 0, 0, 0], "z": {"z": "US/Hawaii"}},
        {"t": "td", "v": [2**62, 0, 0]},
        {"t": "range", "v": [0, 10**12, 1]},
        {"t": "range", "v": [0, {"t": "i", "v": "f" * 100}, 1]},
        {"t": "range", "v": [0, 1, 0]},
        {"t": "range", "v": [0, "1", 1]},
        {"t": "dec", "v": "1E+99999999"},
        {"t": "dec", "v": "1E-10001"},
        {"t": "dec", "v": "\uff11"},
        {"t": "dec", "v": "9" * 20_000},
        {"t": "q", "v": ["1", "0"]},
        {"t": "q", "v": ["2", "4"]},
        {"t": "q", "v": ["1", "-1"]},
        {"t": "uuid", "v": "1" + "0" * 32},
        {"t": "path", "v": 5},
        {"t": "k", "v": "exit"},
        {"t": "k", "v": ["..."]},
    ],
    ids=lambda node: str(node)[:50],
)
def test_a_crafted_node_is_a_wire_error_and_nothing_else(node):
    with pytest.raises(WireError):
        decode(node)


def test_what_an_opaque_raises_arrives_as_a_wire_error():
    class Broken(Handles):
        def decode(self, node):
            raise KeyError(node["t"])

    with pytest.raises(WireError):
        Decoder(Broken(), []).decode({"t": "@x"})


def test_a_buffer_may_not_be_used_twice():
    twice = {"t": "l", "v": [{"t": "s", "b": 0}, {"t": "s", "b": 0}]}
    with pytest.raises(WireError, match="twice"):
        decode(twice, b"x" * 1000)


@pytest.mark.parametrize(
    ("limits", "node"),
    [
        ({"nodes": 10}, {"t": "l", "v": [None] * 20}),
        ({"items": 10}, {"t": "l", "v": {"n": 11, "u": 5}}),
        ({"items": 10}, {"t": "l", "v": [{"t": "l", "v": {"n": 6, "u": 5}}] * 2}),
        ({"keys": 10}, {"t": "d", "k": list(range(11)), "v": [0] * 11}),
        ({"text_bytes": 10}, {"t": "l", "v": ["abcdef", "abcdef"]}),
        (
            {"classes": 2},
            {"t": "l", "v": [{"t": "nt", "n": f"P{n}", "f": [], "v": []} for n in range(3)]},
        ),
    ],
)
def test_a_reader_keeps_its_own_limits(limits, node):
    with pytest.raises(WireError):
        decode(node, limits=ValueLimits(**limits))


def test_nodes_nested_a_hundred_thousand_deep_are_refused():
    node = None
    for _ in range(100_000):
        node = {"t": "l", "v": [node]}
    with pytest.raises(WireError, match="too deeply"):
        decode(node)
