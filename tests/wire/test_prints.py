"""Quick fingerprints of tables: equal while nothing changes, different after every change."""

# ruff: noqa: PD002 - changes in place are the subject

import numpy as np
import pandas as pd
import pytest

from grader.wire.prints import Print, table_print
from grader.wire.registry import codec_of
from grader.wire.shared import fingerprint

codec_of(pd.DataFrame)  # lets the wire learn what pandas calls missing, as the first message does


def frame():
    return pd.DataFrame(
        {
            "day": pd.date_range("2026-05-01", periods=3),
            "at": pd.date_range("2026-05-01", periods=3, tz="Asia/Jakarta"),
            "took": pd.to_timedelta([1, 2, 3], unit="h"),
            "text": ["a", "b", None],
            "mixed": [1, "one", pd.NaT],
            "units": [1, 2, 3],
            "price": [1.0, float("nan"), 3.0],
            "promo": [True, False, True],
        }
    )


CHANGES = {
    "a number": lambda f: f.__setitem__("units", f["units"].where(f["units"] != 2, 9)),
    "one cell": lambda f: f.iloc.__setitem__((1, 5), 7),
    "the sign of zero": lambda f: f.iloc.__setitem__((0, 6), -0.0),
    "a text": lambda f: f.loc.__setitem__((0, "text"), "z"),
    "a text for None": lambda f: f.loc.__setitem__((2, "text"), "None"),
    "a mixed cell": lambda f: f.iloc.__setitem__((0, 4), 1.0),
    "a moment": lambda f: f.loc.__setitem__((0, "day"), pd.Timestamp("2020-01-01")),
    "a zoned moment": lambda f: f.loc.__setitem__((0, "at"), f["at"].iloc[1]),
    "a duration": lambda f: f.loc.__setitem__((0, "took"), pd.Timedelta(0)),
    "a truth value": lambda f: f.loc.__setitem__((0, "promo"), False),
    "a dtype": lambda f: f.__setitem__("units", f["units"].astype("int32")),
    "a zone": lambda f: f.__setitem__("at", f["at"].dt.tz_convert("UTC")),
    "a new column": lambda f: f.__setitem__("new", 1),
    "a dropped column": lambda f: f.drop(columns="text", inplace=True),
    "the order of columns": lambda f: f.insert(0, "units", f.pop("units")),
    "a dropped row": lambda f: f.drop(index=1, inplace=True),
    "the order of rows": lambda f: f.sort_values("units", ascending=False, inplace=True),
    "a label": lambda f: f.rename(index={0: 5}, inplace=True),
    "a column's name": lambda f: f.rename(columns={"units": "unit"}, inplace=True),
    "the name of the index": lambda f: f.rename_axis("row", inplace=True),
    "the name of the columns": lambda f: f.rename_axis("what", axis=1, inplace=True),
}


def test_it_stays_equal_while_nothing_changes():
    made = frame()
    before = table_print(made)

    made.describe()
    made.copy().drop(columns="units", inplace=True)
    assert type(before) is Print
    assert table_print(made) == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_noticed(change):
    made = frame()
    before = table_print(made)
    change(made)

    assert table_print(made) != before


def test_every_cell_counts():
    for row in range(3):
        for column in range(8):
            made = frame()
            before = table_print(made)
            present = list(made.iloc[:, column])
            other = next(value for value in present if repr(value) != repr(present[row]))
            made.isetitem(
                column, [other if at == row else v for at, v in enumerate(made.iloc[:, column])]
            )
            assert table_print(made) != before, (row, column)


def test_a_change_below_the_surface_is_noticed():
    made = pd.DataFrame(np.zeros((3, 2)))
    before = table_print(made)
    made.to_numpy()[1, 1] = 5.0

    assert table_print(made) != before


def test_labels_that_are_changed_in_their_array_are_noticed():
    labels = np.array([3, 4, 5])
    made = pd.DataFrame({"a": [1, 2, 3]}, index=pd.Index(labels, copy=False))
    before = table_print(made)
    labels[0] = 9

    assert table_print(made) != before


def test_an_address_is_not_given_to_another_object_meanwhile():
    series = pd.Series([str(number) for number in range(1000, 1100)], dtype=object)
    before = table_print(series)
    for at in range(100):
        series.iloc[at] = None
        series.iloc[at] = str(5000 + at)  # would often get the freed address

    assert table_print(series) != before


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [[1], [2]]}),
        pd.DataFrame({"a": pd.Categorical(["x", "y"])}),
        pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"a": pd.array(["x", None], dtype="string")}),
        pd.DataFrame({"a": pd.period_range("2026-01", periods=2, freq="M")}),
        pd.DataFrame([[1]], index=pd.MultiIndex.from_tuples([("a", 1)])),
        pd.DataFrame({("a", 1): [1]}),
        pd.Series([1], name=("a", 1)),
        type("Sub", (pd.DataFrame,), {})({"a": [1]}),
        [1, 2],
        {"a": 1},
        np.zeros(3),
    ],
    ids=lambda table: type(table).__name__,
)
def test_what_has_no_quick_way_takes_the_slow_one(table):
    assert table_print(table) is None
    if not isinstance(table, pd.DataFrame) or type(table) is pd.DataFrame:
        assert fingerprint(table) == fingerprint(table)


def test_lists_in_cells_are_read_in_full():
    made = pd.DataFrame({"a": [[1], [2]]})
    before = fingerprint(made)
    made.loc[0, "a"] = None

    assert fingerprint(made) != before
