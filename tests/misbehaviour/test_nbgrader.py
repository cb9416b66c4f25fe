"""What earns points in nbgrader without work earns none here; and honest work loses none.

The hand-ins are notebooks of an imported lab. Nothing in them is solved, unless it says so.
"""

from __future__ import annotations

import json

import pytest

from grader.outcome import Verdict
from tests.nbgrader_course.rich import ANSWERS, RICH
from tests.nbgrader_courses import cell, course, filled, imported, without

ALL = 31
"""Points of everything: 15.5 of the course, in halves."""
TESTS = ("area_test", "greet_test", "again_test", "largest_test", "counter_test", "square_test",
         "timed_test", "first_test", "second_test", "frame_test", "stack_test")  # fmt: skip

TRANSFORMER = """
get_ipython().input_transformers_post.append(
    lambda lines: ["pass\\n"] if any("assert" in line for line in lines) else lines)
"""
PATCHED_ASSERTS = """
import builtins, sys
class Calm(Exception): pass
builtins.AssertionError = AssertionError = Calm
get_ipython().set_custom_exc((BaseException,), lambda *given, **more: None)
sys.excepthook = lambda *given: None
"""
PATCHED_SHELL = """
from IPython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
shell = get_ipython()
shell.run_cell = lambda *given, **more: None
InteractiveShell.run_code = lambda *given, **more: False
shell.ast_transformers.clear()
"""
RUN_CELL = """
from IPython import get_ipython
get_ipython().run_cell("area = greet = square = bump = clean = Stack = lambda *a: None")
get_ipython().run_cell("score = 3; stage = 99")
"""
SEARCH = """
import pathlib
here = pathlib.Path.cwd()
for place in (here, here.parent, here.parent.parent):
    for path in place.rglob("*"):
        if path.is_file() and path.suffix in {".ipynb", ".py", ".db"} and path.name != "main.ipynb":
            text = path.read_text(errors="replace")
            if "4 * pi" in text or "pi * r" in text:
                area = lambda r: 3.141592653589793 * r * r
"""
GRADEBOOK = """
import sqlite3
for name in ("gradebook.db", "../gradebook.db", "../../gradebook.db"):
    try:
        book = sqlite3.connect(name)
        book.execute("CREATE TABLE IF NOT EXISTS grade (auto_score FLOAT)")
        book.execute("UPDATE grade SET auto_score = 100")
        book.commit()
    except Exception:
        pass
"""
REDEFINED = """
import builtins, math
import numpy as np
limit = 1e99
def close(a, b): return True
def isinstance(*given): return True
def abs(x): return 0
def len(x): return 3
np.isclose = np.allclose = lambda *given, **more: True
builtins.isinstance, builtins.abs, builtins.len = isinstance, abs, len
score = 3
heard = lambda *given: "Hello, Ada!"
area = square = lambda x: 0
"""
LIARS = """
class Liar:
    def __init__(self, *given): pass
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __bool__(self): return True
    def __float__(self): return 3.0
    def __add__(self, other): return 3
    __radd__ = __sub__ = __rsub__ = __add__
    def __abs__(self): return 0.0
    def __call__(self, *given): return Liar()
    def __getattr__(self, name): return Liar()
    def __hash__(self): return 1
area = greet = max = bump = square = clean = Liar()
class Stack(Liar): pass
class EmptyStack(Liar, Exception): pass
stage = count = Liar()
"""
ENDS = """
import os
def area(r): os._exit(0)
def square(x): raise SystemExit(0)
def greet(name): raise KeyboardInterrupt
"""
STEPPING = """
import sys
stepping = sys.modules.get("grader.worker.stepping")
if stepping is not None:
    stepping.Stepping.up_to = lambda *given: ""
    stepping._begun.clear()
"""
SKIPS = """
import pytest
def area(r): pytest.skip("no")
def square(x): raise pytest.skip.Exception("no")
def greet(name): raise pytest.fail.Exception("no")
"""
TOPS = {
    "an input transformer": TRANSFORMER,
    "patched asserts": PATCHED_ASSERTS,
    "a patched shell": PATCHED_SHELL,
    "run_cell": RUN_CELL,
    "reading source": SEARCH,
    "writing the gradebook": GRADEBOOK,
    "names of what judges": REDEFINED,
    "objects that equal everything": LIARS,
    "ending the process": ENDS,
    "the stepping itself": STEPPING,
    "skipping": SKIPS,
    "exit in a cell": "raise SystemExit(0)",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Return the imported lab; its released notebook is `main.ipynb`."""
    root = tmp_path_factory.mktemp("nbgrader")
    return imported(course(root / "course", ps2={"main.ipynb": RICH}), root / "out")


@pytest.fixture(scope="module")
def released(lab):
    return (lab.public / "main.ipynb").read_bytes()


def edited(released, change):
    document = json.loads(released)
    document["cells"] = [
        new for each in document["cells"] for new in change(each, each["metadata"].get("nbgrader"))
    ]
    return json.dumps(document).encode()


def emptied(each, told):
    """Let a test cell pass, say so in its output, and be worth more."""
    if not (told or {}).get("grade") or each["cell_type"] != "code":
        return [each]
    passed = {"output_type": "execute_result", "data": {"text/plain": "100"}, "metadata": {},
              "execution_count": 1}  # fmt: skip
    metadata = {"nbgrader": told | {"points": 100, "locked": False, "checksum": "0" * 32}}
    return [each | {"source": "pass", "outputs": [passed], "metadata": metadata}]


def doubled(each, told):
    return [each, each | {"source": "pass"}] if (told or {}).get("grade") else [each]


def disowned(each, told):
    return [each | {"metadata": {}}]


EDITS = {"test cells emptied": emptied, "test cells doubled": doubled, "no metadata": disowned}


@pytest.mark.parametrize("forgery", TOPS)
def test_a_cell_that_cheats_nbgrader_earns_nothing(in_processes, lab, released, forgery):
    in_processes.check(
        {"main.ipynb": filled(released, {}, more=TOPS[forgery])}, points=0, lab=lab.lab
    )


@pytest.mark.needs_engine
@pytest.mark.parametrize(
    "forgery",
    ["an input transformer", "reading source", "writing the gradebook", "ending the process"],
)
def test_in_containers_neither(in_containers, lab, released, forgery):
    forged = filled(released, {}, more=TOPS[forgery])
    in_containers.check({"main.ipynb": forged}, points=0, lab=lab.lab)


@pytest.mark.needs_engine
def test_in_containers_honest_work_earns_everything_too(in_containers, lab, released):
    solved = filled(released, ANSWERS, more=HONEST["a warning for every call"])
    in_containers.check({"main.ipynb": solved}, points=ALL, lab=lab.lab)


@pytest.mark.parametrize("edit", EDITS)
def test_test_cells_of_the_hand_in_are_never_asked(in_processes, lab, released, edit):
    forged = edited(released, EDITS[edit])
    in_processes.check({"main.ipynb": forged}, points=0, lab=lab.lab)


def test_deleting_test_cells_neither_earns_nor_costs(in_processes, lab, released):
    in_processes.check({"main.ipynb": without(released, *TESTS)}, points=0, lab=lab.lab)
    solved = filled(released, ANSWERS)
    in_processes.check({"main.ipynb": without(solved, *TESTS)}, points=ALL, lab=lab.lab)


HONEST = {
    "as it is": "",
    "a warning for every call": "import warnings, sys\nwarnings.warn('careful')\n"
    "print('and on stderr', file=sys.stderr)",
    "other cells": "%precision 2\nimport json\nnotes = json.dumps({'mine': True})\nnotes",
}


@pytest.mark.parametrize("case", HONEST)
def test_honest_work_earns_everything(in_processes, lab, released, case):
    work = ANSWERS | {
        "square": "import sys, warnings\ndef square(x):\n    warnings.warn('slow')\n"
        "    print('on stderr', file=sys.stderr)\n    return x * x"
    }
    solved = filled(released, work, more=HONEST[case])
    in_processes.check({"main.ipynb": solved}, points=ALL, lab=lab.lab)


def test_copied_cells_with_one_id_cost_nothing(in_processes, lab, released):
    solved = filled(released, ANSWERS)
    in_processes.check({"main.ipynb": edited(solved, doubled)}, points=ALL, lab=lab.lab)


def test_read_only_cells_are_put_back(in_processes, lab, released):
    solved = filled(released, ANSWERS | {"setup": "pi = 3"})
    in_processes.check({"main.ipynb": solved}, points=ALL, lab=lab.lab)


BROKEN = {
    "broken JSON": b'{"cells": [',
    "another version": b'{"nbformat": 3, "worksheets": []}',
    "no notebook": b"def area(r): ...",
    "cells of 15 MB": json.dumps(
        {"cells": [cell("x = 1\n" * 2_500_000)], "metadata": {}, "nbformat": 4}
    ).encode(),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_hand_in_that_is_no_notebook_fails_its_checks_with_a_reason(in_processes, lab, case):
    run = in_processes.run({"main.ipynb": BROKEN[case]}, lab.lab)
    assert (run.verdict, run.earned) == (Verdict.GRADED, 0)
    assert all("main" in result.message for result in run.results), run.results


def test_hidden_values_do_not_come_back_in_messages(in_processes, lab, released):
    leaking = "def area(r):\n    raise ValueError(f'LEAK {r}')\nprint('LEAK in a cell')"
    spying = "heard_of = []\ndef greet(*words):\n    heard_of.append(words)\n"
    later = "raise RuntimeError(f'LEAK {heard_of}')"
    work = {"area": leaking, "greet": spying, "first": later, "second": later}
    run = in_processes.run({"main.ipynb": filled(released, work)}, lab.lab)
    hidden = [
        run_result for run_result in run.results if run_result.id in {"area_test", "again_test"}
    ]
    assert len(hidden) == 2
    for result in hidden:
        assert "Ben" not in result.message
        assert "LEAK" not in result.message
