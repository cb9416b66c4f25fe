"""Enumerations made again: members are values here, and only data may be a value."""

from __future__ import annotations

import enum

import pytest

from grader.checker import faults
from grader.checker.mirrors import is_ordinary
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
class Text(str, enum.Enum):
    A = "a"
class Greeting:
    def greet(self): return "hello " + self.name
class Guest(Greeting, enum.Enum):
    ADA = 1
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
def text(): return Text.A
def ada(): return Guest.ADA
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

    def test_methods_of_a_mixin_run_there(self, stu):
        assert stu.ada().greet() == "hello ADA"

    def test_members_that_are_text_are_text(self, stu):
        assert stu.text() == "a"
        assert isinstance(stu.text(), stu.Text)

    def test_a_trusting_test_may_compare_any_member(self, meet):
        stu = meet(ENUMS, remote_operators=True)
        assert stu.mars() == stu.Planet.MARS
        assert stu.mars() != stu.Planet.EARTH
        assert [planet.name for planet in stu.Planet] == ["EARTH", "MARS"]


@pytest.mark.parametrize(
    "name",
    [
        *("__eq__", "__array_interface__", "__class__", "__reduce__", "__del__", "__x", "_x_"),
        *("_grader_ref", "_grader_class_ref", "mro"),
    ],
)
def test_special_names_are_not_ordinary(name):
    assert not is_ordinary(name)


@pytest.mark.parametrize("name", ["up", "_private", "mro2", "x_", "grader"])
def test_others_are(name):
    assert is_ordinary(name)


@pytest.mark.parametrize(
    "told",
    [
        {"family": "Enum", "members": [["__eq__", 1]]},
        {"family": "Enum", "members": [["mro", 1]]},
        {"family": "EnumMeta", "members": [["A", 1]]},
        {"family": "auto", "members": [["A", 1]]},
        {"family": "IntEnum", "members": [["A", "text"]]},
        {"family": "Enum", "members": [["A", {"t": "@cb", "n": 1}]]},
    ],
    ids=str,
)
def test_what_cannot_be_made_again_is_a_class_of_handles(scripted, told):
    kind = {"t": "@cls", "id": 8, "d": {"n": "E", "m": "stu", "q": "E", "enum": told}}
    session, _ = scripted(answering(val={"t": "@enum", "c": kind, "n": "A", "id": 9}))
    session.opaque.keep(print)
    made = session.request("call")
    assert not isinstance(made, enum.Enum)
    with pytest.raises(faults.Refusal):
        assert made == 1


def test_a_member_that_the_enumeration_lacks_is_a_wire_error(scripted):
    told = {"n": "E", "m": "stu", "q": "E", "enum": {"family": "Flag", "members": [["A", 1]]}}
    kind = {"t": "@cls", "id": 8, "d": told}
    for claim in ({"n": "B"}, {"v": 64}, {"v": "1"}, {"v": True}, {}):
        session, _ = scripted(answering(val={"t": "@enum", "c": kind, "id": 9, **claim}))
        with pytest.raises(faults.ProtocolFault):
            session.request("call")
