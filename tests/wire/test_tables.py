"""pandas' objects arrive exactly as pandas compares them; tables that lie are refused."""

from __future__ import annotations

import collections
import datetime as dt
import time
import warnings
import zoneinfo

import dateutil.tz
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as hpd

from grader.errors import ValueRefusedError
from grader.wire.frames import read_message
from tests.wire.crossing import Handle, cross, pack

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


LEVELS = pd.MultiIndex.from_arrays([["a", "a", None], DAYS, [1, 2, 2]], names=["x", None, ("t", 1)])

FRAMES = {
    "nothing at all": pd.DataFrame(),
    "no columns": pd.DataFrame(index=[3, 1]),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="i8"), "b": pd.Series([], dtype=object)}),
    "one column twice": pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"]),
    "odd names": pd.DataFrame([[1, 2, 3, 4]], columns=[None, 5, ("a", "b"), 1.5]),
    "names in levels": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([(1, 2), (1, 3)])),
    "rows in levels": pd.DataFrame({"v": [1, 2, 3]}, index=LEVELS),
    "duplicate levels": pd.DataFrame({"v": [1, 2, 3]}, index=LEVELS[[0, 0, 1]]),
    "named columns": pd.DataFrame({"a": [1]}).rename_axis(columns="c", index="i"),
    "a range that steps": pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(5, 1, -2, name="r")),
    "dates with a frequency": pd.DataFrame({"a": [1, 2, 3]}, index=DAYS),
    "month ends": pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2024", periods=2, freq="ME")),
    "hours in a zone": pd.DataFrame(
        {"a": range(5)}, index=pd.date_range("2024-03-31", periods=5, freq="h", tz="Europe/Berlin")
    ),
    "categories as names": pd.DataFrame([[1, 2]], columns=pd.CategoricalIndex(["a", "b"])),
    "a name of None": pd.DataFrame({None: [1]}),
    "many columns": pd.DataFrame(np.arange(600.0).reshape(2, 300)),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_arrives_as_it_was(name):
    frame = FRAMES[name]
    arrived = cross(frame)
    pd.testing.assert_frame_equal(frame, arrived, check_index_type="exact", check_column_type=True)
    pd.testing.assert_index_equal(frame.index, arrived.index, exact=True)
    pd.testing.assert_index_equal(frame.columns, arrived.columns, exact=True)
    assert getattr(arrived.index, "freq", None) == getattr(frame.index, "freq", None)


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


def test_a_datetime_in_a_zone_of_pytz_keeps_its_instant():
    import pytz

    for hour in (0, 1):
        instant = dt.datetime(2024, 10, 27, hour, 30, tzinfo=dt.UTC)
        value = instant.astimezone(pytz.timezone("Europe/Berlin"))
        arrived = cross(value)
        assert arrived == instant
        assert str(arrived) == str(value)


@pytest.mark.parametrize("zone", [dateutil.tz.tzutc(), dateutil.tz.tzoffset("X", -90 * 60)])
def test_a_fixed_offset_of_another_library_arrives_as_a_plain_one(zone):
    for value in (dt.datetime(2024, 1, 1, tzinfo=zone), pd.Timestamp("2024", tz=zone)):
        arrived = cross(value)
        assert arrived == value
        assert arrived.utcoffset() == value.utcoffset()
        assert type(arrived.tzinfo) is dt.timezone


def test_sparse_columns_arrive_dense():
    frame = pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 5])})
    arrived = cross(frame)
    assert arrived["a"].dtype == np.int64
    assert arrived["a"].tolist() == [0, 0, 5]


def test_attrs_stay_behind():
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["secret"] = object()
    assert cross(frame).attrs == {}


def test_a_cell_may_hold_what_stays_at_the_other_end():
    arrived = cross(pd.DataFrame({"a": [object(), 1]}))
    assert type(arrived["a"][0]) is Handle


def test_a_frame_with_a_column_that_is_not_data_goes_to_the_opaque():
    foreign = DAYS.tz_localize(dateutil.tz.tzlocal())
    for value in (pd.Series(foreign), pd.DataFrame({"a": foreign}), foreign, foreign[0]):
        assert type(cross(value)) is Handle
    assert type(cross(pd.Series([1], index=foreign[:1]))) is Handle


def test_a_label_that_cannot_be_hashed_is_refused_kindly():
    frame = pd.DataFrame([[1]], columns=pd.Index([["a"]], dtype=object))
    with pytest.raises(ValueRefusedError, match="label that is a list"):
        cross(frame)


def test_a_frame_of_a_million_columns_is_refused_kindly():
    frame = pd.DataFrame(np.zeros((1, 1_000_000)))
    with pytest.raises(ValueRefusedError, match="too many to be sent"):
        cross(frame)


def test_a_frame_that_holds_itself_is_refused_kindly():
    frame = pd.DataFrame({"a": [None]}, dtype=object)
    frame["a"] = pd.Series([[frame]], dtype=object)
    with pytest.raises(ValueRefusedError, match="contains itself"):
        cross(frame)


