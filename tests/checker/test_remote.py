"""Functions, methods and modules of the student's: they look right, and judge nothing here."""

from __future__ import annotations

import contextlib
import gc
import inspect
import operator
import types

import pytest

from grader.checker import faults
from grader.checker.remote import Missing, ModuleSpace, Ref, readable, ref_of
from tests.checker.lines import module_of

SOURCE = '''
"""Module doc."""
import functools, typing
LIMITS = {"low": 1}
counter = 0
_private = 5
def add(a, b: int = 2, *rest, scale=1.0, **kw) -> int:
    """Add two numbers."""
    global counter
    counter += 1
    return a + b
add.note = "a note"
def gen(): yield 1
async def later(): return 1
async def agen(): yield 1
quick = len
partial = functools.partial(add, 1)
class Box:
    def get(self, x: int = 3):
        """Get it."""
        return x
def box(): return Box()
'''


@pytest.fixture
def session(hand_in):
    return hand_in(SOURCE)


@pytest.fixture
def stu(session):
    return module_of(session, "stu")


class TestFunctions:
    def test_names_and_docstrings(self, stu):
        told = (stu.add.__name__, stu.add.__qualname__, stu.add.__module__, stu.add.__doc__)
        assert told == ("add", "add", "stu", "Add two numbers.")

    def test_the_signature_with_defaults_and_annotations(self, stu):
        parameters = inspect.signature(stu.add).parameters
        assert list(parameters) == ["a", "b", "rest", "scale", "kw"]
        assert (parameters["b"].default, parameters["b"].annotation) == (2, int)
        assert parameters["scale"].kind is inspect.Parameter.KEYWORD_ONLY
        assert inspect.signature(stu.add).return_annotation is int
        assert stu.add.__annotations__ == {"b": int, "return": int}

    def test_inspect_sees_what_it_expects(self, stu):
        assert inspect.isfunction(stu.add)
        assert isinstance(stu.add, types.FunctionType)
        assert inspect.isgeneratorfunction(stu.gen)
        assert inspect.iscoroutinefunction(stu.later)
        assert inspect.isasyncgenfunction(stu.agen)
        assert not inspect.isgeneratorfunction(stu.add)
        assert inspect.isbuiltin(stu.quick)
        assert callable(stu.partial)

    def test_attributes_are_read_set_and_deleted_there(self, stu):
        assert stu.add.note == "a note"
        stu.add.note = "another"
        assert stu.add.note == "another"
        del stu.add.note
        assert not hasattr(stu.add, "note")

    def test_special_attributes_are_not_asked_for(self, stu):
        for name in ("__globals__", "__closure__", "__wrapped__", "__array__"):
            assert not hasattr(stu.add, name)

    def test_they_are_keys_and_are_shown_without_asking(self, stu, session):
        add = stu.add
        calls = session.tally.calls
        assert {add: 1}[add] == 1
        assert repr(add) == "<function add of the student's code>"
        assert session.tally.calls == calls

    @pytest.mark.parametrize(
        "use", [lambda f: f == 1, lambda f: f != 1, bool], ids=["==", "!=", "bool"]
    )
    def test_comparison_and_truth_are_refused(self, stu, use):
        with pytest.raises(faults.Refusal, match="a function that stays with your code"):
            use(stu.add)

    def test_a_trusting_test_compares_by_identity(self, meet):
        stu = meet(SOURCE, remote_operators=True)
        assert stu.add == stu.add
        assert stu.add != stu.gen
        assert stu.add

    def test_one_in_a_class_of_the_test_becomes_a_method(self, stu):
        class Holder:
            method = stu.box

        assert isinstance(Holder().method, types.MethodType)


class TestMethods:
    def test_they_look_like_methods(self, stu):
        get = stu.box().get
        assert inspect.ismethod(get)
        assert (get.__name__, get.__doc__) == ("get", "Get it.")
        assert inspect.signature(get).parameters["x"].default == 3
        assert get.__func__ is not None
        assert repr(get) == "<method get of the student's code>"

    def test_the_same_method_of_the_same_object_is_equal(self, stu):
        box = stu.box()
        assert box.get == box.get
        assert len({box.get, box.get}) == 1
        assert box.get != stu.box().get

    def test_comparing_with_anything_else_is_refused(self, stu):
        with pytest.raises(faults.Refusal, match="a method"):
            assert stu.box().get == 5

    def test_a_method_goes_there_as_itself(self, meet):
        stu = meet(SOURCE + "\ndef call(f): return f(9)")
        assert stu.call(stu.box().get) == 9


