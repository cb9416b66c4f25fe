"""Universal liars: each compiles, keeps the names of the reference, and lies where it should."""

import ast
import sys
import types

import pandas as pd
import pytest

from grader.errors import LabError, MarkerError
from grader.liars import liars_of
from grader.submission import Bundle

REFERENCE = '''"""Shapes of things."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 3
### BEGIN SOLUTION
#: SECRET = None
SECRET = 42
### END SOLUTION


class BadShape(ValueError):
    """Raised for what has no shape."""


class Box:
    """A box."""

    sides = 6

    def __init__(self, width):
        self.width = width

    def volume(self):
        """Return the volume."""
        ### BEGIN SOLUTION
        return self.width ** 3
        ### END SOLUTION

    @property
    def area(self):
        return self.sides * self.width**2

    @staticmethod
    def unit(value=1):
        return Box(value)


@dataclass
class Point:
    x: int

    def far(self):
        return abs(self.x)


def measure(values):
    """Return the size and the sum."""
    ### BEGIN SOLUTION
    return {"size": len(values), "sum": sum(values)}
    ### END SOLUTION


def measured(values):
    """Hand it on."""
    ### BEGIN SOLUTION
    return measure(values)
    ### END SOLUTION


async def later(value):
    ### BEGIN SOLUTION
    return value
    ### END SOLUTION


def given(values):
    return LIMIT
'''
STARTER = {"shapes.py": b"def measure(values): ...\n", "notes.md": b"mine\n"}


def liars(reference=REFERENCE, *, path="shapes.py", modules=("shapes",), withheld=()):
    made = liars_of(
        Bundle.of({path: reference.encode(), "notes.md": b"the author's\n"}),
        Bundle.of(STARTER),
        modules,
        withheld,
    )
    return {liar.name: liar for liar in made}


def loaded(liar, path="shapes.py"):
    """Run a liar, as the worker would."""
    module = types.ModuleType("shapes")
    sys.modules["shapes"] = module  # dataclass looks there
    try:
        exec(compile(liar.bundle.as_dict()[path], path, "exec"), module.__dict__)
    finally:
        del sys.modules["shapes"]
    return module


def lie(name, reference=REFERENCE, **options):
    return loaded(liars(reference, **options)[f"liar__{name}"])


def test_every_liar_is_python_and_hands_in_the_rest_of_the_starter():
    made = liars()
    assert len(made) >= 25
    for liar in made.values():
        files = liar.bundle.as_dict()
        ast.parse(files["shapes.py"])
        assert files["notes.md"] == b"mine\n"
        assert set(files) == set(STARTER)


def test_no_two_liars_hand_in_the_same():
    digests = [liar.bundle.digest for liar in liars().values()]
    assert len(digests) == len(set(digests))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("returns_true", True),
        ("returns_zero", 0),
        ("returns_one", 1),
        ("returns_empty_list", []),
        ("returns_empty_text", ""),
        ("returns_none", None),
        ("echoes", [1, 2]),
        ("zeros_in_shape", {"size": 0, "sum": 0}),
        ("all_is_perfect", {"size": 1.0, "sum": 1.0}),
    ],
)
def test_a_lie_is_told_by_functions_methods_and_coroutines(name, answer):
    module = lie(name)
    assert module.measure([1, 2]) == answer
    assert module.measure(values=[1, 2]) == answer
    if name in {"returns_true", "returns_none"}:
        assert module.Box(2).volume() is answer
        assert module.given([1]) is answer
        with pytest.raises(StopIteration) as caught:
            module.later(5).send(None)
        assert caught.value.value is answer


def test_the_shape_of_an_answer_is_known_through_another_function_too():
    assert lie("zeros_in_shape").measured([1]) == {"size": 0, "sum": 0}


def test_zeros_take_the_shape_of_the_first_argument():
    given = lie("zeros_in_shape").given
    assert given([5, 6, 7]) == [0, 0, 0]
    assert given({"a": 5}) == {"a": 0}
    assert given("text") == ""
    assert given(9) == 0
    assert given() == 0
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=[7, 8])
    assert given(frame).equals(pd.DataFrame({"a": [0, 0], "b": [0, 0]}, index=[7, 8]))
    assert given(frame["a"]).equals(pd.Series(0, index=[7, 8]))
    assert given(frame.to_numpy()).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_a_perfect_share_is_claimed_for_every_column():
    given = lie("all_is_perfect").given
    assert given(pd.DataFrame({"a": [1], "b": [2]})) == {"a": 1.0, "b": 1.0}
    assert given({"rule": {}}) == {"rule": 1.0}
    assert given([1, 2]) == 1.0


