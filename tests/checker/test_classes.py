"""Stand-in classes: made from a description once, found again by number and by name."""

from __future__ import annotations

import enum
import inspect

import pytest

from grader.checker import faults
from grader.checker.classes import is_ordinary
from tests.checker.lines import answering, module_of

ENUMS = """
import enum
class Color(enum.Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1
    def shout(self): return self.name + "!"
    @property
    def twice(self): return self.value * 2
    @classmethod
    def first(cls): return cls.RED
class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2
class Mode(enum.Flag):
    R = 1
    W = 2
class Spec:
    def __init__(self, n): self.n = n
class Planet(enum.Enum):
    EARTH = Spec(1)
    MARS = Spec(2)
class Named(enum.Enum):
    def hi(self): return "hi " + self.name
class Pet(Named):
    CAT = 1
class Odd(int, enum.ReprEnum):
    ONE = 1
def red(): return Color.RED
def both(): return Mode.R | Mode.W
def none(): return Mode(0)
def mars(): return Planet.MARS
def cat(): return Pet.CAT
def one(): return Odd.ONE
def same(value): return [value is m for m in (Color.RED, Level.HIGH, Planet.MARS, Odd.ONE)]
def is_both(mode): return mode is Mode.R | Mode.W
"""


class TestEnumerations:
    """Made again on this side, so that members are plain values and may be compared."""

    @pytest.fixture
    def stu(self, meet):
        return meet(ENUMS)

    def test_members_compare_even_in_a_strict_test(self, stu):
        assert stu.red() == stu.Color.RED
        assert stu.red() is stu.Color.RED
        assert stu.red() != stu.Color.GREEN
        assert stu.Color.CRIMSON is stu.Color.RED

    def test_names_values_and_order_are_there(self, stu):
        assert [(member.name, member.value) for member in stu.Color] == [("RED", 1), ("GREEN", 2)]
        assert stu.Color["GREEN"] is stu.Color(2)
        assert isinstance(stu.red(), enum.Enum)

    def test_numbers_are_numbers(self, stu):
        assert stu.Level.HIGH == 2
        assert stu.Level.HIGH > stu.Level.LOW

    def test_methods_and_properties_run_there(self, stu):
        assert stu.Color.RED.shout() == "RED!"
        assert stu.Color.GREEN.twice == 4
        assert stu.Color.first() is stu.Color.RED

    def test_combined_flags_come_and_go(self, stu):
        assert stu.both() == stu.Mode.R | stu.Mode.W
        assert stu.Mode.W in stu.both()
        assert stu.none() == stu.Mode(0)
        assert stu.is_both(stu.Mode.R | stu.Mode.W) is True

    def test_members_go_back_as_themselves(self, stu):
        assert stu.same(stu.Color.RED) == [True, False, False, False]
        assert stu.same(stu.Level.HIGH) == [False, True, False, False]

    def test_one_of_values_that_stay_there_is_a_class_of_handles(self, hand_in):
        session = hand_in(ENUMS)
        stu = module_of(session, "stu")
        assert stu.mars().name == "MARS"
        assert stu.mars().value.n == 2
        assert stu.mars() is stu.Planet.MARS
        assert stu.same(stu.mars()) == [False, False, True, False]
        assert session.tally.faults == []

    def test_a_base_that_was_met_in_passing_is_known(self, stu):
        assert stu.cat().hi() == "hi CAT"
        assert stu.Named.__name__ == "Named"
        assert issubclass(stu.Pet, stu.Named)

    def test_one_of_an_unknown_family_is_a_class_of_handles(self, stu):
        assert stu.one() is stu.Odd.ONE
        assert stu.same(stu.one()) == [False, False, False, True]


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

    @pytest.mark.parametrize(
        "name",
        [
            *("__eq__", "__array_interface__", "__class__", "__reduce__", "__del__", "__x", "_x_"),
            *("_grader_ref", "_grader_class_ref", "mro"),
        ],
    )
    def test_special_names_are_not_ordinary(self, name):
        assert not is_ordinary(name)

    @pytest.mark.parametrize("name", ["up", "_private", "mro2", "x_", "grader"])
    def test_others_are(self, name):
        assert is_ordinary(name)

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
