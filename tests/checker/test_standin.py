"""Instances and classes of the student's code, used as a reader of a test expects."""

from __future__ import annotations

import copy
import inspect
import pickle  # noqa: TID251 - to see that nothing can be pickled
import types

import pytest

from grader.checker import faults, standin
from grader.checker.standin import Instance, RemoteMeta
from grader.errors import WireError
from tests.checker.lines import module_of

SOURCE = """
import dataclasses
class Animal:
    "An animal."
    count = 0
    tags = []
    def __init__(self, name, **more):
        self.name = name
        self.legs = more.get("legs", 4)
        Animal.count += 1
    def speak(self, loud=False):
        "Say it."
        return self.name.upper() if loud else self.name
    @property
    def upper(self): return self.name.upper()
    @upper.setter
    def upper(self, value): self.name = value.lower()
    @classmethod
    def make(cls, name): return cls(name)
    @staticmethod
    def kinds(): return ["dog", "cat"]
    def __repr__(self): return f"Animal({self.name!r})"
    def __str__(self): return self.name
    def __format__(self, spec): return f"<{self.name}:{spec}>"
class Dog(Animal):
    def speak(self, loud=False): return "woof " + super().speak(loud)
@dataclasses.dataclass
class Point:
    x: int
    y: int = 5
class Silent:
    def __repr__(self): raise ValueError("no")
class Temp:
    @property
    def cold(self): raise ValueError("too cold")
class Closed:
    def __getattr__(self, name): raise AttributeError(f"no {name} here")
def name_of(animal): return animal.name
def kind_of(x): return type(x).__name__
def call_speak(animal): return animal.speak()
"""


@pytest.fixture
def stu(meet):
    return meet(SOURCE)


@pytest.fixture
def trusted(meet):
    return meet(SOURCE, remote_operators=True)


class TestInstances:
    def test_they_are_made_called_and_read(self, stu):
        dog = stu.Dog("rex", legs=3)
        assert (dog.name, dog.legs) == ("rex", 3)
        assert dog.speak(loud=True) == "woof REX"

    def test_they_are_written_to(self, stu):
        dog = stu.Dog("rex")
        dog.age = 7
        assert dog.age == 7
        assert vars(dog)["age"] == 7
        del dog.age
        assert not hasattr(dog, "age")

    def test_properties_are_read_and_set_there(self, stu):
        dog = stu.Dog("rex")
        dog.upper = "BOB"
        assert (dog.upper, dog.name) == ("BOB", "bob")
        with pytest.raises(ValueError, match="too cold"):
            _ = stu.Temp().cold

    def test_an_attribute_that_is_not_there_is_an_attribute_error(self, stu):
        with pytest.raises(AttributeError, match="wings"):
            _ = stu.Dog("rex").wings
        with pytest.raises(AttributeError, match="no wings here"):
            _ = stu.Closed().wings
        assert getattr(stu.Dog("rex"), "wings", 2) == 2

    def test_they_are_shown_by_their_own_methods(self, stu):
        dog = stu.Dog("rex")
        assert (repr(dog), str(dog), f"{dog:>5}") == ("Animal('rex')", "rex", "<rex:>5>")

    def test_one_that_cannot_be_shown_fails_as_it_would_in_process(self, stu):
        with pytest.raises(ValueError, match="no"):
            repr(stu.Silent())

    def test_one_whose_process_is_gone_can_still_be_shown(self, hand_in):
        session = hand_in(SOURCE + "\ndef die():\n import os\n os._exit(1)")
        module = module_of(session, "stu")
        dog = module.Dog("rex")
        with pytest.raises(faults.WorkerEnded):
            module.die()
        assert repr(dog) == "<Dog of the student's code>"

    def test_they_go_back_as_themselves(self, stu):
        assert stu.name_of(stu.Dog("rex")) == "rex"

    def test_they_are_copied_there(self, stu):
        dog = stu.Dog("rex")
        twin, deep = copy.copy(dog), copy.deepcopy(dog)
        twin.name = "bob"
        assert (dog.name, twin.name, deep.name) == ("rex", "bob", "rex")

    def test_they_cannot_be_pickled(self, stu):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(stu.Dog("rex"))

    def test_their_names_are_listed(self, stu):
        assert {"name", "legs", "speak", "upper", "make"} <= set(dir(stu.Dog("rex")))

    def test_special_attributes_cannot_be_set_or_asked_for(self, stu):
        dog = stu.Dog("rex")
        with pytest.raises(AttributeError):
            dog.__class__ = stu.Animal
        for name in ("__array_interface__", "__array__", "__wrapped__", "__dataframe__"):
            assert not hasattr(dog, name)

    def test_their_class_is_their_class(self, stu):
        dog = stu.Dog("rex")
        assert type(dog) is stu.Dog
        assert dog.__class__ is stu.Dog
        assert isinstance(dog, stu.Animal)


