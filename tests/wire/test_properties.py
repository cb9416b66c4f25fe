"""Any value arrives as it was; any node gives a value or a WireError."""

from __future__ import annotations

import collections
import contextlib
import zoneinfo

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from grader.errors import WireError
from grader.wire.shared import reachable
from tests.wire.crossing import Ends, cross, decode, send_change

ZONES = st.timezone_keys(allow_prefix=False).map(zoneinfo.ZoneInfo)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(2**200), max_value=2**200)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.none() | ZONES)
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.uuids()
)
KEYS = st.recursive(
    SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=5)
        | st.sets(KEYS, max_size=5)
        | st.builds(collections.deque, st.lists(inner, max_size=3))
    ),
    max_leaves=20,
)


def _described(value) -> object:
    """Return the value with every type in it, for a comparison that knows True from 1."""
    if isinstance(value, dict):
        return [(_described(key), _described(value[key])) for key in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(map(repr, map(_described, value)))
    if isinstance(value, list | tuple | collections.deque):
        return type(value), [_described(item) for item in value]
    return type(value), repr(value)


@settings(deadline=None)
@given(VALUES)
def test_any_nested_value_arrives_as_it_was(value):
    arrived = cross(value)
    assert arrived == value
    assert _described(arrived) == _described(value)


@settings(deadline=None)
@given(st.lists(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), min_size=32))
def test_any_long_list_of_simple_values_arrives_as_it_was(value):
    assert _described(cross(value)) == _described(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*"tvnkusqdbxzo#lfmcir"]), inner, max_size=5)
    ),
    max_leaves=20,
)
TAGS = st.sampled_from(
    [
        "i",
        "f",
        "c",
        "s",
        "y",
        "date",
        "time",
        "dt",
        "td",
        "range",
        "slice",
        "dec",
        "q",
        "uuid",
        "path",
        "k",
        "u",
        "nt",
        "fs",
        "l",
        "d",
        "set",
        "ba",
        "dq",
        "dd",
        "od",
        "ct",
        "n",
        "a",
        "ts",
        "tdelta",
        "period",
        "interval",
        "na",
        "ix",
        "sr",
        "df",
        "=",
    ]
)


@settings(deadline=None)
@given(TAGS, st.dictionaries(st.sampled_from([*"vnkusqdbxzo#lfmcir"]), JSON), st.binary())
def test_any_node_gives_a_value_or_a_wire_error(tag, parts, blob):
    with contextlib.suppress(WireError):
        decode({"t": tag, **parts}, blob)


class Story(RuleBasedStateMachine):
    """The checker's list and the worker's stay the same whatever either end does."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = Ends()
        self.mine: list = [[1], {"a": 2}, 3]
        self.theirs = self.ends.to_worker(self.mine)

    def _sync(self, value, source, target):
        for part in reachable([value]):
            if source.number_of(part) is not None:
                send_change(part, source, target)
        assert repr(self.mine) == repr(self.theirs)

    @rule(item=st.integers() | st.text() | st.lists(st.integers(), max_size=3))
    def checker_appends(self, item):
        self.mine.append(item)
        self._sync(self.mine, self.ends.checker, self.ends.worker)

    @rule(item=st.integers() | st.text() | st.lists(st.integers(), max_size=3))
    def worker_appends_inside(self, item):
        self.theirs[0].append(item)
        self._sync(self.theirs, self.ends.worker, self.ends.checker)

    @rule()
    def worker_aliases(self):
        self.theirs.append(self.theirs[0])
        self._sync(self.theirs, self.ends.worker, self.ends.checker)
        assert self.mine[-1] is self.mine[0]

    @precondition(lambda self: len(self.mine) > 3)
    @rule()
    def checker_removes(self):
        self.mine.pop()
        self._sync(self.mine, self.ends.checker, self.ends.worker)

    @rule(key=st.text(max_size=2))
    def worker_sets_a_key(self, key):
        self.theirs[1][key] = self.theirs
        self._sync(self.theirs, self.ends.worker, self.ends.checker)
        assert self.mine[1][key] is self.mine


TestAnyStory = Story.TestCase
TestAnyStory.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
