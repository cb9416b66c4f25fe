"""pandas' scalars arrive as they were; those that lie are refused."""

from __future__ import annotations

import zoneinfo

import pandas as pd
import pytest

from grader.errors import WireError
from tests.wire.crossing import cross, decode

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2024-01-01 12:00"),
        pd.Timestamp("2024-10-27 00:30", tz="UTC").tz_convert(BERLIN),
        pd.Timestamp("2024-10-27 01:30", tz="UTC").tz_convert("Europe/Berlin"),
        pd.Timestamp("2024-01-01").as_unit("s"),
        pd.Timestamp.min,
        pd.Timedelta(hours=-5, nanoseconds=1),
        pd.Timedelta(5, "s").as_unit("s"),
        pd.Period("2024-02", "M"),
        pd.Period("2024-02-29", "W-SUN"),
        pd.Interval(1, 2.5, closed="both"),
        pd.Interval(pd.Timestamp("2024"), pd.Timestamp("2025")),
    ],
    ids=repr,
)
def test_a_scalar_of_pandas_arrives_as_it_was(value):
    arrived = cross([value])[0]
    assert type(arrived) is type(value)
    assert arrived == value
    assert repr(arrived) == repr(value)


def test_missing_values_of_pandas_arrive_as_themselves():
    assert cross(pd.NA) is pd.NA
    assert cross([pd.NaT])[0] is pd.NaT
    assert cross([pd.NaT, pd.NA, "a"] * 20)[:2] == [pd.NaT, pd.NA] or cross([pd.NA])[0] is pd.NA


@pytest.mark.parametrize(
    "node",
    [
        {"t": "ts", "v": -(2**63), "u": "ns", "z": None},
        {"t": "ts", "v": 1, "u": "D", "z": None},
        {"t": "ts", "v": 1, "u": "ns", "z": {"z": "../x"}},
        {"t": "ts", "v": 1.5, "u": "ns", "z": None},
        {"t": "tdelta", "v": -(2**63), "u": "ns"},
        {"t": "period", "v": 1, "f": "x"},
        {"t": "period", "v": "1", "f": "D"},
        {"t": "interval", "l": 2, "r": 1, "c": "left"},
        {"t": "interval", "l": "a", "r": "b", "c": "left"},
        {"t": "interval", "l": 1, "r": 2, "c": "sideways"},
        {"t": "na", "v": "None"},
    ],
    ids=str,
)
def test_a_scalar_of_pandas_that_lies_is_refused(node):
    with pytest.raises(WireError):
        decode(node)
