"""Every hole that the design names: a test that a liar would pass, and the liar, who must not.

Each row is the body of a hidden test (strict handles), the student's module, and what the module
would have earned had the hole been open: everything. It must earn nothing, and nothing may break.
"""

from __future__ import annotations

import pytest

from tests.misbehaviour.toy import lab_of

LIAR = """
class Liar:
    def __init__(self, *a, **k): pass
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    def __lt__(self, o): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __bool__(self): return True
    def __contains__(self, o): return True
    def __len__(self): return 3
    def __iter__(self): return iter([])
    def __float__(self): return 5.0
    def __int__(self): return 5
    def __index__(self): return 5
    def __round__(self, n=0): return 5
    def __abs__(self): return 0.0
    def __sub__(self, o): return 0.0
    __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __sub__
    def __array__(self, dtype=None, copy=None):
        import numpy as np
        return np.array([5.0])
    @property
    def __array_interface__(self):
        return {"shape": (8,), "typestr": "<f8", "data": (140000000000000, False), "version": 3}
    @property
    def __class__(self): return int
    def equals(self, o): return True
    __hash__ = None
def f(*a, **k): return Liar()
"""
HOLES: dict[str, tuple[str, str]] = {
    "equality": ("assert f() == 5", LIAR),
    "equality_from_the_left": ("assert 5 == f()", LIAR),
    "inequality": ("assert not (f() != 5)", LIAR),
    "truth": ("assert f()", LIAR),
    "ordering": ("assert f() > 3", LIAR),
    "ordering_from_the_left": ("assert 3 < f()", LIAR),
    "membership": ("assert 5 in f()", LIAR),
    "being_a_member": ("assert f() in [1, 5]", LIAR),
    "difference_from_the_right": ("assert abs(f() - 5) < 1e-9", LIAR),
    "difference_from_the_left": ("assert abs(5 - f()) < 1e-9", LIAR),
    "float": ("assert float(f()) == 5.0", LIAR),
    "rounding": ("assert round(f()) == 5", LIAR),
    "approx": ("assert f() == pytest.approx(5)", LIAR),
    "approx_from_the_left": ("assert pytest.approx(5) == f()", LIAR),
    "isclose": ("import math; assert math.isclose(f(), 5)", LIAR),
    "allclose": ("import numpy as np; np.testing.assert_allclose(f(), 5.0)", LIAR),
    "asarray": ("import numpy as np; assert float(np.asarray(f()).ravel()[0]) == 5.0", LIAR),
    "numpy_sum": ("import numpy as np; assert np.sum(f()) == 5.0", LIAR),
    "frame_equal": (
        "import pandas as pd; pd.testing.assert_frame_equal(f(), pd.DataFrame({'a': [1]}))",
        LIAR,
    ),
    "series_of": (
        "import pandas as pd; assert (pd.Series(f()) == 5).all() and len(pd.Series(f()))",
        LIAR,
    ),
    "equals_of_a_claimed_frame": (
        "import pandas as pd; r = f(); assert isinstance(r, pd.DataFrame) and r.equals(1)",
        LIAR.replace("return int", "import pandas; return pandas.DataFrame"),
    ),
    "claimed_class_then_compared": ("r = f(); assert isinstance(r, int); assert r == 5", LIAR),
    "sorted": ("assert sorted([f(), 3])[0] == 3", LIAR),
    "maximum": ("assert max([f(), 3]) == 3", LIAR),
    "index": ("assert [0, 0, 0, 0, 0, 7][f()] == 7", LIAR),
    "refusal_caught_by_raises_type_error": ("with pytest.raises(TypeError): f() == 5", LIAR),
    "refusal_caught_by_raises_exception": ("with pytest.raises(Exception): f() == 5", LIAR),
    "refusal_caught_by_raises_base": ("with pytest.raises(BaseException): f() == 5", LIAR),
    "refusal_caught_by_except": (
        "try:\n        f() == 5\n    except BaseException:\n        pass",
        LIAR,
    ),
    "refusal_suppressed": (
        "import contextlib\n    with contextlib.suppress(BaseException): f() == 5",
        LIAR,
    ),
    "refusal_returned_over": (
        "def quiet():\n        try: return f() == 5\n        finally: return True\n    assert quiet()",
        LIAR,
    ),
    "death_caught": (
        "with pytest.raises(BaseException): f()",
        "import os\ndef f(): os._exit(0)\n",
    ),
    "time_out_caught": (
        "with pytest.raises(BaseException): f()",
        "def f():\n    while True: pass\n",
    ),
    "broken_reply_caught": (
        "with pytest.raises(BaseException): f()",
        "import os\ndef f():\n    for fd in range(3, 64):\n        try: os.write(fd, b'junk' * 9)\n"
        "        except OSError: pass\n",
    ),
    "exit_that_swallows_an_assertion": (
        "with f():\n        assert 1 == 2",
        "class C:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\ndef f(): return C()\n",
    ),
    "exit_that_swallows_a_key_error": (
        "with f():\n        {}['x']\n        assert 1 == 2",
        "class C:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\ndef f(): return C()\n",
    ),
    "exit_that_swallows_a_failure": (
        "with f():\n        pytest.fail('no')",
        "import contextlib\n@contextlib.contextmanager\ndef f():\n    try: yield\n    except BaseException: pass\n",
    ),
    "exit_that_swallows_its_own_error": (
        "with f():\n        f.nothing()\n        assert 1 == 2",
        "import contextlib\n@contextlib.contextmanager\ndef f():\n    try: yield\n    except BaseException: pass\n",
    ),
    "stop_iteration_ends_all": (
        "def check(n):\n        assert f(n) == n + 1\n        return True\n    assert all(map(check, [1, 2, 3]))",
        "def f(n): raise StopIteration\n",
    ),
    "stop_iteration_ends_a_loop": (
        "for r in map(f, [1, 2, 3]):\n        assert r == 0",
        "def f(n): raise StopIteration\n",
    ),
    "stop_iteration_of_a_subclass": (
        "assert all(f(n) == n for n in map(f, [1, 2]))",
        "class S(StopIteration): pass\ndef f(n): raise S\n",
    ),
    "keyboard_interrupt": ("assert f() == 5", "def f(): raise KeyboardInterrupt\n"),
    "generator_exit": ("assert f() == 5", "def f(): raise GeneratorExit\n"),
    "exception_group": (
        "assert f() == 5",
        "def f(): raise BaseExceptionGroup('x', [KeyboardInterrupt()])\n",
    ),
    "own_base_exception": ("assert f() == 5", "class B(BaseException): pass\ndef f(): raise B\n"),
    "skip_test": ("assert f() == 5", "import unittest\ndef f(): raise unittest.SkipTest('x')\n"),
    "claimed_outcome_class": (
        "assert f() == 5",
        "class Skipped(Exception): pass\nSkipped.__module__ = '_pytest.outcomes'\n"
        "Skipped.__qualname__ = 'Skipped'\ndef f(): raise Skipped('x')\n",
    ),
    "callback_assertion_swallowed": (
        "def check(x): assert x == 5\n    f(check)",
        "def f(check):\n    try: check(1)\n    except BaseException: pass\n",
    ),
    "callback_failure_swallowed": (
        "def check(x):\n        if x != 5: pytest.fail('no')\n    f(check)",
        "def f(check):\n    try: check(1)\n    except BaseException: pass\n",
    ),
    "callback_attributes": (
        "def check(x): return 5\n    assert f(check) == 'open'",
        "def f(check): return 'open' if check.__globals__.get('HIDDEN') else 'shut'\n",
    ),
    "decimal_exponent": (
        "from decimal import Decimal; assert int(f()) > 0",
        "from decimal import Decimal\ndef f(): return Decimal('1e999999999')\n",
    ),
    "huge_integer": ("assert f() % 7 == 3", "def f(): return 1 << 50_000_000\n"),
    "colliding_keys": (
        "assert len(f()) == 100000",
        "def f(): return {(2**61 - 1) * n: 0 for n in range(100000)}\n",
    ),
    "deep_nesting": (
        "assert f()",
        "def f():\n    x = []\n    for _ in range(100000): x = [x]\n    return x\n",
    ),
    "a_path_of_ours": (
        "assert f().read_text()",
        "import pathlib\ndef f(): return pathlib.Path('/etc/hostname')\n",
    ),
    "emptied_arguments": (
        "xs = [1, 2, 3]\n    assert len(f(xs)) == 3 and f(xs) == [n * 2 for n in [1, 2, 3]]",
        "def f(xs):\n    xs.clear()\n    return xs\n",
    ),
    "changed_frame": (
        "import pandas as pd; d = pd.DataFrame({'a': [1, 2]}); before = d.copy()\n"
        "    f(d); pd.testing.assert_frame_equal(d, before)",
        "def f(d): d.drop(index=d.index, inplace=True)\n",
    ),
    "enum_that_lies": (
        "from sub import C; assert f() == C.B",
        "import enum\nclass C(enum.Enum):\n    A = 1\n    B = 2\n    def __eq__(self, o): return True\n"
        "    __hash__ = enum.Enum.__hash__\ndef f(): return C.A\n",
    ),
    "exception_with_lying_text": (
        "with pytest.raises(ValueError, match='^five$'): f()",
        "class M(str):\n    def __eq__(self, o): return True\ndef f(): raise ValueError(M('six'))\n",
    ),
    "namedtuple_that_lies": (
        "assert f() == (1, 2)",
        "import collections\nclass P(collections.namedtuple('P', 'a b')):\n    def __eq__(self, o): return True\n"
        "def f(): return P(3, 4)\n",
    ),
    "array_that_lies": (
        "import numpy as np; assert (f() == np.array([1, 2])).all()",
        "import numpy as np\nclass A(np.ndarray):\n    def __eq__(self, o): return np.array([True, True])\n"
        "    def __array_ufunc__(self, *a, **k): return np.array([True])\n"
        "def f(): return np.array([3, 4]).view(A)\n",
    ),
    "frame_that_lies": (
        "import pandas as pd; assert f().equals(pd.DataFrame({'a': [1]}))",
        "import pandas as pd\nclass F(pd.DataFrame):\n    def equals(self, o): return True\n"
        "def f(): return F({'a': [2]})\n",
    ),
    "module_that_answers_everything": (
        "import sub; assert sub.answer == 5",
        "def __getattr__(name): return 6\n",
    ),
    "returned_module": ("assert f()", "import sys\ndef f(): return sys\n"),
    "returned_class": ("assert f()", "class C: pass\ndef f(): return C\n"),
    "returned_function": ("assert f()", "def f(): return f\n"),
    "property_bomb": (
        "assert f().value == 5",
        "class C:\n    @property\n    def value(self):\n        while True: pass\ndef f(): return C()\n",
    ),
    "recursive_cause": (
        "assert f() == 5",
        "def f():\n    e = ValueError('x'); e.__cause__ = e\n    raise e\n",
    ),
}