def test_aliases_of_frames_survive():
    frame = pd.DataFrame({"a": [1]})
    one, other = cross([frame, frame])
    assert one is other


# Subclasses


def _lie(*_args, **_kwargs):
    raise AssertionError("a method of a subclass was called")


LIES = dict.fromkeys(
    [
        "_constructor", "_constructor_sliced", "_constructor_expanddim", "__array__", "__iter__",
        "__len__", "__getitem__", "__eq__", "__getattr__", "__getattribute__", "__reduce__",
        "items", "to_numpy", "copy", "__finalize__", "astype", "take", "isna",
    ],
    _lie,
) | {
    name: property(_lie)
    for name in ("__class__", "columns", "index", "dtypes", "values", "iloc", "array", "shape")
}  # fmt: skip


def liar(base, value):
    kind = type("Liar", (base,), LIES)
    made = kind._from_mgr(value._mgr, value._mgr.axes)
    object.__setattr__(made, "_name", getattr(value, "name", None))
    return made


def test_subclasses_of_tables_are_reduced_without_asking_them_anything():
    frame = pd.DataFrame({"a": [1, None], "b": ["x", None]})
    arrived = cross([liar(pd.DataFrame, frame)])[0]
    assert type(arrived) is pd.DataFrame
    pd.testing.assert_frame_equal(arrived, frame)
    arrived = cross([liar(pd.Series, frame["b"])])[0]
    assert type(arrived) is pd.Series
    pd.testing.assert_series_equal(arrived, frame["b"])


def test_subclasses_stay_handles_where_subclasses_are_kept():
    kind = type("Own", (pd.DataFrame,), {})
    assert type(cross(kind({"a": [1]}), keep_subclasses=True)) is Handle
    assert type(cross(pd.DataFrame({"a": [1]}), keep_subclasses=True)) is pd.DataFrame


def test_a_subclass_of_an_index_is_reduced():
    class Own(pd.Index):
        def __len__(self):
            return 99

    index = Own._simple_new(np.array(["a", "b"], dtype=object), name="n")
    arrived = cross(index)
    assert type(arrived) is pd.Index
    assert arrived.tolist() == ["a", "b"]
    assert arrived.name == "n"


# Properties and speed

NAMES = st.text(max_size=3) | st.integers() | st.none() | st.booleans()
CELLS = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.dates())
COLUMN = st.one_of(
    st.builds(lambda v: pd.Series(v, dtype="i8"), st.just([0] * 4)),
    *(
        hpd.series(dtype=kind, index=hpd.range_indexes(4, 4))
        for kind in ("i8", "u2", "f4", "f8", "bool", "M8[ns]", "m8[ns]", "complex128")
    ),
    st.lists(CELLS, min_size=4, max_size=4).map(lambda v: pd.Series(v, dtype=object)),
    st.lists(st.none() | st.text(), min_size=4, max_size=4).map(
        lambda v: pd.Series(v, dtype="string[python]")
    ),
    st.lists(st.none() | st.integers(-9, 9), min_size=4, max_size=4).map(
        lambda v: pd.Series(v, dtype="Int16")
    ),
    st.lists(st.none() | st.text(max_size=1), min_size=4, max_size=4).map(
        lambda v: pd.Series(v, dtype="category")
    ),
)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, COLUMN), max_size=4), st.lists(NAMES, min_size=4, max_size=4))
def test_any_frame_arrives_as_it_was(columns, labels):
    frame = pd.DataFrame({n: column for n, (_, column) in enumerate(columns)}, index=range(4))
    frame.columns = pd.Index([name for name, _ in columns], dtype=object)
    frame.index = pd.Index(labels, dtype=object)
    arrived = cross(frame)
    pd.testing.assert_frame_equal(frame, arrived)
    assert list(map(type, arrived.columns)) == list(map(type, frame.columns))


def big_frame(rows: int) -> pd.DataFrame:
    """Return eight columns of different kinds, as a lab about data would have them."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "price": rng.normal(size=rows),
            "when": pd.date_range("2024", periods=rows, freq="min"),
            "name": [f"customer {n}" for n in range(rows)],
            "channel": rng.choice(np.array(["web", "shop", None], dtype=object), rows),
            "kind": pd.Categorical(rng.choice(["a", "b", "c"], rows)),
            "paid": rng.random(rows) > 0.5,
            "mixed": [("12.5" if n % 3 else 3.5) if n % 7 else np.nan for n in range(rows)],
        }
    )


def test_a_hundred_thousand_rows_cross_in_half_a_second_each_way():
    frame = big_frame(100_000)
    times = collections.Counter()
    for _ in range(3):  # the best of three: the machine may be busy
        began = time.process_time()
        data = pack(frame)
        between = time.process_time()
        read_message(data)
        from tests.wire.crossing import unpack

        arrived = unpack(data)
        ended = time.process_time()
        times["out", between - began] += 1
        times["in", ended - between] += 1
    pd.testing.assert_frame_equal(frame, arrived)
    for way in ("out", "in"):
        assert min(seconds for direction, seconds in times if direction == way) < 0.5
