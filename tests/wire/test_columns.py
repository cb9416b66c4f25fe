"""Columns of every kind arrive as they were; columns that lie are refused."""

from __future__ import annotations

import datetime as dt
import time
import warnings
import zoneinfo

import numpy as np
import pandas as pd
import pytest

from grader.errors import WireError
from tests.wire.crossing import cross, decode, pack

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


DAYS = pd.date_range("2024-01-01", periods=3)


COLUMNS = {
    "integers": [1, 2, 3],
    "floats": [0.1, np.nan, np.inf],
    "truths": [True, False, True],
    "small integers": np.array([1, 2, 3], dtype="u1"),
    "half floats": np.array([1, 2, 3], dtype="f2"),
    "complex numbers": [1j, 0, 2],
    "text": ["a", "b", "ä"],
    "text with None": ["a", None, "b"],
    "text with NaN": ["a", np.nan, "b"],
    "text with NA and NaT": pd.Series(["a", pd.NA, pd.NaT], dtype=object),
    "a mixture": ["12.5", 3.5, None],
    "large integers": [2**70, 1, "x"],
    "lists": [[1], [], ["a", None]],
    "dates of Python": [dt.date(2024, 1, 1), None, dt.date(2024, 1, 3)],
    "objects that are times": pd.Series([pd.Timestamp("2024"), pd.NaT, None], dtype=object),
    "objects that are numbers": pd.Series([1, 2, 3], dtype=object),
    "times": DAYS,
    "times with NaT": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
    "times in seconds": DAYS.as_unit("s"),
    "times in UTC": DAYS.tz_localize("UTC"),
    "times in a zone of zoneinfo": DAYS.tz_localize(BERLIN),
    "times in a zone of pytz": DAYS.tz_localize("Europe/Berlin"),
    "times at an offset": DAYS.tz_localize(dt.timezone(dt.timedelta(hours=2))),
    "times in a zone, in ms": DAYS.as_unit("ms").tz_localize("Asia/Kolkata"),
    "lengths": pd.to_timedelta([1, None, 3], unit="h"),
    "periods": pd.PeriodIndex(["2024-01", "NaT", "2024-03"], freq="M"),
    "quarters": pd.PeriodIndex(["2024Q1", "2024Q2", "2024Q4"], freq="Q-OCT"),
    "intervals": pd.cut([1, 5, 9], 3).categories,
    "intervals of times": pd.IntervalIndex.from_breaks(pd.date_range("2024", periods=4, tz="UTC")),
    "categories": pd.Categorical(["a", None, "b"], categories=["b", "a", "unused"]),
    "ordered categories": pd.Categorical([1, 3, 1], ordered=True),
    "categories of times": pd.Categorical(DAYS),
    "categories of intervals": pd.cut([1, 5, 9], 3),
    "named categories": pd.Categorical([1, 2, 1], categories=pd.Index([1, 2], name="n")),
    "nullable integers": pd.array([1, None, 3], dtype="Int64"),
    "nullable small integers": pd.array([1, None, 3], dtype="UInt8"),
    "nullable floats": pd.array([1.5, None, 3], dtype="Float32"),
    "nullable truths": pd.array([True, None, False], dtype="boolean"),
    "strings": pd.array(["a", None, "ä"], dtype="string[python]"),
    "strings with NaN": pd.array(["a", None, "ä"], dtype=pd.StringDtype("python", na_value=np.nan)),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_arrives_as_it_was(name):
    frame = pd.DataFrame({"first": COLUMNS[name], "other": [1, 2, 3]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arrived = cross(frame)
    assert type(arrived) is pd.DataFrame
    pd.testing.assert_frame_equal(frame, arrived)
    assert arrived["first"].dtype == frame["first"].dtype
    assert pack(frame) == pack(frame)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_series_arrives_as_it_was(name):
    series = pd.Series(COLUMNS[name], name=("a", 1), index=["x", "y", "x"])
    arrived = cross(series)
    assert type(arrived) is pd.Series
    pd.testing.assert_series_equal(series, arrived)


@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in {"lists", "half floats"}])
def test_an_index_arrives_as_it_was(name):
    values = COLUMNS[name]
    index = pd.Index(values, name="n", dtype=getattr(values, "dtype", None))
    arrived = cross(index)
    assert type(arrived) is type(index)
    pd.testing.assert_index_equal(index, arrived, exact=True)
    frame = pd.DataFrame({"v": [1, 2, 3]}, index=index)
    pd.testing.assert_frame_equal(frame, cross(frame))


def test_sparse_columns_arrive_dense():
    frame = pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 5])})
    arrived = cross(frame)
    assert arrived["a"].dtype == np.int64
    assert arrived["a"].tolist() == [0, 0, 5]


def _series(column, index=None):
    return {
        "t": "sr",
        "i": index or {"t": "ix", "k": "r", "v": [0, 3, 1], "l": None},
        "v": column,
    } | {"l": None}


TIMES = b"".join(n.to_bytes(8, "little") for n in range(3))


def _column(**parts):
    return {"k": "np", "d": "<i8", "b": 0} | parts