class TestMethods:
    def test_a_method_looks_like_one(self, stu):
        speak = stu.Dog("rex").speak
        assert inspect.ismethod(speak)
        assert speak.__name__ == "speak"
        assert list(inspect.signature(speak).parameters) == ["loud"]
        assert stu.Animal("x").speak.__doc__ == "Say it."

    def test_a_method_of_the_class_takes_the_instance(self, stu):
        assert stu.Animal.speak(stu.Dog("rex")) == "rex"
        assert inspect.isfunction(inspect.getattr_static(stu.Animal, "speak"))

    def test_class_and_static_methods(self, stu):
        assert type(stu.Dog.make("kim")) is stu.Dog
        assert stu.Dog.kinds() == stu.Dog("x").kinds() == ["dog", "cat"]

    def test_a_method_is_equal_to_itself(self, stu):
        dog = stu.Dog("rex")
        assert dog.speak == dog.speak
        assert dog.speak != stu.Dog("rex").speak


class TestClassAttributes:
    def test_they_are_read_and_set_there(self, stu):
        before = stu.Animal.count
        stu.Dog("a")
        assert stu.Animal.count == before + 1
        stu.Animal.count = 40
        stu.Dog("b")
        assert stu.Dog.count == 41
        del stu.Animal.tags
        assert not hasattr(stu.Dog, "tags")

    def test_a_property_of_the_class_is_a_property(self, stu):
        assert isinstance(inspect.getattr_static(stu.Animal, "upper"), property)
        assert isinstance(stu.Animal.__dict__["upper"], property)

    def test_the_constructors_signature_is_there(self, stu):
        assert list(inspect.signature(stu.Animal).parameters) == ["name", "more"]

    def test_dataclasses_are_dataclasses(self, trusted):
        import dataclasses

        point = trusted.Point(1)
        assert dataclasses.asdict(point) == {"x": 1, "y": 5}
        assert [field.name for field in dataclasses.fields(trusted.Point)] == ["x", "y"]
        assert dataclasses.replace(point, x=9).x == 9

    def test_a_class_is_shown_as_one(self, stu):
        assert repr(stu.Dog) == "<class 'stu.Dog'>"


class TestClassesOfTheTest:
    """A test may derive from a student's class: the student's side then knows it."""

    def test_an_override_is_called_from_there(self, stu):
        class Cat(stu.Animal):
            def speak(self):
                return "meow " + super().speak()

        cat = Cat("tom")
        assert isinstance(cat, stu.Animal)
        assert cat.speak() == "meow tom"
        assert stu.call_speak(cat) == "meow tom"
        assert stu.kind_of(cat) == "Cat"

    def test_its_own_init_runs(self, stu):
        class Cat(stu.Animal):
            def __init__(self, name):
                super().__init__(name + "!")
                self.lives = 9

        assert (Cat("tom").name, Cat("tom").lives) == ("tom!", 9)


class TestStrictness:
    """Without remote operators nothing of an object's own decides anything here."""

    @pytest.mark.parametrize(
        "use",
        [
            lambda x: x == x,  # noqa: PLR0124 - the student's own `==` is the point
            lambda x: x != 1,
            lambda x: x < 1,
            lambda x: bool(x),  # noqa: PLW0108 - a special method, not a function
            lambda x: 1 in x,
            lambda x: x + 1,
            lambda x: 1 - x,
            lambda x: float(x),  # noqa: PLW0108 - as above
            lambda x: abs(x),  # noqa: PLW0108 - as above
            lambda x: round(x),  # noqa: PLW0108 - as above
            lambda x: x in [1, 2],
            lambda x: sorted([x, x]),
        ],
    )
    def test_an_operator_is_refused_and_recorded(self, hand_in, use):
        session = hand_in(SOURCE)
        dog = module_of(session, "stu").Dog("rex")
        with pytest.raises(faults.Refusal, match="a plain value is needed"):
            use(dog)
        assert len(session.tally.faults) == 1

    def test_the_truth_of_a_class_is_refused(self, stu):
        with pytest.raises(faults.Refusal, match="the class Dog"):
            bool(stu.Dog)

    def test_they_are_hashed_by_identity(self, stu):
        dog, other = stu.Dog("a"), stu.Dog("a")
        assert {dog: 1}[dog] == 1
        assert len({id(dog), hash(dog), hash(other)}) >= 2


class TestObjectsOfTheTest:
    def test_special_names_are_told_from_the_allow_list(self):
        class Mine:
            def __len__(self):
                return 3

            def __reduce__(self):
                return "no"

        assert standin.special_names(Mine) == ["__len__"]

    def test_operations_are_public_or_allowed(self):
        value = types.SimpleNamespace(a=1)
        assert standin.local_operation(value, "get", "a")() == 1
        assert standin.local_operation([1, 2], "special", "__len__")() == 2
        for kind, name in [("get", "_a"), ("set", "__class__"), ("call", "a")]:
            with pytest.raises(WireError):
                standin.local_operation(value, kind, name)


def test_a_named_tuple_of_the_students_is_an_instance_of_its_class(meet):
    stu = meet(
        "import collections\nP = collections.namedtuple('P', 'x y')\ndef f(): return P(1, 2)"
    )
    made = stu.f()
    assert (made, made.x) == ((1, 2), 1)
    assert isinstance(made, stu.P)
    assert not isinstance((1, 2), stu.P)


def test_only_stand_ins_have_a_reference():
    assert standin.class_ref(int) is None
    assert standin.class_ref(5) is None
    assert standin.class_ref(Instance) is None
    assert type(Instance) is RemoteMeta
