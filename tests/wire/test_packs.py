"""Long sequences of simple values arrive whole; buffers that contradict them are refused."""

from __future__ import annotations

import math

import pytest

from grader.errors import WireError
from tests.wire.crossing import cross, decode


def test_nan_arrives_as_the_one_nan_so_that_lists_of_it_are_equal():
    nan = float("nan")
    short, long = cross([nan, nan]), cross([1.0, nan] * 50)
    assert math.isnan(short[0])
    assert short[0] is short[1] is long[1]
    assert long[0] == 1.0


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
