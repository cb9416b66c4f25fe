"""Special methods: forwarded where that is trusted, refused where it is not, never swallowing."""

from __future__ import annotations

import math
from unittest import mock

import pytest

from grader.checker import faults, operators
from grader.wire.names import SPECIAL_NAMES
from tests.checker.lines import module_of

VEC = """
import math
class Vec:
    def __init__(self, *xs): self.xs = list(xs)
    def __add__(self, o): return Vec(*[a + b for a, b in zip(self.xs, o.xs)])
    def __radd__(self, o): return Vec(*[o + a for a in self.xs])
    def __iadd__(self, o): self.xs = [a + o for a in self.xs]; return self
    def __mul__(self, n): return Vec(*[a * n for a in self.xs])
    __rmul__ = __mul__
    def __pow__(self, n, m=None): return sum(self.xs) ** n if m is None else pow(sum(self.xs), n, m)
    def __and__(self, o): return "and"
    def __neg__(self): return Vec(*[-a for a in self.xs])
    def __abs__(self): return math.sqrt(sum(a * a for a in self.xs))
    def __eq__(self, o): return isinstance(o, Vec) and self.xs == o.xs
    def __lt__(self, o): return abs(self) < abs(o)
    def __hash__(self): return hash(tuple(self.xs))
    def __bool__(self): return any(self.xs)
    def __len__(self): return len(self.xs)
    def __getitem__(self, i): return self.xs[i]
    def __setitem__(self, i, x): self.xs[i] = x
    def __delitem__(self, i): del self.xs[i]
    def __contains__(self, x): return x in self.xs
    def __iter__(self): return iter(self.xs)
    def __reversed__(self): return iter(self.xs[::-1])
    def __float__(self): return float(sum(self.xs))
    def __int__(self): return 7
    def __index__(self): return 1
    def __round__(self, n=0): return ("round", n)
    def __call__(self, x, *, k=0): return [x, k]
    def __bytes__(self): return bytes(self.xs)
def make(*xs): return Vec(*xs)
"""


class TestTrusted:
    """With remote operators, every operator means what the student's class says."""

    @pytest.fixture
    def make(self, meet):
        return meet(VEC, remote_operators=True).make

    def test_arithmetic_and_its_reflections(self, make):
        assert (make(1, 2) + make(3, 4)).xs == [4, 6]
        assert (10 + make(1)).xs == [11]
        assert (3 * make(1, 2)).xs == (make(1, 2) * 3).xs == [3, 6]
        assert (-make(1)).xs == [-1]
        assert make(1, 2) & 1 == "and"
        assert make(1, 2) ** 2 == 9
        assert pow(make(1, 2), 2, 5) == 4
        with pytest.raises(TypeError):
            make(1) - 1

    def test_in_place_changes_the_object(self, make):
        vector = before = make(1, 2)
        vector += 5
        assert vector is before
        assert vector.xs == [6, 7]

    def test_comparison_and_hash(self, make):
        assert make(1) == make(1)
        assert make(1) != make(2)
        assert make(1) < make(2)
        assert sorted([make(3), make(1)]) == [make(1), make(3)]
        assert len({make(1), make(1)}) == 1

    def test_containers(self, make):
        vector = make(1, 2, 3)
        assert (len(vector), vector[0], vector[1:]) == (3, 1, [2, 3])
        vector[0] = 9
        del vector[1]
        assert list(vector) == [9, 3]
        assert list(reversed(vector)) == [3, 9]
        assert 9 in vector
        assert 2 not in vector
        with pytest.raises(IndexError):
            vector[7]

    def test_conversions_and_truth(self, make):
        assert (float(make(1, 2)), int(make()), abs(make(3, 4))) == (3.0, 7, 5.0)
        assert "abc"[make()] == "b"
        assert (round(make()), round(make(), 2)) == (("round", 0), ("round", 2))
        assert math.isclose(make(0.5), 0.5)
        assert bytes(make(65)) == b"A"
        assert make(1)
        assert not make(0)

    def test_calls(self, make):
        assert make()(1, k=2) == [1, 2]

    def test_things_that_know_better_compare_themselves(self, make):
        assert make(1) == mock.ANY
        assert make(1) == mock.ANY


