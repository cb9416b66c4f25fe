"""What either end does to a container is seen at the other end, in the same object."""
# ruff: noqa: PD002 - students change tables in place, so the tests do

from __future__ import annotations

import collections

import numpy as np
import pandas as pd
import pytest

from grader.errors import ValueRefusedError, WireError
from grader.wire.shared import content, fill, fingerprint, is_mutable
from grader.wire.values import Decoder, Encoder
from tests.wire.crossing import Ends, Handle, Handles, send_change


def changed(value, change):
    """Return (what the worker holds after the checker's `change` crossed, what it held before)."""
    ends = Ends()
    there = ends.to_worker(value)
    change(value)
    assert send_change(value, ends.checker, ends.worker) is there
    return there


# Identity


def test_what_crossed_once_is_the_same_object_when_it_crosses_again():
    ends = Ends()
    mine = [1]
    theirs = ends.to_worker(mine)
    assert ends.to_worker(mine) is theirs
    assert ends.to_checker(theirs) is mine
    assert ends.to_checker([theirs])[0] is mine


def test_what_the_other_end_made_comes_back_as_itself():
    ends = Ends()
    theirs = {"k": [1]}
    mine = ends.to_checker(theirs)
    assert ends.to_worker(mine) is theirs
    assert ends.to_worker(mine["k"]) is theirs["k"]


def test_a_cycle_survives():
    ends = Ends()
    mine: list = []
    mine.append({"self": mine})
    theirs = ends.to_worker(mine)
    assert theirs[0]["self"] is theirs
    assert ends.to_checker(theirs[0]) is mine[0]


def test_immutable_values_have_no_identity():
    ends = Ends()
    ends.to_worker(((1, "a"), frozenset({2})))
    assert len(ends.checker) == 0


def test_the_encoder_tells_which_containers_it_met():
    ends = Ends()
    inner, other = [1], {}
    encoder = Encoder(Handles(), ends.checker)
    encoder.encode([inner, other, inner])
    assert encoder.touched == [0, 2, 4]
    again = Encoder(Handles(), ends.checker)
    again.encode((other, inner, other))
    assert again.touched == [4, 2]


def test_the_decoder_tells_which_containers_it_made():
    ends = Ends()
    encoder = Encoder(Handles(), ends.checker)
    node = encoder.encode([[1], {}])
    decoder = Decoder(Handles(), [], ends.worker)
    decoder.decode(node)
    assert decoder.made == [0, 2, 4]


def test_a_value_that_could_not_be_sent_leaves_no_numbers_behind():
    ends = Ends()

    class Refusing(Handles):
        def encode(self, value):
            raise WireError("no")

    inner = [1]
    encoder = Encoder(Refusing(), ends.checker)
    with pytest.raises(WireError):
        encoder.encode([inner, object()])
    assert len(ends.checker) == 0
    assert ends.to_worker(inner) == [1]


def test_a_message_that_is_not_sent_takes_its_numbers_back():
    ends = Ends()
    kept, dropped = [1], [2]
    ends.to_worker(kept)
    encoder = Encoder(Handles(), ends.checker)
    encoder.encode((kept, dropped))
    encoder.abandon()
    assert ends.checker.number_of(kept) is not None
    assert ends.checker.number_of(dropped) is None


# Changes that cross

