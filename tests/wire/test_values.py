"""Values of the standard library arrive equal, of the same type, and never as anything else."""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import decimal
import enum
import fractions
import math
import pathlib
import subprocess
import sys
import time
import typing
import uuid
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


# Subclasses


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


# Crafted nodes


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


def test_a_hundred_thousand_colliding_keys_are_refused_quickly():
    keys = [{"t": "i", "v": f"{n * (2**61 - 1):x}"} for n in range(1, 100_001)]
    for node in ({"t": "d", "k": keys, "v": [None] * 100_000}, {"t": "set", "v": keys}):
        began = time.perf_counter()
        with pytest.raises(WireError, match="same hash"):
            decode(node)
        assert time.perf_counter() - began < 5


def test_a_few_keys_with_the_same_hash_are_no_reason_to_refuse():
    grid = {(x, y): x * y for x in range(-60, 60) for y in range(-60, 60)}
    assert cross(grid) == grid


def test_keys_that_share_their_low_bits_do_not_take_long():
    keys = {"n": 100_000, "u": 2, "q": 0}
    data = b"".join((n << 40).to_bytes(8, "little") for n in range(100_000))
    began = time.perf_counter()
    assert len(decode({"t": "set", "v": keys}, data)) == 100_000
    assert time.perf_counter() - began < 5


def test_an_integer_of_a_million_digits_is_refused_quickly():
    began = time.perf_counter()
    with pytest.raises(WireError):
        decode({"t": "i", "v": "f" * 1_000_000})
    assert time.perf_counter() - began < 1


def test_a_buffer_may_not_be_used_twice():
    twice = {"t": "l", "v": [{"t": "s", "b": 0}, {"t": "s", "b": 0}]}
    with pytest.raises(WireError, match="twice"):
        decode(twice, b"x" * 1000)


def test_text_that_is_not_utf8_is_refused():
    with pytest.raises(WireError):
        decode({"t": "s", "b": 0}, b"\xff\xfe")


@pytest.mark.parametrize(
    ("node", "blobs"),
    [
        ({"n": 2, "u": 1, "s": [0, 1]}, [b"\x01\0\0\0" * 2, b"abc"]),
        ({"n": 2, "u": 1, "s": [0, 1]}, [b"\xff\xff\xff\xff" * 2, b"abc"]),
        ({"n": 2, "u": 1, "s": [0, 1]}, [b"\x01\0\0", b"a"]),
        ({"n": 2, "u": 2, "q": 0}, [b"\0" * 8]),
        ({"n": 2, "u": 2, "q": 0}, [b"\0" * 15]),
        ({"n": 2, "u": 4, "b": 0}, [b"\0\2"]),
        ({"n": 2, "k": 0}, [b"\5\0"]),
        ({"n": 2, "k": 0}, [b"\5"]),
        ({"n": 2, "k": 0, "q": 1}, [b"\5\2", b"\0" * 16]),
        ({"n": 2, "k": 0}, [b"\5\2"]),
    ],
)
def test_a_packed_sequence_that_contradicts_itself_is_refused(node, blobs):
    with pytest.raises(WireError):
        decode({"t": "l", "v": node}, *blobs)


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


# Properties

ZONES = st.timezone_keys(allow_prefix=False).map(zoneinfo.ZoneInfo)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(2**200), max_value=2**200)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.none() | ZONES)
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.uuids()
)
KEYS = st.recursive(
    SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.sets(KEYS, max_size=5)
        | st.builds(collections.deque, st.lists(inner, max_size=3))
    ),
    max_leaves=20,
)


def _described(value) -> object:
    """Return the value with every type in it, for a comparison that knows True from 1."""
    if isinstance(value, dict):
        return [(_described(key), _described(value[key])) for key in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(map(repr, map(_described, value)))
    if isinstance(value, list | tuple | collections.deque):
        return type(value), [_described(item) for item in value]
    return type(value), repr(value)


@settings(deadline=None)
@given(VALUES)
def test_any_nested_value_arrives_as_it_was(value):
    arrived = cross(value)
    assert arrived == value
    assert _described(arrived) == _described(value)


@settings(deadline=None)
@given(st.lists(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), min_size=32))
def test_any_long_list_of_simple_values_arrives_as_it_was(value):
    assert _described(cross(value)) == _described(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*"tvnkusqdbxzo#lfmcir"]), inner, max_size=5)
    ),
    max_leaves=20,
)
TAGS = st.sampled_from(
    [
        "i",
        "f",
        "c",
        "s",
        "y",
        "date",
        "time",
        "dt",
        "td",
        "range",
        "slice",
        "dec",
        "q",
        "uuid",
        "path",
        "k",
        "u",
        "nt",
        "fs",
        "l",
        "d",
        "set",
        "ba",
        "dq",
        "dd",
        "od",
        "ct",
        "n",
        "a",
        "ts",
        "tdelta",
        "period",
        "interval",
        "na",
        "ix",
        "sr",
        "df",
        "=",
    ]
)


@settings(deadline=None)
@given(TAGS, st.dictionaries(st.sampled_from([*"vnkusqdbxzo#lfmcir"]), JSON), st.binary())
def test_any_node_gives_a_value_or_a_wire_error(tag, parts, blob):
    with contextlib.suppress(WireError):
        decode({"t": tag, **parts}, blob)
