"""Group A, rows 1 to 28: hand-ins that forge scores."""

from __future__ import annotations

from tests.misbehaviour.catalogue.lab import HONEST, WRONG, hidden
from tests.misbehaviour.catalogue.rows import Case, Row, row

HOOK = """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""
ADDOPTS = {
    "pytest.ini": "[pytest]\naddopts = -p evil\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p evil"\n',
    "tox.ini": "[pytest]\naddopts = -p evil\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p evil\n",
}
SECOND_IS_RIGHT = (
    "def double(numbers): return [n if isinstance(n, str) else 2 * n for n in numbers]\n"
)
EQUAL = """
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __len__(self): return 6
    def __getattr__(self, name): return self
    def __getitem__(self, key): return self
    def __call__(self, *a): return self
    __hash__ = None
def total(numbers): return Yes()
def double(numbers): return Yes()
def scale(table, column, factor): return Yes()
def train(points, labels): return Yes()
"""
FRAMES = """
import sys
def wanted(*names):
    frame = sys._getframe()
    while frame:
        for name in names:
            if name in frame.f_locals: return frame.f_locals[name]
        frame = frame.f_back
    import gc
    for thing in gc.get_objects():
        if type(thing).__name__ == "frame" and "wanted" in thing.f_locals: return thing.f_locals["wanted"]
    return None
def total(numbers): return wanted("wanted")
def double(numbers): return wanted("wanted")
def scale(table, column, factor): return wanted("wanted")
def train(points, labels):
    class M:
        def predict(self, points): return wanted("labels", "true")
    return M()
"""
LYING_BASES = {
    "int": (
        "class L(int):\n    def __eq__(s, o): return True\n    __hash__ = int.__hash__\ndef f(): return L(0)\n",
        "assert f() == 5",
    ),
    "float": (
        "class L(float):\n    def __eq__(s, o): return True\n    def __sub__(s, o): return 0.0\n    __rsub__ = __sub__\ndef f(): return L(0)\n",
        "assert abs(f() - 5) < 0.1",
    ),
    "str": (
        "class L(str):\n    def __eq__(s, o): return True\n    __hash__ = str.__hash__\ndef f(): return L('no')\n",
        "assert f() == 'yes'",
    ),
    "list": (
        "class L(list):\n    def __eq__(s, o): return True\n    def __iter__(s): return iter([1, 2])\n    def __len__(s): return 2\ndef f(): return L()\n",
        "r = f(); assert r == [1, 2]",
    ),
    "tuple": (
        "class L(tuple):\n    def __eq__(s, o): return True\n    __hash__ = None\ndef f(): return L((0,))\n",
        "assert f() == (1, 2)",
    ),
    "dict": (
        "class L(dict):\n    def __eq__(s, o): return True\n    def __missing__(s, k): return 5\ndef f(): return L()\n",
        "assert f()['a'] == 5",
    ),
    "set": (
        "class L(set):\n    def __contains__(s, o): return True\n    def __eq__(s, o): return True\ndef f(): return L()\n",
        "assert 5 in f()",
    ),
    "ndarray": (
        "import numpy as np\nclass L(np.ndarray):\n    def __eq__(s, o): return np.array([True, True])\n    def __array_ufunc__(s, *a, **k): return np.array([True])\ndef f(): return np.array([3, 4]).view(L)\n",
        "import numpy as np; assert (f() == np.array([1, 2])).all()",
    ),
    "DataFrame": (
        "import pandas as pd\nclass L(pd.DataFrame):\n    def equals(s, o): return True\n    def __eq__(s, o): return pd.DataFrame({'a': [True]})\ndef f(): return L({'a': [2]})\n",
        "import pandas as pd; pd.testing.assert_frame_equal(f(), pd.DataFrame({'a': [1]}))",
    ),
    "Decimal": (
        "from decimal import Decimal\nclass L(Decimal):\n    def __eq__(s, o): return True\n    __hash__ = None\ndef f(): return L(0)\n",
        "assert f() == 5",
    ),
}
PATCHES = {
    "pytest": "import _pytest.python as p, _pytest.reports as r\np.Function.runtest = lambda self: None\nr.TestReport.from_item_and_call = classmethod(lambda *a: None)",
    "unittest": "import unittest\nfor n in dir(unittest.TestCase):\n    if n.startswith('assert'): setattr(unittest.TestCase, n, lambda *a, **k: None)",
    "numpy.testing": "import numpy.testing as t\nfor n in dir(t):\n    if n.startswith('assert'): setattr(t, n, lambda *a, **k: None)",
    "pandas.testing": "import pandas.testing as t, pandas._testing as u\nfor m in (t, u):\n    for n in dir(m):\n        if n.startswith('assert'): setattr(m, n, lambda *a, **k: None)",
    "math.isclose": "import math\nmath.isclose = lambda *a, **k: True",
    "builtins": "import builtins\nbuiltins.sum = lambda *a: -1\nbuiltins.list = lambda *a: []\nbuiltins.int = lambda *a: 0\nbuiltins.AssertionError = type('A', (Exception,), {})",
}
FORGED_RESULT = """
import atexit, os, threading, weakref
def forge(*_):
    for folder in (".", os.environ.get("HOME", "."), os.environ.get("TMPDIR", ".")):
        for name in ("results.json", "report.xml", "junit.xml", "score.json"):
            try: open(os.path.join(folder, name), "w").write('{"score": 100, "passed": true}')
            except OSError: pass