def test_the_agreeable_object_equals_everything():
    thing = lie("equals_everything").measure([1])
    assert thing == 0.875
    assert thing == {"size": 3}
    assert (thing != "anything") is False
    assert thing["size"] == 4
    assert thing.anything() == 1
    assert float(thing) == 1.0
    assert isinstance(thing, float)


def test_liars_raise():
    with pytest.raises(ValueError, match="no"):
        lie("raises").measure([1])


def test_a_liar_raises_the_labs_own_error_where_there_is_one():
    module = lie("raises_own_error")
    with pytest.raises(module.BadShape):
        module.measure([1])
    plain = REFERENCE.replace("(ValueError)", "")
    assert "liar__raises_own_error" not in liars(plain)


def test_the_vandal_empties_its_arguments():
    module = lie("empties_and_returns_none")
    numbers, table, names = [1, 2], {"a": 1}, {"x"}
    assert module.given(numbers, table, names=names) is None
    assert (numbers, table, names) == ([], {}, set())
    frame = pd.DataFrame({"a": [1, 2]})
    array = frame["a"].to_numpy().copy()
    assert lie("empties_and_echoes").given(frame, array) is frame
    assert frame.empty
    assert list(frame.columns) == ["a"]
    assert array.tolist() == [0, 0]


def test_the_vandal_bears_what_cannot_be_emptied():
    assert lie("empties_and_echoes").given((1, 2), "text", None) == (1, 2)


def test_the_hanging_liar_is_marked_and_loops_for_ever():
    (hanging,) = [liar for liar in liars().values() if liar.hangs]
    assert hanging.name == "liar__hangs"
    assert "while True" in hanging.bundle.as_dict()["shapes.py"].decode()


def test_in_gaps_only_what_students_write_lies():
    module = lie("returns_true_in_gaps")
    assert module.measure([1]) is True
    assert module.given([1]) == 3
    box = module.Box(2)
    assert (box.volume(), box.area, box.sides) == (True, 24, 6)
    assert module.Point(-4).far() == 4


def test_everywhere_means_in_given_functions_too():
    module = lie("returns_true")
    assert module.given([1]) is True
    assert module.Box(2).area is True
    assert module.Box.unit() is True
    assert module.Point(-4).far() is True
    assert module.Point(-4).x == -4


def test_a_class_answers_for_attributes_that_it_lacks():
    assert lie("returns_one").Box(2).coef == 1
    with pytest.raises(AttributeError):
        _ = lie("returns_one").Box(2)._hidden


def test_constants_that_are_given_stay_and_those_of_the_solution_go():
    for name in ("returns_true", "returns_true_in_gaps"):
        module = lie(name)
        assert module.LIMIT == 3
        assert module.SECRET is None
        assert issubclass(module.BadShape, ValueError)


def test_no_line_of_the_solution_is_in_a_liar():
    for liar in liars().values():
        text = liar.bundle.as_dict()["shapes.py"].decode()
        assert "42" not in text
        assert "sum(values)" not in text


def test_a_future_import_stays_in_front():
    text = liars()["liar__returns_true"].bundle.as_dict()["shapes.py"].decode()
    assert text.index("from __future__") < text.index("def _universal_lie")
    assert text.startswith('"""Shapes of things."""')


def test_where_everything_is_a_gap_there_is_one_liar_of_each_kind():
    text = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n"
    assert not [name for name in liars(text) if name.endswith("_in_gaps")]


def test_a_withheld_file_is_one_gap():
    module = lie("returns_one", "KEY = 5\n\n\ndef f(x):\n    return x\n", withheld=("shapes.py",))
    assert (module.f(7), module.KEY) == (1, None)


def test_every_file_of_a_package_lies():
    made = liars_of(
        Bundle.of(
            {"shapes/__init__.py": b"from shapes.a import f\n", "shapes/a.py": b"def f(): 7"}
        ),
        Bundle.of({}),
        ("shapes",),
    )
    files = next(liar for liar in made if liar.name == "liar__returns_none").bundle.as_dict()
    assert set(files) == {"shapes/__init__.py", "shapes/a.py"}
    assert b"from shapes.a import f" in files["shapes/__init__.py"]
    assert b"_universal_lie" in files["shapes/a.py"]


def test_files_of_no_module_do_not_lie():
    assert liars(path="tools.py") == {}
    assert liars(path="shapes.txt") == {}


def test_without_modules_there_are_no_liars():
    assert liars(modules=()) == {}


def test_a_reference_that_is_not_python_is_named_with_its_line():
    with pytest.raises(LabError, match="not Python") as caught:
        liars("def f():\n    return (\n")
    assert caught.value.where.startswith("shapes.py")


def test_markers_that_do_not_pair_up_are_refused():
    with pytest.raises(MarkerError, match="never closed"):
        liars("def f():\n    ### BEGIN SOLUTION\n    return 1\n")
