"""Many calls in one message: the same answers as one by one, and no way to skip any."""

import pytest

from grader.checker import faults, many
from grader.wire.frames import message, read_message
from grader.wire.shared import Shared
from grader.wire.values import Encoder
from tests.checker.lines import from_child, module_of
from tests.wire.crossing import Handles

GATE = """
seen = []
def gate(rows, limit):
    seen.append(len(rows))
    if limit < 0: raise ValueError('limit below zero')
    rows.append(0)
    return [row for row in rows if row < limit]
def calls(): return seen
class Odd: pass
def odd(n): return Odd()
def same(n, kept=[]):
    kept.append(n)
    return kept
def leave(n):
    import os
    os._exit(3)
def hang(n):
    while True: pass
"""


@pytest.fixture
def opened(hand_in):
    """Return a function that gives (session, the student's module)."""

    def opened(source=GATE, **fields):
        session = hand_in(source, **fields)
        return session, module_of(session, "stu")

    return opened


def test_it_answers_as_one_call_after_another_would(opened):
    session, stu = opened()
    rows = [3, 1, 2]
    got = list(many.each(session, stu.gate, [[rows, 2], [rows, 3], [[], 1]]))
    assert got == [[1, 0], [1, 2, 0], [0]]
    assert list(stu.calls()) == [3, 3, 0], "each call gets its own copy"
    assert rows == [3, 1, 2], "what a call changes is not seen here"


def test_it_is_one_message(opened):
    session, stu = opened()
    gate = stu.gate
    before = session.tally.calls
    list(many.each(session, gate, [[[n], 9] for n in range(30)]))
    assert session.tally.calls == before + 1


def test_no_calls_are_no_message(opened):
    session, stu = opened()
    gate = stu.gate
    before = session.tally.calls
    assert list(many.each(session, gate, [])) == []
    assert session.tally.calls == before


def test_what_a_call_raises_comes_at_its_turn_and_ends_it(opened):
    session, stu = opened()
    answers = many.each(session, stu.gate, [[[1], 5], [[1], -1], [[1], 5]])
    assert next(answers) == [1, 0]
    with pytest.raises(ValueError, match="limit below zero"):
        next(answers)
    assert list(answers) == []
    assert list(stu.calls()) == [1, 1], "the call after it was not made"


def test_each_answer_is_what_it_was_when_it_was_given(opened):
    session, stu = opened()
    assert list(many.each(session, stu.same, [[1], [2], [3]])) == [[1], [1, 2], [1, 2, 3]]


def test_objects_stay_there_and_have_the_same_class(opened):
    session, stu = opened()
    first, second = many.each(session, stu.odd, [[1], [2]])
    assert type(first) is type(second) is stu.Odd
    assert isinstance(stu.odd(3), stu.Odd)


def test_a_table_is_sent_once_and_copied_there(opened):
    pandas = pytest.importorskip("pandas")
    source = "def f(frame, n):\n frame['x'] += n\n return frame"
    session, stu = opened(source)
    frame = pandas.DataFrame({"x": [1, 2]})
    got = [list(one["x"]) for one in many.each(session, stu.f, [[frame, 1], [frame, 10]])]
    assert got == [[2, 3], [11, 12]]
    assert list(frame["x"]) == [1, 2]


def test_functions_of_the_test_are_called_back(opened):
    session, stu = opened("def f(g, n): return g(n) + 1")
    assert list(many.each(session, stu.f, [[lambda n: n * 10, 1], [lambda n: n, 5]])) == [11, 6]


def test_later_requests_go_on_as_before(opened):
    session, stu = opened(remote_operators=True)
    rows = [3, 1]
    stu.gate(rows, 2)
    list(many.each(session, stu.gate, [[rows, 2]]))
    stu.gate(rows, 2)
    assert rows == [3, 1, 0, 0], "ordinary calls copy back what they change"


def test_a_missing_name_fails_the_check(suite):
    test = """
        import pytest
        from stu import nothing

        def test_absent(student):
            with pytest.raises(BaseException):
                list(student.each(nothing, [[1]]))
    """
    told = suite("def something(): return 1", test)
    assert told.status == {"absent": "failed"}
    assert "Your module has no 'nothing'" in told["absent"]["message"]


@pytest.mark.parametrize(
    ("name", "fault"), [("leave", faults.WorkerEnded), ("hang", faults.WorkerTimedOut)]
)
def test_a_death_and_a_loop_end_the_check(opened, name, fault):
    session, stu = opened(call_s=0.5)
    with pytest.raises(fault):
        list(many.each(session, getattr(stu, name), [[1], [2]]))
    assert [type(one) for one in session.tally.faults] == [fault]


RIGHT = message({"id": 0, "ok": True, "val": 1}, [])
ERROR = {"b": "ValueError", "n": "ValueError", "msg": "", "id": 1}
RAISED = message({"id": 0, "ok": False, "exc": ERROR}, [])


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        ([], "0 answers to 2 calls"),
        ([RIGHT], "1 answers to 2 calls"),
        ([RIGHT] * 3, "3 answers to 2 calls"),
        ([RAISED, RIGHT, RAISED], "3 answers to 2 calls"),
        ([RIGHT, b"nonsense"], "could not be read"),
        ([RIGHT, message({"id": 4, "ok": True, "val": 1}, [])], "an answer to another question"),
        ([RIGHT, message({"id": 0, "val": 1}, [])], "an answer to another question"),
        ([RIGHT, 7], "many answers were asked for"),
        (7, "many answers were asked for"),
        ({"a": 1}, "many answers were asked for"),
    ],
)
def test_a_worker_that_forges_its_answers_fails_the_check(scripted, packed, why):
    session, _ = scripted(_answering(packed))
    with pytest.raises(faults.ProtocolFault, match=why):
        list(many.each(session, "function", [[1], [2]]))
    assert session.tally.faults


def test_an_early_end_must_be_an_exception(scripted):
    session, _ = scripted(_answering([RIGHT, RAISED]))
    answers = many.each(session, "function", [[1], [2], [3]])
    assert next(answers) == 1
    with pytest.raises(ValueError):
        next(answers)


def _answering(packed):
    def answer(payload):
        encoder = Encoder(Handles(), Shared(first=1))
        number = read_message(payload[6:])[0]["id"]
        node = encoder.encode(packed)
        return from_child(encoder.blobs, id=number, ok=True, val=node)

    return answer
