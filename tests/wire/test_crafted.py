"""Nodes that no Encoder wrote: a WireError and nothing else, quickly and in bounded memory."""

from __future__ import annotations

import time

import pytest

from grader.errors import WireError
from grader.wire.values import Decoder, ValueLimits
from tests.wire.crossing import Handles, cross, decode


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
