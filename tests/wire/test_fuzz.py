"""Tens of thousands of messages with something wrong in them: a value or a WireError, no more."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
import time
import tracemalloc
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from grader.errors import WireError
from grader.wire.shared import Shared, content, fill
from grader.wire.values import Decoder, Encoder
from tests.wire.crossing import Handles, pack, unpack

SEED = 20240229
TWO = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None])
DAYS = pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin")

PLAIN = [
    [1, "a", None, 2.5, True, 2**70, 1j, b"x", "y" * 2000],
    {"a": [1, (2, {3})], 5: bytearray(b"z"), None: frozenset({"q"})},
    [dt.date(2024, 1, 1), dt.time(1, 2), dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.timedelta(1)],
    [
        Decimal("1.5E+10"),
        Fraction(1, 3),
        UUID(int=5),
        PurePosixPath("a"),
        range(5),
        slice(1, 2),
        ...,
    ],
    [deque([1], 3), defaultdict(int, a=1), OrderedDict(a=1), Counter("aab")],
    [object(), (1,), [[]]],
    [None, "a\ud800", 1, 2.5, True, "b"] * 10,
    [list(range(50)), [n / 3 for n in range(50)], [str(n) for n in range(50)], [True] * 50],
]
TABLES = [
    [np.arange(6.0).reshape(2, 3), np.array(["ä", "b"]), np.array([None, [1]], dtype=object)],
    [np.float32(1), np.datetime64("2024-01-01"), np.array([True]), np.zeros((0, 2), "m8[s]")],
    pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, 3.5], "c": DAYS}, index=DAYS),
    pd.DataFrame({"a": pd.Categorical(["u", "v", None]), "b": pd.array([1, None, 3], "Int64")}),
    pd.DataFrame({"s": pd.array(["x", "y", None], "string[python]")}),
    pd.Series(pd.period_range("2024", periods=2)),
    pd.Series([1.5, None], index=TWO),
    pd.Series(pd.cut([1, 5, 9], 3), name=("n", 1)),
    [pd.Timestamp("2024", tz="UTC"), pd.Timedelta(1), pd.Period("2024", "M")],
    [pd.Interval(0, 1), pd.NA, pd.NaT],
]
ODD = [
    None, True, -1, 0, 1, 2, 7, 2**31, 2**63 - 1, -(2**63), "", "a", "nan", "../../etc/passwd",
    "<f8", "|O8", "<U2", [], {}, [1], [[1]], {"t": "l", "v": []}, {"t": "=", "n": 0}, "D", 1.5,
    {"n": 3, "u": 5}, {"z": "UTC"}, {"d": "<i8", "b": 0}, [-1], [2**40, 2**40],
]  # fmt: skip


def _spots(node, found):
    """Collect (container, key) of everything inside a header."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, part in list(pairs):
        found.append((node, key))
        if isinstance(part, dict | list):
            _spots(part, found)
    return found


def _change_one(spots, rng: random.Random, tags: list[str]) -> None:
    node, key = rng.choice(spots)
    other, other_key = rng.choice(spots)
    way = rng.randrange(6)
    if way == 0:
        node[key] = copy.deepcopy(rng.choice(ODD))
    elif way == 1:
        node[key] = copy.deepcopy(other[other_key])
    elif way == 2 and isinstance(node, dict):
        del node[key]
    elif way == 3:
        tagged = [n for n, k in spots if k == "t"]
        rng.choice(tagged or [{}])["t"] = rng.choice(tags)
    elif way == 4 and type(node[key]) is int:
        node[key] += rng.choice([-1, 1, 8, 2**32])
    elif isinstance(node, list):
        node.append(copy.deepcopy(rng.choice(ODD)))


def _change_tree(data: bytes, rng: random.Random, tags: list[str]) -> bytes:
    size = int.from_bytes(data[:4], "big")
    header, rest = json.loads(data[4 : 4 + size]), data[4 + size :]
    for _ in range(rng.randint(1, 3)):
        spots = _spots(header, [])
        if spots:
            _change_one(spots, rng, tags)
    text = json.dumps(header).encode()
    return len(text).to_bytes(4, "big") + text + rest


def _change_bytes(data: bytes, rng: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        way = rng.randrange(4)
        at = rng.randrange(len(made)) if made else 0
        if way == 0 and made:
            made[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            del made[at:]
        elif way == 2:
            del made[at : at + rng.randint(1, 8)]
        else:
            made[at:at] = rng.randbytes(rng.randint(1, 8))
    return bytes(made)


def _change_buffers(data: bytes, rng: random.Random) -> bytes:
    """Change what lies behind the JSON only, so that the structure stays believable."""
    size = 4 + int.from_bytes(data[:4], "big")
    if size >= len(data):
        return _change_bytes(data, rng)
    made = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        made[rng.randrange(size, len(made))] = rng.choice([0, 1, 2, 127, 128, 255])
    return bytes(made)


def _tags() -> list[str]:
    from grader.wire.registry import CONTAINERS, DECODERS

    return [*DECODERS, *CONTAINERS, "=", "@h", "?"]


def _mutants(values, count: int):
    rng = random.Random(SEED)
    tags = _tags()
    valid = [pack(value) for value in values]
    for number in range(count):
        data = valid[number % len(valid)]
        way = rng.randrange(4)
        if way <= 1:
            yield _change_tree(data, rng, tags)
        elif way == 2:
            yield _change_buffers(data, rng)
        else:
            yield _change_bytes(data, rng)


def _try_all(mutants) -> tuple[int, int, float]:
    values = errors = 0
    slowest = 0.0
    for data in mutants:
        began = time.perf_counter()
        try:
            unpack(data)
            values += 1
        except WireError:
            errors += 1
        slowest = max(slowest, time.perf_counter() - began)
    return values, errors, slowest


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("values", "count"), [(PLAIN, 14_000), (TABLES, 6_000)], ids=["plain", "tables"]
)
def test_twenty_thousand_changed_messages_give_a_value_or_a_wire_error(values, count):
    made, refused, slowest = _try_all(_mutants(values, count))
    assert made + refused == count
    assert refused > count / 3  # the changes do hit something
    assert made > count / 100
    assert slowest < 5


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_hundred_thousand_changed_messages_give_a_value_or_a_wire_error():
    made, refused, slowest = _try_all(_mutants(PLAIN + TABLES, 100_000))
    assert made + refused == 100_000
    assert slowest < 5


@pytest.mark.filterwarnings("ignore")
def test_changed_messages_need_little_memory():
    tracemalloc.start()
    try:
        _try_all(_mutants(PLAIN + TABLES, 1000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


@pytest.mark.filterwarnings("ignore")
def test_changed_contents_fill_a_container_or_are_a_wire_error():
    rng = random.Random(SEED)
    tags = _tags()
    refused = 0
    for _ in range(2000):
        value = rng.choice(
            [[1, [2]], {"a": 1}, {1, 2}, deque([1]), np.arange(3), pd.Series([1, 2]),
             pd.DataFrame({"a": [1, 2], "b": ["x", None]})]
        )  # fmt: skip
        encoder = Encoder(Handles())
        node = content(value, encoder)
        text = json.dumps({"v": node}).encode()
        changed = _change_tree(len(text).to_bytes(4, "big") + text, rng, tags)
        node = json.loads(changed[4:]).get("v")
        blobs = [memoryview(blob) for blob in encoder.blobs]
        try:
            fill(value, node, Decoder(Handles(), blobs, Shared(first=1)))
        except WireError:
            refused += 1
    assert 200 < refused < 2000
