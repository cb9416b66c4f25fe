"""Keys and labels that share a hash: a few are honest, many are an attack, dear ones count more."""

from __future__ import annotations

import datetime as dt
import random
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from grader.errors import WireError
from tests.wire.crossing import cross, decode

PRIME = 2**61 - 1


def test_decimals_that_collide_with_long_integers_are_refused_at_once():
    number = Decimal("9" * 9999 + "E+1")
    rng = random.Random(1)
    ints = [hash(number) + rng.getrandbits(65_000) * PRIME for _ in range(50)]
    keys = [{"t": "dec", "v": str(number)}, *({"t": "i", "v": f"{n:x}"} for n in ints)]
    began = time.process_time()
    with pytest.raises(WireError, match="same hash"):
        decode({"t": "set", "v": keys})
    assert time.process_time() - began < 1


def test_collisions_count_over_the_whole_message():
    few = [{"t": "i", "v": f"{n * PRIME:x}"} for n in range(1, 41)]  # 780 pairs
    assert len(decode({"t": "set", "v": few})) == 40
    with pytest.raises(WireError, match="same hash"):
        decode({"t": "l", "v": [{"t": "set", "v": few}] * 8})


def test_a_key_that_cannot_be_hashed_is_refused():
    with pytest.raises(WireError):
        decode({"t": "set", "v": [{"t": "u", "v": [{"t": "l", "v": []}]}]})


def test_labels_of_every_plain_kind_may_occur_again_and_again():
    labels = [
        -1, -2, 1.5, "a", b"b", None, True, (1, (2, "x")), 2**80, Decimal("1.5"), 1j,
        dt.date(2024, 1, 1), dt.timedelta(1), np.float32(2.5), np.int8(7),
        pd.Timestamp("2024"), pd.Period("2024", "M"), pd.Interval(0, 1),
    ]  # fmt: skip
    index = pd.Index(np.fromiter(labels * 200, dtype=object, count=200 * len(labels)))
    arrived = cross(index)
    assert arrived.tolist() == index.tolist()
    assert list(map(type, arrived)) == list(map(type, index))


def test_labels_that_are_tuples_of_colliding_numbers_are_refused():
    labels = [{"t": "u", "v": [{"t": "i", "v": f"{n * PRIME:x}"}]} for n in range(1, 1000)]
    column = {"k": "o", "v": labels}
    with pytest.raises(WireError, match="same hash"):
        decode({"t": "ix", "k": "a", "n": len(labels), "v": column, "l": None})