LIES_OF_COLUMNS = {
    "fewer numbers": (_column(), TIMES[:16]),
    "more numbers": (_column(), TIMES * 2),
    "no kind": ({"d": "<i8", "b": 0}, TIMES),
    "an unknown kind": (_column(k="x"), TIMES),
    "a kind that is not text": (_column(k=["np"]), TIMES),
    "text of fixed width": (_column(d="<U2"), TIMES),
    "bytes of fixed width": (_column(d="|S8"), TIMES),
    "times in days": (_column(d="<M8[D]"), TIMES),
    "times in 2 ns": (_column(d="<M8[2ns]"), TIMES),
    "times without a unit": (_column(d="<M8"), TIMES),
    "objects in bytes": (_column(d="|O8"), TIMES),
    "fewer objects": ({"k": "o", "v": [1]}, b""),
    "a zone by path": (_column(k="tz", d="<M8[ns]", z={"z": "../../etc/passwd"}), TIMES),
    "a zone of pytz by path": (_column(k="tz", d="<M8[ns]", z={"z": "../x", "p": True}), TIMES),
    "no zone": (_column(k="tz", d="<M8[ns]", z=None), TIMES),
    "numbers in a zone": (_column(k="tz", z={"z": "UTC"}), TIMES),
    "lengths in a zone": (_column(k="tz", d="<m8[ns]", z={"z": "UTC"}), TIMES),
    "an offset of years": (_column(k="tz", d="<M8[ns]", z={"o": [999, 0, 0]}), TIMES),
    "periods of nothing": (_column(k="p", f="0D"), TIMES),
    "periods of code": (_column(k="p", f="__import__('os')"), TIMES),
    "periods of a number": (_column(k="p", f=1), TIMES),
    "periods in bytes": (_column(k="p", f="D", d="|i1"), b"\0\0\0"),
    "codes beyond the categories": (
        _column(k="c", d="|i1", o=False, l=None, c={"n": 1, "v": {"k": "o", "v": ["a"]}}),
        b"\0\1\0",
    ),
    "codes below -1": (
        _column(k="c", d="|i1", o=False, l=None, c={"n": 1, "v": {"k": "o", "v": ["a"]}}),
        b"\0\xfe\0",
    ),
    "categories twice": (
        _column(k="c", d="|i1", o=False, l=None, c={"n": 2, "v": {"k": "o", "v": ["a", "a"]}}),
        b"\0\1\0",
    ),
    "categories that are missing": (
        _column(k="c", d="|i1", o=False, l=None, c={"n": 1, "v": {"k": "o", "v": [None]}}),
        b"\0\0\0",
    ),
    "categories that cannot be hashed": (
        _column(
            k="c", d="|i1", o=False, l=None, c={"n": 1, "v": {"k": "o", "v": [{"t": "l", "v": []}]}}
        ),
        b"\0\0\0",
    ),
    "categories without a list": (_column(k="c", d="|i1", o=False, l=None, c=[]), b"\0\0\0"),
    "codes that are floats": (
        _column(k="c", d="<f8", o=False, l=None, c={"n": 1, "v": {"k": "o", "v": ["a"]}}),
        TIMES,
    ),
    "a mask that is too short": (_column(k="m", m={"d": "|b1", "b": 1}), TIMES),
    "a mask of numbers": (_column(k="m", m={"d": "<i8", "b": 1}), TIMES),
    "no mask": (_column(k="m", m=None), TIMES),
    "half floats with a mask": (_column(k="m", d="<f2", m={"d": "|b1", "b": 1}), b"\0" * 6),
    "strings that are numbers": ({"k": "s", "na": True, "v": [1, 2, 3]}, b""),
    "strings without a kind of missing": ({"k": "s", "na": 1, "v": ["a", "b", "c"]}, b""),
    "intervals that run backwards": (
        {"k": "iv", "c": "left", "l": {"k": "o", "v": [3, 3, 3]}, "r": _column()},
        TIMES,
    ),
    "intervals closed by code": ({"k": "iv", "c": "x", "l": _column(), "r": _column()}, TIMES),
    "intervals of text": (
        {"k": "iv", "c": "left", "l": {"k": "o", "v": [*"abc"]}, "r": {"k": "o", "v": [*"bcd"]}},
        b"",
    ),
    "a column that is a list": ([], b""),
}


@pytest.mark.parametrize("name", LIES_OF_COLUMNS)
def test_a_column_that_lies_is_refused(name):
    column, blob = LIES_OF_COLUMNS[name]
    with pytest.raises(WireError):
        decode(_series(column), blob, b"\0\0")


def _index(values=("a", "b", "c"), **parts):
    return {"t": "ix", "k": "a", "n": len(values), "l": None} | {
        "v": {"k": "o", "v": list(values)},
        **parts,
    }


def test_labels_that_collide_are_refused_quickly():
    labels = [{"t": "i", "v": f"{n * (2**61 - 1):x}"} for n in range(1, 50_001)]
    began = time.perf_counter()
    with pytest.raises(WireError, match="same hash"):
        decode(_index(labels))
    assert time.perf_counter() - began < 5


def test_labels_that_occur_often_are_no_reason_to_refuse():
    series = pd.Series(range(2000), index=[-1, -2, "a", (1, 2)] * 500)
    pd.testing.assert_series_equal(cross(series), series)