def lab_for(body: str):
    text = f"import pytest\nfrom sub import f\n\nHIDDEN = True\n\ndef test_hole():\n    '''A hole.'''\n    {body}\n"
    return lab_of({"test_hidden.py": text}, module="sub")


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_is_closed(in_processes, name):
    body, student = HOLES[name]
    run = in_processes.check({"sub.py": student}, points=0, lab=lab_for(body))
    assert str(run.results[0].status) in {"failed", "crashed", "timed_out"}


def test_imported_tests_mint_nothing(in_processes):
    text = "from sub import *\n\ndef test_real():\n    '''Real.'''\n    assert f() == 5\n"
    student = (
        "def f(): return 6\ndef test_more(): pass\nclass TestMore:\n    def test_x(self): pass\n"
    )
    run = in_processes.check(
        {"sub.py": student}, points=0, lab=lab_of({"test_hidden.py": text}, module="sub")
    )
    assert [result.id for result in run.results] == ["real"]


def test_a_function_kept_for_later_is_of_no_use(in_processes):
    text = """
from sub import keep, use

def test_a():
    '''First.'''
    assert keep(lambda: 5) is None

def test_b():
    '''Second.'''
    assert use() == "it belonged to another test"
"""
    student = (
        "kept = []\ndef keep(f): kept.append(f)\n"
        "def use():\n    try: return kept[0]()\n    except RuntimeError: return 'it belonged to another test'\n"
    )
    in_processes.check(
        {"sub.py": student}, points=100, lab=lab_of({"test_public.py": text}, module="sub")
    )


def test_a_context_manager_called_by_hand_answers_like_any_other(in_processes):
    text = """
from sub import C

def test_by_hand():
    '''By hand.'''
    c = C()
    assert c.__exit__(KeyError, KeyError("x"), None) is True
"""
    student = "class C:\n    def __enter__(self): return self\n    def __exit__(self, t, e, b): return t is KeyError\n"
    in_processes.check(
        {"sub.py": student}, points=50, lab=lab_of({"test_hidden.py": text}, module="sub")
    )