LISTS = {
    "append": lambda v: v.append("x"),
    "clear": lambda v: v.clear(),
    "replace": lambda v: v.__setitem__(0, {"new": [1]}),
    "sort": lambda v: v.sort(reverse=True),
    "hold itself": lambda v: v.append(v),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_change_of_a_list_crosses(name):
    mine = [1, 2, 3]
    theirs = changed(mine, LISTS[name])
    assert repr(theirs) == repr(mine)


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ({"a": 1, "b": 2}, lambda v: v.pop("a")),
        ({"a": 1}, lambda v: v.update({3: [1.5]})),
        ({1, 2}, lambda v: v.add("x")),
        (bytearray(b"abc"), lambda v: v.extend(b"d" * 2000)),
        (collections.deque([1, 2], maxlen=2), lambda v: v.append(3)),
        (collections.OrderedDict(a=1, b=2), lambda v: v.move_to_end("a")),
        (collections.Counter("aab"), lambda v: v.subtract("aaa")),
        (collections.defaultdict(int, a=1), lambda v: v["new"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_change_of_a_container_crosses(value, change):
    before = fingerprint(value)
    theirs = changed(value, change)
    assert theirs == value
    assert isinstance(value, set) or repr(theirs) == repr(value)  # the order, too
    assert type(theirs) is type(value)
    assert fingerprint(value) != before


def test_a_defaultdict_keeps_the_factory_that_could_not_cross():
    ends = Ends()
    theirs = collections.defaultdict(lambda: "made")
    mine = ends.to_checker(theirs)
    mine["a"] = 1
    assert send_change(mine, ends.checker, ends.worker) is theirs
    assert theirs["b"] == "made"
    assert theirs["a"] == 1


def test_a_subclass_of_the_students_is_filled_through_its_base():
    class Own(list):
        def __setitem__(self, *_args):
            raise AssertionError("a method of a subclass was called")

        clear = extend = __iadd__ = __setitem__

    ends = Ends()
    theirs = Own([1])
    mine = ends.to_checker(theirs)
    mine.append(2)
    assert send_change(mine, ends.checker, ends.worker) is theirs
    assert list.__getitem__(theirs, slice(None)) == [1, 2]
    assert type(theirs) is Own


def test_containers_inside_keep_their_own_identity_in_a_change():
    ends = Ends()
    inner = [1]
    mine = [inner]
    theirs = ends.to_worker(mine)
    there_inside = theirs[0]
    mine.append(inner)
    send_change(mine, ends.checker, ends.worker)
    assert theirs[0] is theirs[1] is there_inside


# Arrays


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(12)[::2],
        np.array([1, 2], dtype=">i4"),
        np.array(5),
        np.array(["a", "b"]),
        np.array([None, "a"], dtype=object),
    ],
    ids=lambda value: f"{value.dtype}{value.shape}",
)
def test_a_change_of_an_array_crosses(value):
    value = value.copy("K") if value.flags.owndata else value
    before = fingerprint(value)
    theirs = changed(value, lambda v: v.__setitem__(..., v.flat[-1]))
    np.testing.assert_array_equal(theirs, value)
    assert fingerprint(value) != before or value.size == 1


def test_a_view_of_a_changed_array_sees_the_change():
    ends = Ends()
    base = np.zeros(6)
    view = base[1:3]
    theirs = ends.to_worker(view)
    theirs[:] = 7
    send_change(theirs, ends.worker, ends.checker)
    assert base.tolist() == [0, 7, 7, 0, 0, 0]


def test_an_array_may_change_its_shape_but_not_its_size_or_dtype():
    theirs = changed(np.arange(6), lambda v: setattr(v, "shape", (2, 3)))
    assert theirs.shape == (2, 3)
    ends = Ends()
    mine = np.arange(6)
    theirs = ends.to_worker(mine)
    for node in (
        {"t": "a", "s": [5], "d": "<i8", "b": 0},
        {"t": "a", "s": [5], "d": "<f8", "b": 0},
        {"t": "l", "v": []},
    ):
        with pytest.raises(WireError):
            fill(theirs, node, Decoder(Handles(), [memoryview(b"\0" * 40)], ends.worker))
    assert theirs.tolist() == list(range(6))


def test_an_array_that_was_locked_stays_locked():
    ends = Ends()
    mine = np.arange(3)
    mine.flags.writeable = False
    theirs = ends.to_worker(mine)
    theirs.flags.writeable = True
    theirs[0] = 9
    theirs.flags.writeable = False
    send_change(theirs, ends.worker, ends.checker)
    assert mine.tolist() == [9, 1, 2]
    assert not mine.flags.writeable


def test_an_array_over_memory_that_nobody_may_change_is_a_wire_error():
    mine = np.frombuffer(b"\0" * 8, dtype="i8")
    node = {"t": "a", "s": [1], "d": "<i8", "b": 0}
    with pytest.raises(WireError):
        fill(mine, node, Decoder(Handles(), [memoryview(b"\1" * 8)]))


# Tables

TABLES = {
    "a new column": lambda f: f.__setitem__("new", ["x", None, 1.5]),
    "a column less": lambda f: f.drop(columns="a", inplace=True),
    "fewer rows": lambda f: f.drop(index=f.index[0], inplace=True),
    "no rows": lambda f: f.drop(index=f.index, inplace=True),
    "another cell": lambda f: f.__setitem__("a", f["a"].where(f["a"] != 2, 9)),
    "a cell in place": lambda f: f.isetitem(0, [7, 8, 9]),
    "another index": lambda f: f.set_index("b", inplace=True),
    "an index of dates": lambda f: setattr(f, "index", pd.date_range("2024", periods=3)),
    "another dtype": lambda f: f.__setitem__("a", f["a"].astype("float32")),
    "categories": lambda f: f.__setitem__("b", f["b"].astype("category")),
    "other names": lambda f: setattr(f, "columns", ["x", "x"]),
    "names of columns": lambda f: setattr(f.columns, "name", "n"),
    "sorted": lambda f: f.sort_values("a", ascending=False, inplace=True),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_change_of_a_frame_is_seen_by_the_callers_own_variable(name):
    mine = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})
    assert str(mine["a"].tolist()) == "[1, 2, 3]"  # pandas keeps the column that it made
    before = fingerprint(mine)
    theirs = changed(mine, TABLES[name])
    pd.testing.assert_frame_equal(mine, theirs)
    for label in theirs.columns.unique():
        assert theirs[label].shape[0] == len(mine)
    assert fingerprint(mine) != before
    theirs["later"] = 0
    assert theirs["later"].tolist() == [0] * len(mine)