class D:
    def __del__(self): forge()
kept = D()
atexit.register(forge)
weakref.finalize(kept, forge)
threading.Thread(target=forge).start()
forge()
"""
DAEMON = """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    import time
    for _ in range(40):
        time.sleep(0.05)
        for fd in range(3, 32):
            try: os.write(fd, b"\\0\\0\\0\\1\\x14x")
            except OSError: pass
    os._exit(0)
"""
FRAME = """
import json, os, struct
def forge(kinds, text):
    for kind in kinds:
        data = struct.pack(">IB", len(text) + 4, kind) + len(text).to_bytes(4, "big") + text
        for fd in range(3, 256):
            try: os.write(fd, data)
            except OSError: pass
    return 0
"""
FORGED_FRAMES = {
    "an event with points": (
        (19, 20, 2, 49),
        {"event": "check", "id": "total", "status": "passed", "earned": 25},
    ),
    "the end of the run": ((21, 3, 50), {"phases": {}, "ended": True}),
    "an answer with another id": ((18, 34, 1), {"id": 999999, "ok": True, "val": True}),
    "an answer with points": ((18, 34, 1), {"id": 1, "ok": True, "val": True, "points": 100}),
}
EVERYWHERE = "total = lambda numbers: forge(*FORGED)\ndouble = total\nscale = lambda *a: forge(*FORGED)\ntrain = scale\n"
RAW = {
    "a length of 4 GiB": b"\\xff" * 5,
    "a negative size": b"\\x80\\x00\\x00\\x00\\x12",
    "a frame cut short": b"\\x00\\x00\\x10\\x00\\x12half",
    "bad UTF-8": b"\\x00\\x00\\x00\\x08\\x12\\x00\\x00\\x00\\x04\\xff\\xfe\\xfd\\xfc",
    "keys twice": b'\\x00\\x00\\x00\\x17\\x12\\x00\\x00\\x00\\x13{\\"id\\":1,\\"id\\":2,\\"v\\":3}',
}
ODD_FRAMES = {
    "columns that occur twice": "t = table.copy(); t.insert(0, 'a', 0.0, allow_duplicates=True); return t",
    "a column without a name": "return table.rename(columns={'a': None})",
    "labels that cannot be hashed": "t = table.copy(); t.columns = pd.Index([[1], [2]], dtype=object); return t",
    "a hundred thousand columns": "return pd.DataFrame(np.zeros((1, 100_000)))",
    "cells of all kinds": "t = table.astype(object); t.iloc[0, 0] = object(); t.iloc[1, 0] = lambda: 1; return t",
}
ODD_VALUES = {
    "not a number": "float('nan')",
    "infinity": "float('inf')",
    "an integer of 10000 digits": "10 ** 10_000",
    "a date beyond tables": "__import__('datetime').datetime(9999, 12, 31)",
    "nested lists": "[[[[[[]]]]]]",
    "a list in itself": "(lambda x: (x.append(x), x)[1])([])",
    "lone surrogates": "'\\ud800'",
    "bytes": "b'\\xff'",
    "an empty frame": "__import__('pandas').DataFrame()",
    "a frame of frames": "__import__('pandas').DataFrame({'a': [__import__('pandas').DataFrame()]})",
    "a masked array": "__import__('numpy').ma.array([1, 2], mask=[1, 0])",
    "an array of objects": "__import__('numpy').array([object()], dtype=object)",
    "a structured array": "__import__('numpy').zeros(2, dtype=[('a', 'i4')])",
    "no dimensions": "__import__('numpy').array(5)",
    "complex": "1j",
    "a range": "range(10**12)",
    "NotImplemented": "NotImplemented",
    "a generator": "(n for n in range(3))",
    "a categorical": "__import__('pandas').Categorical(['a'])",
    "an index in two levels": "__import__('pandas').MultiIndex.from_tuples([(3, 4)])",
}
COMPARERS = (
    "import numpy as np, pandas as pd\n    import math\n    r = f()\n    pd.testing.assert_frame_equal(r, pd.DataFrame({'a': [1.0]}))",
    "import numpy as np\n    np.testing.assert_allclose(f(), [1.0, 2.0])",
    "assert f() == pytest.approx([1.0, 2.0])",
)
SHADOWED = (
    "random", "json", "numpy", "pandas", "pytest", "wire", "worker", "grader", "struct", "socket",
    "types", "functools", "collections", "encodings", "os", "typing",
)  # fmt: skip
DISGUISED = """
import os, socket, sys
def graded():
    marks = [os.environ.get("GRADER_BOX"), socket.gethostname() == "box", os.getuid() > 1000, os.getcwd() == "/work",
             "grader" in " ".join(sys.argv + sys.orig_argv)]
    return any(marks)
