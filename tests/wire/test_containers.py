"""Containers of the standard library arrive as they were; crafted ones are WireErrors."""

from __future__ import annotations

import collections
import subprocess
import sys
import time
import typing

import pytest

from grader.errors import WireError
from tests.wire.crossing import cross, decode


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


def test_different_nans_stay_different_keys():
    keys = {float("nan"): 1, float("nan"): 2}
    assert sorted(cross(keys).values()) == [1, 2]
    assert len(cross({float("nan"), float("nan")})) == 2


class Point(typing.NamedTuple):
    x: int
    y: object


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


def test_a_default_factory_crosses_only_when_it_is_a_plain_type():
    assert cross(collections.defaultdict(int))["new"] == 0
    assert cross(collections.defaultdict(lambda: 1, a=2)).default_factory is None


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