class TestModules:
    def test_names_are_looked_up_each_time(self, stu):
        before = stu.counter
        stu.add(1)
        assert stu.counter == before + 1

    def test_names_are_set_and_deleted_there(self, stu):
        stu.counter = 40
        stu.add(1)
        assert stu.counter == 41
        del stu.LIMITS
        assert not hasattr(stu, "LIMITS")

    def test_a_module_is_a_module_with_its_docstring(self, stu):
        assert inspect.ismodule(stu)
        assert (stu.__name__, stu.__doc__) == ("stu", "Module doc.")
        assert repr(stu) == "<module 'stu' of the student's code>"
        assert {"add", "LIMITS"} <= set(dir(stu))

    def test_vars_gives_the_names_over_there(self, stu):
        space = vars(stu)
        assert isinstance(space, ModuleSpace)
        assert space["LIMITS"] == {"low": 1}
        assert "add" in space
        assert "nothing" not in space
        assert space.get("nothing", 7) == 7
        with pytest.raises(KeyError):
            space["nothing"]

    def test_its_truth_is_refused(self, stu):
        with pytest.raises(faults.Refusal):
            bool(stu)

    def test_files_and_loaders_are_not_promised(self, stu):
        assert getattr(stu, "__file__", None) is None

    def test_whether_it_is_a_package_is_known_and_nobody_is_asked(self, stu, session, monkeypatch):
        monkeypatch.setattr(session, "request", lambda *_args, **_fields: pytest.fail("asked"))
        assert not hasattr(stu, "__path__")
        assert session.tally.missing == []

    def test_a_module_that_was_returned_is_a_module(self, meet):
        stu = meet("import json\ndef f(): return json")
        assert stu.f().__name__ == "json"


class TestMissingNames:
    def test_a_name_that_is_not_there_is_noted(self, stu, session):
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            _ = stu.nothing
        assert session.tally.missing == ["Your module has no 'nothing' (stu.py)."]
        assert session.tally.faults == []

    @pytest.mark.parametrize(
        "use",
        {
            "call": lambda x: x(1),
            "attribute": lambda x: x.thing,
            "==": lambda x: x == 1,
            "!=": lambda x: x != 1,
            "truth": bool,
            "iter": list,
            "len": len,
            "item": lambda x: x[0],
            "in": lambda x: 1 in x,
            "+": lambda x: x + 1,
            "r+": lambda x: 1 + x,
            "/": lambda x: x / 1,
            "r/": lambda x: 1 / x,
            "//": lambda x: x // 1,
            "%": lambda x: x % 1,
            "**": lambda x: 2**x,
            "@": lambda x: x @ x,
            "&": lambda x: x & 1,
            "r|": lambda x: 1 | x,
            "<<": lambda x: x << 1,
            "+=": lambda x: operator.iadd(x, 1),
            "neg": lambda x: -x,
            "abs": abs,
            "invert": lambda x: ~x,
            "<": lambda x: x < 1,
            ">=": lambda x: x >= 1,
            "float": float,
            "int": int,
            "index": lambda x: [1][x],
            "round": round,
            "complex": complex,
            "bytes": bytes,
            "set item": lambda x: operator.setitem(x, 0, 1),
            "del item": lambda x: operator.delitem(x, 0),
            "next": next,
            "reversed": reversed,
            "with": contextlib.ExitStack().enter_context,
            "base class": lambda x: types.new_class("Sub", (x,)),
            "isinstance": lambda x: isinstance(1, x),
            "issubclass": lambda x: issubclass(int, x),
        }.items(),
        ids=lambda pair: pair[0],
    )
    def test_whatever_is_done_with_it_fails_the_check(self, scripted, use):
        session, _ = scripted()
        missing = Missing(session, "x", faults.MissingName("Your module has no 'x'."))
        with pytest.raises(faults.MissingName, match="has no 'x'"):
            use[1](missing)
        assert session.tally.faults

    def test_it_may_be_held_hashed_and_shown(self, scripted):
        session, _ = scripted()
        missing = Missing(session, "x", faults.MissingName("no"))
        assert missing in {missing: 1}
        assert repr(missing)
        assert missing.__name__ == "x"
        assert not hasattr(missing, "pytestmark")
        assert session.tally.faults == []


class TestReferences:
    def test_a_reference_counts_itself_and_tells_when_it_goes(self, scripted):
        session, _ = scripted()
        first, second = Ref(session, 5), Ref(session, 5)
        assert session.held[(0, 5)] == 2
        del first
        gc.collect()
        assert session._take_dropped() == []
        del second
        gc.collect()
        assert session._take_dropped() == [5]

    def test_only_objects_of_ours_have_one(self, stu):
        assert isinstance(ref_of(stu.add), Ref)
        assert ref_of(5) is None
        assert ref_of(types.SimpleNamespace(_grader_ref=5)) is None

    @pytest.mark.parametrize("name", ["__doc__", "__name__", "ordinary", "_private", "__notes__"])
    def test_ordinary_and_allowed_names_may_be_asked_for(self, name):
        readable(name)

    @pytest.mark.parametrize("name", ["__globals__", "__array_struct__", "__class__", "__reduce__"])
    def test_other_special_names_may_not(self, name):
        with pytest.raises(AttributeError):
            readable(name)
