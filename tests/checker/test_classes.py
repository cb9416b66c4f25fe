"""Stand-in classes: made from a description once, found again by number and by name."""

from __future__ import annotations

import inspect

import pytest

from grader.checker import faults
from tests.checker.lines import answering, module_of


class TestClasses:
    SOURCE = """
class Base:
    "A base."
    kind = "base"
    def __init__(self, n=0): self.n = n
    def up(self): return self.n + 1
class Derived(Base):
    def up(self): return super().up() + 1
class Other: pass
def make(): return Derived(4)
def kinds(): return [Base, Derived, int]
"""

    def test_a_class_is_the_same_class_each_time(self, meet):
        stu = meet(self.SOURCE)
        assert stu.kinds()[0] is stu.Base
        assert stu.kinds()[2] is int
        assert type(stu.make()) is stu.Derived

    def test_bases_are_bases(self, meet):
        stu = meet(self.SOURCE)
        assert stu.Derived.__mro__[:2] == (stu.Derived, stu.Base)
        assert issubclass(stu.Derived, stu.Base)
        assert isinstance(stu.make(), stu.Base)
        assert not isinstance(stu.make(), stu.Other)
        assert not issubclass(stu.Base, stu.Derived)

    def test_names_and_docstrings_are_told(self, meet):
        stu = meet(self.SOURCE)
        told = (stu.Base.__name__, stu.Base.__module__, stu.Base.__qualname__, stu.Base.__doc__)
        assert told == ("Base", "stu", "Base", "A base.")
        assert stu.Other.__doc__ is None
        assert inspect.isclass(stu.Base)

    def test_a_class_is_the_same_one_in_the_next_child(self, hand_in):
        session = hand_in(self.SOURCE + "\ndef die():\n import os\n os._exit(1)")
        stu = module_of(session, "stu")
        before, made = stu.Derived, stu.make()
        with pytest.raises(faults.WorkerEnded):
            stu.die()
        session.start_check()
        assert stu.Derived is before
        assert isinstance(stu.make(), before)
        assert type(made) is before

    def test_a_local_class_is_a_class_too(self, meet):
        stu = meet("def f():\n class Local:\n  def g(self): return 5\n return Local()")
        assert stu.f().g() == 5
        assert type(stu.f()).__name__ == "Local"


class TestClaims:
    """A description may say anything; only ordinary names and allowed special methods are kept."""

    def test_members_with_special_names_are_left_out(self, scripted):
        names = ("__array_interface__", "__array__", "__del__", "__wrapped__", "_grader_ref", "up")
        told = {"n": "A", "m": "stu", "q": "A", "members": dict.fromkeys(names, "p")}
        told["s"] = ["__array__", "__reduce__", "__getattribute__", "__len__"]
        node = {"t": "@h", "id": 9, "c": {"t": "@cls", "id": 8, "d": told}}
        made = scripted(answering(val=node))[0].request("call")
        space = vars(type(made))
        assert "up" in space
        assert "__len__" in space
        assert not {"__array__", "__array_interface__", "__del__", "__reduce__"} & set(space)
        assert not {"__getattribute__", "__wrapped__", "_grader_ref"} & set(space)

    def test_a_class_that_was_not_described_is_no_class(self, scripted):
        session, _ = scripted(answering(val={"t": "@cls", "id": 5}))
        with pytest.raises(faults.ProtocolFault, match="never described"):
            session.request("call")
