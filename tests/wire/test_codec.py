"""Parts of nodes are what they should be, or a WireError says which part is not."""

from __future__ import annotations

import abc

import pytest

from grader.errors import WireError
from grader.wire.codec import field, flag, integer, integers, library, string, type_mro


@pytest.mark.parametrize("value", [True, 1.0, "1", None, 2**63, -(2**63) - 1, [1]])
def test_what_is_not_an_integer_of_64_bits_is_refused(value):
    with pytest.raises(WireError):
        integer(value)


def test_an_integer_stays_within_the_bounds_that_are_asked_for():
    assert integer(3, least=3, most=3) == 3
    for value in (2, 4):
        with pytest.raises(WireError):
            integer(value, least=3, most=3)


@pytest.mark.parametrize("value", [[1], [1, 2, 3], (1, 2), None, [1, True], {"0": 1}])
def test_a_list_of_other_length_or_kind_is_refused(value):
    with pytest.raises(WireError):
        integers(value, 2)


def test_good_parts_are_returned():
    assert integers([1, 2], 2) == [1, 2]
    assert flag(False) is False
    assert string("abc", most=3) == "abc"
    assert field({"t": "x", "v": None}, "v") is None


@pytest.mark.parametrize("value", [0, None, "true"])
def test_a_flag_is_true_or_false(value):
    with pytest.raises(WireError):
        flag(value)


@pytest.mark.parametrize("value", ["abcd", b"a", None, 1])
def test_a_name_is_a_short_string(value):
    with pytest.raises(WireError):
        string(value, most=3)


def test_a_missing_part_is_named():
    with pytest.raises(WireError, match="a node 'sr' has no 'i'"):
        field({"t": "sr"}, "i")


def test_a_library_that_is_not_there_is_a_wire_error():
    with pytest.raises(WireError, match="needs no_such_library"):
        library("no_such_library")


def test_the_real_bases_of_a_class_are_found_whatever_its_metaclass_says():
    meta = type("Meta", (abc.ABCMeta,), {"__mro__": property(lambda _cls: (int, object))})
    kind = meta("Own", (list,), {})
    assert type_mro(kind) == (kind, list, object)
