"""The worker's side of many calls: a copy and an answer for each, an end at the first error."""

import pytest

from grader.wire.frames import read_message
from grader.worker import many
from grader.worker.operations import Operations


@pytest.fixture
def operations(tmp_path):
    return Operations(tmp_path, {}, ask=lambda header, blobs: ({}, []))


def heads(packed):
    return [read_message(one)[0] for one in packed]


def test_every_call_has_an_answer_of_its_own(operations):
    told = heads(many.each(operations, lambda a, b: a + b, [[1, 2], [3, 4]]))
    assert [(one["ok"], one["val"]) for one in told] == [(True, 3), (True, 7)]


def test_calls_that_share_a_list_get_a_copy_each(operations):
    rows = [1]
    told = heads(many.each(operations, lambda rows: rows.append(1) or len(rows), [[rows], [rows]]))
    assert [one["val"] for one in told] == [2, 2]
    assert rows == [1]


def test_the_first_error_is_the_last_answer(operations):
    told = heads(many.each(operations, lambda n: 1 // n, [[1], [0], [1]]))
    assert [one["ok"] for one in told] == [True, False]
    assert told[-1]["exc"]["b"] == "ZeroDivisionError"


def test_a_call_that_ends_the_process_is_an_answer_like_any_other(operations):
    def leave(_n):
        raise SystemExit(3)

    (told,) = heads(many.each(operations, leave, [[1], [2]]))
    assert told["exc"]["b"] == "SystemExit"


def test_what_cannot_be_sent_is_refused_with_its_reason(operations):
    deep = []
    for _ in range(200):
        deep = [deep]
    (told,) = heads(many.each(operations, lambda _n: deep, [[1], [2]]))
    assert "too deep" in told["refused"]