SERIES = {
    "another value": lambda s: s.__setitem__(0, 99),
    "fewer rows": lambda s: s.drop(index=0, inplace=True),
    "no gaps": lambda s: s.fillna(0, inplace=True),
    "another name": lambda s: setattr(s, "name", ("a", 1)),
    "another index": lambda s: setattr(s, "index", list("xyz")),
    "sorted": lambda s: s.sort_values(ascending=False, inplace=True),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_change_of_a_series_is_seen_by_the_callers_own_variable(name):
    mine = pd.Series([1.5, None, 3], name="s")
    before = fingerprint(mine)
    theirs = changed(mine, SERIES[name])
    pd.testing.assert_series_equal(mine, theirs)
    assert fingerprint(mine) != before
    assert len(theirs.iloc[:]) == len(mine)


def test_a_change_of_a_column_that_was_taken_from_a_frame_does_not_warn(recwarn):
    frame = pd.DataFrame({"a": [1, 2, 3]})
    ends = Ends()
    mine = frame["a"]
    theirs = ends.to_worker(mine)
    theirs += 10
    send_change(theirs, ends.worker, ends.checker)
    assert mine.tolist() == [11, 12, 13]
    assert not recwarn.list


def test_a_table_that_became_something_else_is_refused_kindly():
    import dateutil.tz

    ends = Ends()
    mine = pd.DataFrame({"a": [1]})
    ends.to_worker(mine)
    mine["b"] = pd.date_range("2024", periods=1, tz=dateutil.tz.tzlocal())
    with pytest.raises(ValueRefusedError, match="holds something now"):
        content(mine, Encoder(Handles(), ends.checker))


@pytest.mark.parametrize(
    "node",
    [None, [], {"t": "d", "k": [], "v": []}, {"t": "l"}, {"t": "l", "v": 1}, {"t": "l", "v": [{}]}],
    ids=str,
)
def test_a_change_that_lies_is_refused_and_changes_nothing(node):
    mine = [1, 2]
    with pytest.raises(WireError):
        fill(mine, node, Decoder(Handles(), []))
    assert mine == [1, 2]


@pytest.mark.parametrize("value", [1, "a", (1,), object(), None, pd.Index([1]), np.float64(1)])
def test_only_containers_can_be_shared(value):
    assert not is_mutable(value)
    with pytest.raises(TypeError, match="not a container"):
        fingerprint(value)


def test_handles_inside_containers_are_left_to_the_opaque():
    ends = Ends()
    theirs = [object()]
    assert type(ends.to_checker(theirs)[0]) is Handle
