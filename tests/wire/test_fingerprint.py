"""A fingerprint notices every change of a container and calls nothing of a student's."""

from __future__ import annotations

import collections
import itertools

import numpy as np
import pandas as pd
import pytest

from grader.wire.shared import fingerprint, reachable

KINDS = {
    "list": [],
    "dict": {},
    "set": set(),
    "deque": collections.deque(),
    "array": np.zeros(0),
    "series": pd.Series([], dtype=float),
    "frame": pd.DataFrame(),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_fingerprint_stays_when_nothing_changes(name):
    assert fingerprint(KINDS[name]) == fingerprint(KINDS[name])


def test_a_fingerprint_tells_values_apart_that_python_calls_equal():
    items = (1, 1.0, True, "1", b"1", None, (1,), [1], np.int64(1), -0.0, 0.0)
    values = [[item] for item in items]
    assert len({fingerprint(value) for value in values}) == len(values)


def test_a_fingerprint_sees_the_order_of_a_dict_and_not_of_a_set():
    assert fingerprint({"a": 1, "b": 2}) != fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a", "b", "c"}) == fingerprint({"c", "b", "a"})


def test_a_fingerprint_takes_containers_inside_by_identity():
    inner = [1]
    outer = [inner]
    before = fingerprint(outer)
    inner.append(2)
    assert fingerprint(outer) == before
    outer[0] = [1, 2]
    assert fingerprint(outer) != before


def test_a_fingerprint_looks_into_tuples():
    inner = [1]
    outer = [(1, inner)]
    before = fingerprint(outer)
    outer[0] = (2, inner)
    assert fingerprint(outer) != before


def test_a_fingerprint_never_calls_a_students_method():
    def lie(*_args):
        raise AssertionError("a method of a student's class was called")

    names = ("__eq__", "__repr__", "__len__", "__iter__", "__getattribute__", "__bool__")
    kind = type("Theirs", (), dict.fromkeys(names, lie) | {"__hash__": lambda _self: 1})
    theirs = kind()
    one = fingerprint([theirs, {"k": theirs}, (theirs,), {theirs}])
    assert isinstance(one, bytes)
    assert fingerprint({theirs: 1}) == fingerprint({theirs: 1})


def test_a_fingerprint_has_no_limits():
    deep: list = [1]
    value = ()
    for _ in range(50):
        value = (value,)
    assert fingerprint([value, 2**200_000, "x" * 3_000_000])
    assert fingerprint(list(itertools.repeat([], 300_000)))
    assert fingerprint(deep)


def test_all_containers_below_a_value_can_be_listed():
    inner: dict = {"k": {1}}
    frame = pd.DataFrame({"a": [inner, None]})
    outer = [frame, (inner, bytearray())]
    outer.append(outer)
    found = reachable([outer, 5, inner])
    assert [type(value).__name__ for value in found] == [
        "list", "dict", "DataFrame", "bytearray", "set",
    ]  # fmt: skip
    assert found[1] is inner