class TestStrict:
    @pytest.mark.parametrize("short", operators.REFUSED)
    def test_each_refused_method_refuses_in_words(self, hand_in, short):
        session = hand_in(VEC)
        vector = module_of(session, "stu").make(1)
        with pytest.raises(faults.Refusal, match="your class Vec that stays with your code"):
            getattr(type(vector), f"__{short}__")(vector, 1)

    def test_what_only_looks_stays_allowed(self, meet):
        vector = meet(VEC).make(1, 2)
        assert (len(vector), vector[0], list(vector), vector(1)) == (2, 1, [1, 2], [1, 0])

    def test_a_refusal_is_there_even_where_the_class_defines_nothing(self):
        made = operators.special_methods({"s": []}, strict=True)
        assert {f"__{short}__" for short in operators.REFUSED} <= set(made)
        assert made["__hash__"] is object.__hash__

    def test_only_names_of_the_allow_list_are_taken(self):
        claimed = ["__array__", "__reduce__", "__del__", "__len__", "up", 5, "__class__"]
        made = operators.special_methods({"s": claimed}, strict=False)
        assert set(made) <= set(SPECIAL_NAMES)
        assert set(made) == {"__len__"}

    def test_a_trusted_class_that_cannot_be_hashed_cannot_be_hashed_here(self):
        made = operators.special_methods({"s": ["__eq__"], "unhashable": True}, strict=False)
        assert made["__hash__"] is None


CONTEXTS = """
import contextlib
log = []
class Swallows:
    def __enter__(self): log.append("in"); return self
    def __exit__(self, kind, error, tb):
        log.append(kind.__name__ if kind else None)
        return True
class Cleans(Swallows):
    def __exit__(self, kind, error, tb): log.append("out")
class Own(Exception): pass
def fail(): raise Own("mine")
@contextlib.contextmanager
def quiet():
    try: yield 5
    except Own: log.append("caught")
    finally: log.append("out")
"""


class TestContexts:
    """What the test itself raised is never swallowed by the student's code."""

    @pytest.mark.parametrize("trusting", [False, True])
    def test_entering_and_leaving_happen_there(self, meet, trusting):
        stu = meet(CONTEXTS, remote_operators=trusting)
        with stu.Cleans() as inside:
            assert isinstance(inside, stu.Cleans)
        with stu.quiet() as value:
            assert value == 5
        assert stu.log == ["in", "out", "out"]

    @pytest.mark.parametrize("trusting", [False, True])
    @pytest.mark.parametrize("error", [AssertionError, pytest.fail.Exception, KeyboardInterrupt])
    def test_an_outcome_is_never_told_or_swallowed(self, meet, trusting, error):
        stu = meet(CONTEXTS, remote_operators=trusting)
        with pytest.raises(error), stu.Swallows():
            raise error("no")
        assert stu.log == ["in", None]

    def test_a_strict_test_keeps_its_own_errors(self, meet):
        stu = meet(CONTEXTS)
        with pytest.raises(KeyError), stu.Swallows():
            raise KeyError("mine")
        assert stu.log == ["in", "KeyError"]

    def test_a_trusting_test_lets_them_be_swallowed(self, meet):
        stu = meet(CONTEXTS, remote_operators=True)
        with stu.Swallows():
            raise KeyError("mine")
        with stu.quiet():
            stu.fail()
        assert stu.log == ["in", "KeyError", "caught", "out"]

    def test_a_fault_is_never_swallowed(self, hand_in):
        session = hand_in(CONTEXTS, remote_operators=True)
        stu = module_of(session, "stu")
        with pytest.raises(faults.Refusal), stu.Swallows():
            raise session.refuse("no")

    def test_called_by_hand_it_answers_like_any_method(self, meet):
        stu = meet(CONTEXTS)
        assert stu.Swallows().__exit__(None, None, None) is True
        assert stu.Swallows().__exit__(KeyError, KeyError("x"), None) is True


class TestClaimedClasses:
    def test_a_subclass_of_a_type_of_data_is_one_only_where_that_is_trusted(self, meet):
        source = "class D(dict):\n pass\nclass H:\n def __init__(self): self.d = D(a=1)\n"
        assert isinstance(meet(source, remote_operators=True).H().d, dict)
        assert type(meet(source).H().d) is dict  # reduced to plain data

    def test_one_that_lies_about_its_class_is_not_believed(self, meet):
        stu = meet("class L:\n @property\n def __class__(self): return int\ndef f(): return L()")
        assert not isinstance(stu.f(), int)

    def test_a_fitted_model_is_an_estimator(self, meet):
        linear = pytest.importorskip("sklearn.linear_model")
        source = (
            "from sklearn.linear_model import LinearRegression\n"
            "class Mine(LinearRegression): pass\n"
            "def f(): return LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])\n"
            "def g(): return Mine()"
        )
        stu = meet(source)
        assert isinstance(stu.f(), linear.LinearRegression)
        assert isinstance(stu.g(), linear.LinearRegression)
        assert stu.f().predict([[2.0]])[0] == pytest.approx(2.0)


def test_the_sentence_of_a_refusal_says_what_to_do():
    said = operators.needs_plain("an object of your class Vec", "==")
    assert said.startswith("== of an object of your class Vec that stays with your code")
    assert "a plain value is needed here" in said
