"""Tables that no Encoder wrote: a WireError and nothing else."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from grader.errors import WireError
from tests.wire.crossing import cross, decode

TIMES = b"".join(n.to_bytes(8, "little") for n in range(3))


def _column(**parts):
    return {"k": "np", "d": "<i8", "b": 0} | parts


def _index(values=("a", "b", "c"), **parts):
    return {"t": "ix", "k": "a", "n": len(values), "l": None} | {
        "v": {"k": "o", "v": list(values)},
        **parts,
    }


def _series(column, index=None):
    return {
        "t": "sr",
        "i": index or {"t": "ix", "k": "r", "v": [0, 3, 1], "l": None},
        "v": column,
    } | {"l": None}


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


CODES = {"d": "|i1", "b": 0}


@pytest.mark.parametrize(
    ("index", "blob"),
    [
        (_index(n=2), b""),
        (_index(n=-1), b""),
        (_index(n=True), b""),
        (_index(["a", {"t": "l", "v": []}, "c"]), b""),
        (_index(l={"t": "l", "v": []}), b""),
        ({"t": "ix", "k": "r", "v": [0, 10**12, 1], "l": None}, b""),
        ({"t": "ix", "k": "r", "v": [0, 3, 0], "l": None}, b""),
        ({"t": "ix", "k": "r", "v": [0, 3], "l": None}, b""),
        ({"t": "ix", "k": "m", "n": 3, "v": [], "c": [], "l": []}, b""),
        ({"t": "ix", "k": "m", "n": 3, "v": [_index()], "c": [CODES], "l": []}, b"\0\1\2"),
        ({"t": "ix", "k": "m", "n": 3, "v": [_index()], "c": [CODES], "l": [None]}, b"\0\1\3"),
        ({"t": "ix", "k": "m", "n": 3, "v": [_index()], "c": [CODES], "l": [None]}, b"\0\1\xfe"),
        ({"t": "ix", "k": "m", "n": 3, "v": [_index()], "c": [CODES], "l": [None]}, b"\0\1"),
        ({"t": "ix", "k": "m", "n": 3, "v": [_index("aab")], "c": [CODES], "l": [None]}, b"\0\1\2"),
        ({"t": "ix", "k": "m", "n": 3, "v": [[]], "c": [CODES], "l": [None]}, b"\0\1\2"),
        ({"t": "ix", "k": "m", "n": 3, "v": [_index()], "c": [0], "l": [None]}, b"\0\1\2"),
        ({"t": "ix", "k": ["r"]}, b""),
        ({"t": "ix"}, b""),
        (5, b""),
    ],
    ids=str,
)
def test_an_index_that_lies_is_refused(index, blob):
    with pytest.raises(WireError):
        decode({"t": "sr", "i": index, "v": {"k": "o", "v": [1, 2, 3]}, "l": None}, blob)


@pytest.mark.parametrize(
    "node",
    [
        {"i": _index(), "c": _index(["x"]), "v": []},
        {"i": _index(), "c": _index(["x"]), "v": None},
        {"i": _index(), "c": _index(["x"]), "v": [{"k": "o", "v": [1, 2]}]},
        {"i": _index(), "c": None, "v": []},
        {"i": _index(), "c": {"t": "df"}, "v": []},
        {"c": _index(), "v": []},
    ],
    ids=str,
)
def test_a_frame_that_lies_is_refused(node):
    with pytest.raises(WireError):
        decode({"t": "df", **node})


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


def test_a_frequency_that_the_index_does_not_have_is_dropped():
    good = decode(_index(n=3, v=_column(d="<M8[ns]"), f="ns"), TIMES)
    wrong = decode(_index(n=3, v=_column(d="<M8[ns]"), f="ME"), TIMES)
    assert good.freq is not None
    assert wrong.freq is None


def test_labels_that_collide_are_refused_quickly():
    labels = [{"t": "i", "v": f"{n * (2**61 - 1):x}"} for n in range(1, 50_001)]
    began = time.perf_counter()
    with pytest.raises(WireError, match="same hash"):
        decode(_index(labels))
    assert time.perf_counter() - began < 5


def test_labels_that_occur_often_are_no_reason_to_refuse():
    series = pd.Series(range(2000), index=[-1, -2, "a", (1, 2)] * 500)
    pd.testing.assert_series_equal(cross(series), series)


def test_very_many_small_tables_are_refused():
    node = {"t": "l", "v": [_series({"k": "o", "v": [1, 2, 3]})] * 20_000}
    with pytest.raises(WireError, match="too many"):
        decode(node)
