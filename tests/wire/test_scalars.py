"""Immutable values arrive equal and of the same type; crafted ones are WireErrors."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import pathlib
import time

import pytest

from grader.errors import WireError
from tests.wire.crossing import Handle, cross, decode


@pytest.mark.parametrize(
    "path", [pathlib.PurePosixPath("a/b"), pathlib.Path("a/b"), pathlib.PureWindowsPath(r"a\b")]
)
def test_a_path_arrives_without_the_power_to_open_files(path):
    arrived = cross(path)
    assert type(arrived) is pathlib.PurePosixPath
    assert str(arrived) == "a/b"


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


def test_an_integer_of_a_million_digits_is_refused_quickly():
    began = time.process_time()
    with pytest.raises(WireError):
        decode({"t": "i", "v": "f" * 1_000_000})
    assert time.process_time() - began < 1


def test_text_that_is_not_utf8_is_refused():
    with pytest.raises(WireError):
        decode({"t": "s", "b": 0}, b"\xff\xfe")