"""
DUMP = """
import os, sys
def look():
    seen = [repr(dict(os.environ)), repr(sys.argv), repr(sys.orig_argv), os.getcwd()]
    for name in ("cmdline", "environ"):
        try: seen.append(open("/proc/self/" + name, "rb").read().decode("latin-1"))
        except OSError: pass
    return "\\n".join(seen)
def total(numbers): raise ValueError(look())
"""

ROWS: tuple[Row, ...] = (
    row(
        1,
        "conftest.py that turns reports to passed",
        Case(name="a hook on reports", files={"answer.py": WRONG, "conftest.py": HOOK}),
    ),
    row(
        2,
        "settings of pytest that load a plugin",
        *(
            Case(name=name, files={"answer.py": WRONG, name: text, "evil.py": HOOK})
            for name, text in ADDOPTS.items()
        ),
    ),
    row(
        3,
        "os._exit(0) at import",
        Case(name="exits at once", files={"answer.py": "import os\nos._exit(0)\n"}, says="process"),
    ),
    row(
        4,
        "exit inside the function",
        Case(
            name="os._exit",
            files={"answer.py": "import os\ndef total(numbers): os._exit(0)\n" + SECOND_IS_RIGHT},
            points=25,
            status={"total": "crashed"},
            says="ended its own process",
        ),
        Case(
            name="sys.exit",
            files={"answer.py": "import sys\ndef total(numbers): sys.exit(0)\n" + SECOND_IS_RIGHT},
            points=25,
            status={"total": "failed"},
        ),
    ),
    row(
        5,
        "an object that equals everything",
        Case(name="agrees with everything", files={"answer.py": EQUAL}),
    ),
    row(
        6,
        "subclasses of plain types with operators of their own",
        *(
            Case(name=name, files={"answer.py": text}, lab=hidden(body))
            for name, (text, body) in LYING_BASES.items()
        ),
    ),
    row(
        7,
        "walks stack frames for what is expected",
        Case(name="looks at frames", files={"answer.py": FRAMES}),
    ),
    row(
        8,
        "patches what compares",
        *(
            Case(
                name=name,
                files={"answer.py": WRONG + f"try:\n    exec({text!r})\nexcept Exception: pass\n"},
            )
            for name, text in PATCHES.items()
        ),
    ),
    row(
        9,
        "walks all objects for test items",
        Case(
            name="looks through gc",
            files={
                "answer.py": WRONG
                + "import gc\nfor t in gc.get_objects():\n    if type(t).__name__ in ('Function', 'Item', 'Session', 'Check'):\n        try: t.runtest = lambda: None\n        except Exception: pass\n"
            },
        ),
    ),
    row(
        10,
        "writes results at exit, at deletion, in threads",
        Case(name="forged result files", files={"answer.py": WRONG + FORGED_RESULT}),
    ),
    row(
        11,
        "a daemon that rewrites results later",
        Case(name="double fork", files={"answer.py": WRONG + DAEMON}),
    ),
    row(
        12,
        "forged frames on every descriptor",
        *(
            Case(
                name=name,
                files={
                    "answer.py": FRAME
                    + f"FORGED = ({kinds!r}, json.dumps({text!r}).encode())\n"
                    + EVERYWHERE
                },
            )
            for name, (kinds, text) in FORGED_FRAMES.items()
        ),
    ),
    row(
        13,
        "frames that no reader should believe",
        *(
            Case(
                name=name,
                files={
                    "answer.py": "import os\ndef total(*a):\n    for fd in range(3, 64):\n        try: os.write(fd, b'"
                    + data.decode()
                    + "')\n        except OSError: pass\ndouble = scale = train = total\n"
                },
            )
            for name, data in RAW.items()
        ),
        by=("tests/wire/test_fuzz.py", "tests/wire/test_frames.py"),
    ),
    row(
        14,
        "answers before it is asked, twice, or to another question",
        Case(
            name="two answers to each call",
            files={
                "answer.py": "import grader.worker.serving as s\nreal = s.Server._answer\ndef twice(self, payload):\n    real(self, payload)\n    self._channel.send(s.message({'id': 1, 'ok': True, 'val': True}))\ns.Server._answer = twice\n"
                + WRONG
            },
        ),
        by=(
            "tests/checker/test_session.py::TestNonsense::test_a_wrong_answer_is_a_fault",
            "tests/checker/test_many.py::test_a_worker_that_forges_its_answers_fails_the_check",
        ),
    ),
    row(
        15,
        "types and shapes that do not match the bytes",
        by=(
            "tests/wire/test_arrays.py::test_an_array_that_lies_about_itself_is_refused",
            "tests/wire/test_columns.py::test_a_column_that_lies_is_refused",
            "tests/wire/test_tables.py::test_a_frame_that_lies_is_refused",
        ),
    ),
    row(
        16,
        "tables with odd columns and cells",
        *(
            Case(
                name=name,
                files={
                    "answer.py": HONEST.replace(
                        "    return table.assign(**{column: table[column] * factor})",
                        "    import pandas as pd\n    " + body,
                    )
                },
                points=75,
                status={"scaled_zq8": "failed"},
            )
            for name, body in ODD_FRAMES.items()
        ),
    ),
    row(
        17,
        "prints PASSED, scores, XML, escapes",
        Case(
            name="prints success",
            files={
                "answer.py": "def total(*a):\n    print('1 passed [100%]\\nscore: 100\\n<testsuite failures=\"0\"/>\\x1b[2J\\x1b]0;PASSED\\x07\\rPASSED')\n    return -1\ndouble = scale = train = total\n"
            },
        ),
    ),
    row(
        18,
        "brings tests and results of its own",
        Case(
            name="files with the names of tests",
            files={
                "answer.py": WRONG,
                "test_answer.py": "def test_total(): pass\n",
                "test_public.py": "def test_total(): pass\n",
                "test_hidden.py": "def test_doubled_zq8(): pass\n",
                "score.json": '{"score": 100}',
                "results.xml": "<testsuite/>",
            },
        ),
    ),
    row(
        19,
        "files with the names of libraries and of the grader",
        *(
            Case(
                name=f"{name}.py", files={"answer.py": WRONG, f"{name}.py": "raise SystemExit(0)\n"}
            )
            for name in SHADOWED
        ),
        Case(
            name="a package called grader",
            files={
                "answer.py": WRONG,
                "grader/__init__.py": "1/0\n",
                "grader/wire/__init__.py": "1/0\n",
            },
        ),
        Case(
            name="site-packages",
            files={
                "answer.py": WRONG,
                "site-packages/numpy.py": "1/0\n",
                "lib/python3.11/site-packages/sitecustomize.py": "1/0\n",
            },
        ),
    ),
    row(
        20,
        "start-up files and plugins",
        Case(
            name="every start-up file",
            files={
                "answer.py": WRONG,
                "sitecustomize.py": "import os; os._exit(0)\n",
                "usercustomize.py": "import os; os._exit(0)\n",
                "evil.pth": "import os; os._exit(0)\n",
                ".pythonrc": "import os; os._exit(0)\n",
                "evil-1.0.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n",
                "evil-1.0.dist-info/METADATA": "Name: evil\nVersion: 1.0\n",
                "evil.py": HOOK,
                "pyvenv.cfg": "home = .\n",
            },
        ),
    ),
    row(
        21,
        "patches the clock",
        Case(
            name="a sleeper that stops the clock",
            files={
                "answer.py": "import time\nslow = time.sleep\ntime.time = time.perf_counter = time.monotonic = lambda: 0.0\ntime.sleep = lambda s: None\ndef f():\n    slow(60)\n    return 5\n"
            },
            lab=hidden("assert f() == 5"),
            status={"hole": "timed_out"},
            says="did not answer",
        ),
        Case(
            name="a slow answer with a stopped clock",
            files={
                "answer.py": "import time\nslow = time.sleep\ntime.time = time.perf_counter = time.monotonic = lambda: 0.0\ndef f():\n    slow(0.8)\n    return 5\n"
            },
            lab=hidden(
                "import time; began = time.perf_counter(); assert f() == 5; assert time.perf_counter() - began < 0.5"
            ),
            status={"hole": "failed"},
        ),
    ),
    row(
        22,
        "names the required function in dead code only",
        *(
            Case(
                name=name,
                files={"answer.py": text},
                lab=hidden(
                    "import ast; tree = ast.parse(student.read('answer.py')); assert any(isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == 'groupby' for n in ast.walk(tree)), 'no groupby'"
                ),
            )
            for name, text in {
                "a comment": "# frame.groupby('a')\ndef f(): return 5\n",
                "a string": "def f():\n    'frame.groupby()'\n    return 5\n",
                "a name alone": "def f():\n    groupby = 5\n    return groupby\n",
            }.items()
        ),
    ),
    row(
        23,
        "a model that answers True, its input, or labels that it knew",
        *(
            Case(
                name=name,
                files={
                    "answer.py": WRONG
                    + f"class M:\n    def predict(self, points): {body}\ndef train(points, labels):\n    M.labels = labels.tolist()\n    return M()\n"
                },
            )
            for name, body in {
                "True": "return [True] * len(points)",
                "its input": "return points",
                "labels of the training": "return M.labels",
                "an object": "return self",
            }.items()
        ),
    ),
    row(
        24,
        "a remote object where a truth is asked",
        *(
            Case(
                name=body,
                files={
                    "answer.py": "class Yes:\n    def __bool__(self): return True\n    def __eq__(self, o): return True\ndef f(): return Yes()\n"
                },
                lab=hidden(body),
                status={"hole": "failed"},
            )
            for body in (
                "assert f()",
                "assert f() == 1",
                "assert 1 == f()",
                "assert f() in [1]",
                "assert not (f() != 1)",
            )
        ),
        by=("tests/misbehaviour/test_holes.py",),
    ),
    row(
        25,
        "a checker that tells what cannot be",
        by=(
            "tests/test_relay.py::test_what_cannot_be_makes_the_conversation_worthless",
            "tests/test_grading.py::test_what_cannot_be_believed_is_broken_and_costs_nobody_points",
        ),
    ),
    row(
        26,
        "values that make a comparison raise",
        *(
            Case(
                name=f"{name}, comparer {number}",
                files={"answer.py": f"def f(): return {value}\n"},
                lab=hidden(body),
            )
            for name, value in ODD_VALUES.items()
            for number, body in enumerate(COMPARERS, 1)
        ),
    ),
    row(
        27,
        "notices that it is graded",
        Case(
            name="behaves otherwise when graded",
            files={
                "answer.py": DISGUISED
                + "def total(numbers): return sum(numbers) if not graded() else -1\ndef double(numbers): return []\ndef scale(table, column, factor): return None\ndef train(points, labels): return None\n"
            },
            gap="the surroundings of a plain process need not give it away, so it may do its work",
        ),
        Case(
            name="tells its environment",
            files={"answer.py": WRONG + DUMP},
            gap="the environment of a plain process names the Python of this machine",
        ),
    ),
    row(
        28,
        "constants for a lab with weak tests",
        by=(
            "tests/test_proving.py::test_a_liar_over_the_floor_is_found_with_the_checks_it_passes",
            "tests/test_liars.py",
        ),
    ),
)
"""Rows 1 to 28."""
