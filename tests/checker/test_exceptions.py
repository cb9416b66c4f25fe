"""Exceptions of the student's code, made again: `pytest.raises` sees them, nothing else obeys."""

from __future__ import annotations

import json
import pickle  # noqa: TID251 - its error class is one of a library's

import pytest

from grader.checker import exceptions
from grader.checker.told import is_outcome
from grader.errors import WireError
from grader.wire.names import nearest_builtin_exception
from grader.wire.values import Encoder, Shared
from tests.checker.lines import module_of
from tests.wire.crossing import Handles

BUILT_IN = [
    ValueError("a", 1),
    KeyError("k"),
    FileNotFoundError(2, "no such file"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    ZeroDivisionError(),
    OverflowError("x"),
    NotImplementedError(),
    SystemExit(3),
]


@pytest.mark.parametrize("error", BUILT_IN, ids=lambda error: type(error).__name__)
def test_a_built_in_error_arrives_as_itself(meet, error):
    with pytest.raises(type(error)) as caught:
        meet(f"def f(): raise {error!r}").f()
    assert type(caught.value) is type(error)
    assert (str(caught.value), caught.value.args) == (str(error), error.args)


def test_a_file_that_is_not_there_is_named(meet):
    with pytest.raises(FileNotFoundError, match=r"no such\.csv") as caught:
        meet("def f(): open('no such.csv')").f()
    assert (caught.value.filename, caught.value.errno) == ("no such.csv", 2)


@pytest.mark.parametrize(
    "raised",
    [
        "KeyboardInterrupt()",
        "GeneratorExit()",
        "StopIteration(1)",
        "StopAsyncIteration()",
        "unittest.SkipTest('x')",
        "BaseException('x')",
        "ExceptionGroup('x', [ValueError()])",
        "type('Skipped', (BaseException,), {'__module__': '_pytest.outcomes'})()",
        "type('Exit', (KeyboardInterrupt,), {})()",
    ],
)
def test_what_would_end_or_skip_a_test_is_an_ordinary_error(meet, raised):
    with pytest.raises(Exception) as caught:
        meet(f"import unittest\ndef f(): raise {raised}").f()
    assert not is_outcome(caught.value)
    assert exceptions.arrives_as_itself(nearest_builtin_exception(type(caught.value)))


@pytest.mark.parametrize("kind", exceptions.EXCEPTIONS.values(), ids=lambda kind: kind.__name__)
def test_only_errors_and_exits_arrive_as_themselves(kind):
    harmless = kind is SystemExit or (
        issubclass(kind, Exception)
        and kind not in {StopIteration, StopAsyncIteration, ExceptionGroup}
    )
    assert exceptions.arrives_as_itself(kind) is harmless


class TestOwnClasses:
    SOURCE = """
class BankError(Exception):
    def __init__(self, need, have):
        super().__init__(f"need {need}, have {have}")
        self.need, self.have = need, have
class Sub(BankError, ValueError):
    pass
def f(): raise Sub(20, 10)
def chained():
    try: 1 / 0
    except ZeroDivisionError as e: raise BankError(1, 2) from e
def again(e): raise e
def same(e): return type(e).__name__, e.need
"""

    def test_a_class_of_the_students_can_be_expected(self, meet):
        stu = meet(self.SOURCE)
        for kind in (stu.Sub, stu.BankError, ValueError, Exception):
            with pytest.raises(kind, match="need 20, have 10"):
                stu.f()

    def test_its_attributes_are_there(self, meet):
        with pytest.raises(ValueError, match="need") as caught:
            meet(self.SOURCE).f()
        assert (caught.value.need, caught.value.have) == (20, 10)
        assert caught.value.args == ("need 20, have 10",)

    def test_its_cause_is_there(self, meet):
        stu = meet(self.SOURCE)
        with pytest.raises(stu.BankError) as caught:
            stu.chained()
        assert type(caught.value.__cause__) is ZeroDivisionError

    def test_it_goes_back_as_the_very_object(self, meet):
        stu = meet(self.SOURCE)
        with pytest.raises(stu.Sub) as caught:
            stu.f()
        assert stu.same(caught.value) == ("Sub", 20)
        with pytest.raises(stu.Sub) as again:
            stu.again(caught.value)
        assert again.value.need == 20

    def test_it_can_be_raised_here_without_running_its_init(self, meet):
        stu = meet(self.SOURCE)
        with pytest.raises(ValueError, match="need 1, have 2"):
            raise stu.Sub(1, 2)

    def test_one_that_claims_a_name_of_ours_is_none_of_ours(self, meet):
        source = "class AssertionError(Exception): pass\ndef f(): raise AssertionError('no')"
        with pytest.raises(Exception, match="no") as caught:
            meet(source).f()
        assert not isinstance(caught.value, AssertionError)


def test_a_librarys_class_is_the_librarys(meet):
    source = (
        "import json, pickle\ndef f(): json.loads('{')\ndef g(): raise pickle.PicklingError('x')"
    )
    stu = meet(source)
    with pytest.raises(json.JSONDecodeError):
        stu.f()
    with pytest.raises(pickle.PicklingError):
        stu.g()


def test_an_assertion_of_the_students_is_an_assertion(meet):
    with pytest.raises(AssertionError, match="mine"):
        meet("def f(): assert 0, 'mine'").f()


def test_the_line_and_the_traceback_are_for_staff(meet):
    with pytest.raises(ZeroDivisionError) as caught:
        meet("def f():\n    return 1 / 0\n").f()
    assert caught.value._grader_line == ["stu.py", 2, ""]
    assert "return 1 / 0" in caught.value._grader_traceback
    assert "/grader/" not in caught.value._grader_traceback


@pytest.mark.parametrize(
    "hostile",
    [
        "def __str__(self): raise ValueError",
        "def __str__(self): return 'x' * 10**7",
        "@property\n    def args(self): raise ValueError",
        "__cause__ = property(lambda self: self)",
        "__dict__ = property(lambda self: 1 / 0)",
        "def __getattribute__(self, name): raise KeyError(name)",
    ],
)
def test_a_hostile_exception_is_an_exception_all_the_same(meet, hostile):
    with pytest.raises(Exception) as caught:
        meet(f"class E(Exception):\n    {hostile}\ndef f(): raise E()").f()
    assert len(str(caught.value)) <= exceptions.MESSAGE_CAP


class TestForgeries:
    """A node is a claim: malformed ones are wire errors, hostile ones do nothing."""

    @pytest.fixture
    def rebuild(self, scripted):
        session, _ = scripted()
        decoder = session._decoder([])
        return lambda node: exceptions.rebuild(session.opaque, node, decoder)

    GOOD = {"b": "ValueError", "n": "ValueError", "msg": "m", "id": 1}  # noqa: RUF012 - never changed

    @pytest.mark.parametrize(
        "node",
        [
            None,
            [],
            {},
            GOOD | {"id": "1"},
            GOOD | {"id": True},
            GOOD | {"b": "NoSuchError"},
            GOOD | {"b": "int"},
            GOOD | {"c": {"t": "@cls", "id": 5}},
            GOOD | {"c": 7},
            GOOD | {"args": {"t": "what"}},
            GOOD | {"attrs": {"t": "what"}},
            GOOD | {"cause": 5},
        ],
    )
    def test_a_malformed_node_is_a_wire_error(self, rebuild, node):
        with pytest.raises(WireError):
            rebuild(node)

    def test_causes_without_end_are_a_wire_error(self, rebuild):
        node = dict(self.GOOD)
        for _ in range(10):
            node = self.GOOD | {"cause": node}
        with pytest.raises(WireError, match="malformed"):
            rebuild(node)

    def test_texts_are_cut(self, rebuild):
        error = rebuild(
            self.GOOD | {"msg": "m" * 10_000, "tb": "t" * 100_000, "line": ["f" * 999, "x", 5]}
        )
        assert len(str(error)) == exceptions.MESSAGE_CAP
        assert len(error._grader_traceback) == exceptions.TRACEBACK_CAP
        assert error._grader_line == ["f" * 200, 0, "5"]

    def test_arguments_that_a_class_refuses_become_an_ordinary_error(self, rebuild):
        error = rebuild(self.GOOD | {"b": "UnicodeDecodeError", "n": "U", "msg": "m"})
        assert (type(error), str(error)) == (RuntimeError, "U: m")

    def test_private_and_special_attributes_are_not_taken(self, rebuild):
        attrs = {"__traceback__": 1, "_grader_ref": 2, "_x": 3, "note": 4}
        node = Encoder(Handles(), Shared(first=1)).encode(attrs)
        error = rebuild(self.GOOD | {"attrs": node})
        assert error.note == 4
        assert not hasattr(error, "_x")
        assert error.__traceback__ is None


class TestTelling:
    """Exceptions of the test go to the student's side as names and plain arguments."""

    @pytest.fixture
    def opaque(self, scripted):
        return scripted()[0].opaque

    def test_a_built_in_is_told_by_name_and_arguments(self, opaque):
        told = exceptions.tell(opaque, KeyError("k"))
        assert (told["b"], told["msg"]) == ("KeyError", "'k'")
        assert told["args"] is not None

    def test_a_class_of_the_test_is_told_as_its_nearest_built_in(self, opaque):
        class OwnError(LookupError):
            pass

        assert exceptions.tell(opaque, OwnError())["b"] == "LookupError"

    def test_arguments_that_are_not_plain_stay_here(self, opaque):
        assert exceptions.tell(opaque, ValueError(object()))["args"] is None

    def test_one_that_cannot_be_printed_is_told_by_its_class(self, opaque):
        class Mute(Exception):  # noqa: N818 - never raised
            def __str__(self):
                raise RuntimeError

        assert exceptions.tell(opaque, Mute())["msg"] == "Mute"

    def test_the_student_can_catch_what_a_function_raised(self, hand_in):
        source = (
            "def f(g):\n try: g()\n except FileNotFoundError as e: return [e.errno, e.filename]"
        )

        def fails():
            raise FileNotFoundError(2, "gone", "a.csv")

        assert module_of(hand_in(source), "stu").f(fails) == [2, "a.csv"]
