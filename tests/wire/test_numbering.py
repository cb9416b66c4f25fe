"""Numbers of shared containers never collide, and never mean another object than before."""

from __future__ import annotations

import pytest

from grader.errors import WireError
from grader.wire.numbering import Shared


def test_the_two_ends_give_different_numbers():
    checker, worker = Shared(first=0), Shared(first=1)
    assert [checker.add([]) for _ in range(3)] == [0, 2, 4]
    assert [worker.add([]) for _ in range(3)] == [1, 3, 5]


def test_an_object_is_found_by_number_and_number_by_object():
    table = Shared(first=0)
    value: list = []
    number = table.add(value)
    assert table.get(number) is value
    assert table.number_of(value) == number
    assert table.number_of([]) is None
    assert table.numbers() == [number]
    assert len(table) == 1


@pytest.mark.parametrize("number", [0, 2, -1, True, "1", None, 1.0, 2**60 + 1])
def test_a_number_of_ours_or_none_at_all_is_refused(number):
    table = Shared(first=0)
    table.add([])
    if number is not None:
        with pytest.raises(WireError):
            table.add([], number)
    with pytest.raises(WireError):
        table.get(7 if number == 0 and number is not False else number)


def test_a_number_that_is_taken_is_refused():
    table = Shared(first=0)
    table.add([], 1)
    with pytest.raises(WireError, match="taken"):
        table.add([], 1)


def test_what_is_forgotten_is_gone():
    table = Shared(first=0)
    value: list = []
    number = table.add(value)
    table.forget(number)
    table.forget(number)
    assert table.number_of(value) is None
    with pytest.raises(WireError, match="never sent"):
        table.get(number)


def test_numbers_go_on_after_a_clearing():
    table = Shared(first=1)
    table.add([])
    table.clear()
    assert len(table) == 0
    assert table.add([]) == 3


def test_the_table_keeps_objects_alive_so_that_an_id_stays_one_objects():
    table = Shared(first=0)
    for _ in range(100):
        table.add([])
    assert len({id(table.get(number)) for number in table.numbers()}) == 100


def test_the_table_is_bounded(monkeypatch):
    monkeypatch.setattr("grader.wire.numbering.MOST_SHARED", 3)
    table = Shared(first=0)
    for _ in range(3):
        table.add([])
    with pytest.raises(WireError, match="more than 3"):
        table.add([])
