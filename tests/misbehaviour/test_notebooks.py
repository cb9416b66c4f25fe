"""Notebooks that cheat or break, rows 91 to 100 of the catalogue: nothing unearned, honest work whole.

A notebook is run in the worker alone, and what it stores is not looked at; so most rows are one
line each. Where a notebook cannot be run, its message says what is wrong with it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import starmap

import pytest

from grader.formats.html import student_page
from grader.lab import Limits, Submit
from grader.report import for_student
from tests.misbehaviour.toy import TOY
from tests.notebooks import code, notebook_of, text

LAB = replace(
    TOY,
    submit=Submit(required=("toy.py",), modules=("toy",), notebooks=(("toy", "toy.ipynb"),)),
    limits=Limits(call_s=4.0, wall_s=40.0, memory_mb=320),
)
TOTAL = "def total(xs): return sum(xs)"
DOUBLE = "def double(xs): return [2 * x for x in xs]"
WRONG = ("def total(xs): return -1", "def double(xs): return []")
CLAIM = {
    "output_type": "stream",
    "name": "stdout",
    "text": ["100 of 100 points. All checks passed.\n"],
}
ALERT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def graded_cell(source, mark, **fields):
    """Return a cell that nbgrader would grade."""
    told = {"schema_version": 3, "grade": True, "grade_id": mark, "locked": True}
    told |= {"solution": False, "task": False, "points": 50} | fields
    return code(source, mark, metadata={"nbgrader": told})


def forged(source, number):
    """Return a cell that says that it has run, and how well."""
    return code(source, f"c{number}", execution_count=number + 7, outputs=[CLAIM])


NOTHING: dict[str, bytes] = {
    "91-stored outputs claim success": notebook_of(
        *starmap(forged, zip(WRONG, (1, 2), strict=True))
    ),
    "91-outputs claim the values that are asked for": notebook_of(
        code(WRONG[0], "a", outputs=[{"output_type": "execute_result", "data": {}, "metadata": {}}])
    ),
    "92-graded cells with more points": notebook_of(
        *WRONG, graded_cell("assert total([1]) == 1", "test_total", points=1000)
    ),
    "92-graded cells that ask nothing, twice": notebook_of(
        *WRONG, graded_cell("pass", "a") | {"id": "x"}, graded_cell("pass", "a") | {"id": "y"}
    ),
    "92-its own grade_id, unlocked": notebook_of(
        *WRONG, graded_cell("score = 100", "total", locked=False, grade=False, solution=True)
    ),
    "93-transformers of code": notebook_of(
        "get_ipython().ast_transformers.append(type('T', (), {'visit': lambda s, n: n})())",
        "get_ipython().input_transformers_post.append(lambda lines: lines)",
        *WRONG,
    ),
    "95-names that checks use": notebook_of(
        "import builtins, pandas.testing, numpy.testing",
        "builtins.len = builtins.sum = lambda *a: 6\nbuiltins.isinstance = lambda *a: True",
        "pandas.testing.assert_frame_equal = numpy.testing.assert_allclose = lambda *a, **k: None",
        "assert_equal = wanted = token = rng = None",
        *WRONG,
    ),
    "100-Out, _ and the hooks of display": notebook_of(
        *WRONG,
        "1",
        "Out[3] = _ = __ = _3 = 7",
        "import sys\nsys.displayhook = sys.excepthook = print",
        "get_ipython().displayhook = None",
        "get_ipython().display_formatter = get_ipython().display_pub = None",
    ),
    "100-an answer that formats as the right one": notebook_of(
        "class Yes(int):\n    def __eq__(self, other): return True\n    __hash__ = None",
        "get_ipython().display_formatter.formatters['text/plain'].for_type(Yes, lambda *a: None)",
        "def total(xs): return Yes(0)",
        "def double(xs): return [Yes(0)] * 6",
        "total([1])",
    ),
}
EVERYTHING: dict[str, bytes] = {
    "91-stored outputs claim failure": notebook_of(
        code(TOTAL, "a", execution_count=-1, outputs=[{"output_type": "error", "ename": "E"}]),
        code(DOUBLE, "b", execution_count="many", outputs={"not": "a list"}),
    ),
    "92-graded cells are gone": notebook_of(TOTAL, DOUBLE),
    "92-graded cells are wrong": notebook_of(
        graded_cell("assert False", "test_total", points=-5), TOTAL, DOUBLE
    ),
    "93-commands and extensions": notebook_of(
        "!rm -rf ./*",
        "%%bash\nrm -rf ./* && echo gone",
        "%%writefile more.py\ny = 1",
        "%run more.py",
        "%load_ext autoreload",
        "%autoreload 2",
        "%load_ext not_there",
        TOTAL,
        DOUBLE,
    ),
    "94-another kernel": notebook_of(
        TOTAL,
        DOUBLE,
        metadata={
            "kernelspec": {
                "name": "bash",
                "display_name": "Bash",
                "argv": ["sh", "-c", "touch /tmp/canary-of-row-94"],
            },
            "language_info": {"name": "sh"},
        },
    ),
    "97-attachments and widgets": notebook_of(
        text("![plot](attachment:a.png)", "t")
        | {"attachments": {"a.png": {"image/png": "A" * 3_000_000}}},
        TOTAL,
        DOUBLE,
        metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {"state": [1] * 9}}},
    ),
    "99-cells that end the program": notebook_of(
        TOTAL, "raise SystemExit(0)", "exit", "quit()", "import sys\nsys.exit(3)", DOUBLE
    ),
    "99-questions that nobody answers": notebook_of(
        TOTAL, "breakpoint()", "%debug", "input()", "import getpass", "sum?", "%page sum", DOUBLE
    ),
    "99-a thread that never ends": notebook_of(
        "import threading, time",
        "threading.Thread(target=time.sleep, args=(900,)).start()",
        TOTAL,
        DOUBLE,
    ),
    "100-displays of all kinds": notebook_of(
        "import pandas as pd\nframe = pd.DataFrame({'a': range(9_000)})",
        "display(frame, frame.style if False else frame)",
        "frame",
        TOTAL,
        "_",
        DOUBLE,
        "from IPython.display import HTML, clear_output\nclear_output()\nHTML('<b>')",
    ),
}
TOO_MANY = b'{"nbformat": 4, "cells": [' + b",".join([b'{"cell_type": "code"}'] * 100_000) + b"]}"
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "97-format 2": (b'{"nbformat": 2, "worksheets": []}', "its format is 2"),
    "97-format 5": (notebook_of(TOTAL, DOUBLE, nbformat=5), "its format is 5"),
    "97-no schema": (b'{"nbformat": 4, "cells": {"a": 1}}', "it has no list of cells"),
    "97-two cells of one id": (
        notebook_of(code(TOTAL, "a"), code(DOUBLE, "a")),
        "cells 1 and 2 (of all cells) have the same id, 'a'",
    ),
    "97-a hundred thousand cells": (TOO_MANY, "it has 100,000 cells; 2,000 are the limit"),
    "97-a bomb of parts": (
        b'{"nbformat": 4, "cells": [], "metadata": [' + b"[]," * 900_000 + b"0]}",
        "it has too many parts",
    ),
    "97-nested too deeply": (b'{"nbformat": 4, "cells": ' + b"[" * 90_000, "that is too large"),
    "97-broken JSON": (notebook_of(TOTAL)[:-9], "it is broken JSON"),
    "97-no text": (b"\x89PNG\r\n\x1a\n", "byte 0 is not UTF-8 text"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_is_earned(grader, name):
    grader.check({"toy.ipynb": NOTHING[name]}, points=0, lab=LAB)


@pytest.mark.parametrize("name", EVERYTHING)
def test_honest_work_keeps_all_its_points(grader, name):
    grader.check({"toy.ipynb": EVERYTHING[name]}, points=100, lab=LAB)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_run_is_told_in_one_message(in_processes, name):
    content, said = UNREADABLE[name]
    run = in_processes.check({"toy.ipynb": content}, points=0, lab=LAB)
    public = run.results[0]
    assert public.status == "crashed"
    assert public.message.count("toy.ipynb cannot be read as a notebook: ") == 1
    assert said in public.message


def test_97_a_notebook_of_500_mb_is_refused_at_the_door(tmp_path):
    from grader.door import read_bundle
    from grader.errors import BundleRefusedError

    with (tmp_path / "toy.ipynb").open("wb") as file:
        file.truncate(500 * 1024 * 1024)  # a file of nothing, which takes no room
    with pytest.raises(BundleRefusedError) as caught:
        read_bundle(tmp_path, submit=LAB.submit)
    assert "larger than 10,485,760 bytes" in str(caught.value)


def test_94_no_kernel_is_started(in_processes):
    in_processes.check({"toy.ipynb": EVERYTHING["94-another kernel"]}, points=100, lab=LAB)
    from pathlib import Path

    assert not Path("/tmp/canary-of-row-94").exists()


def test_96_a_notebook_that_works_out_of_order_is_run_from_the_top(grader):
    cells = ["double = twice_each(lambda x: 2 * x)", TOTAL, "def twice_each(f): return f"]
    run = grader.check({"toy.ipynb": notebook_of(*cells)}, points=50, lab=LAB)
    hidden = for_student(run, LAB).lines[1]
    assert run.results[1].message == (
        "Your module has no 'double' (a notebook).\n"
        "Your notebook failed first in toy.ipynb, cell 1 (cell-1), line 1, which begins with "
        "`double = twice_each(lambda x: 2 * x)`: NameError: name 'twice_each' is not defined"
    )
    assert "`double`" in hidden.message
    assert "Your notebook failed first in toy.ipynb, cell 1." in hidden.message


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("while True: pass", "timed_out"),
        ("import time\ntime.sleep(900)", "timed_out"),
        ("!sleep 900", "timed_out"),
        ("import os\nos._exit(0)", "crashed"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "crashed"),
        ("import ctypes\nctypes.string_at(0)", "crashed"),
    ],
)
def test_99_a_cell_that_never_ends_or_ends_the_process_is_named(grader, cell, status):
    hurried = replace(LAB, limits=replace(LAB.limits, call_s=2.0))
    run = grader.check({"toy.ipynb": notebook_of(TOTAL, cell, DOUBLE)}, points=0, lab=hurried)
    assert {result.status for result in run.results} == {status}
    for line in for_student(run, LAB).lines:
        assert line.message.endswith("That was in cell 2 of its notebook.")


def test_98_what_cells_show_is_text_in_a_student_s_page(grader):
    cells = [
        f"from IPython.display import HTML, SVG, Javascript\nprint({ALERT!r})",
        f"display(HTML({ALERT!r}), Javascript('alert(1)'))",
        code(
            "x = 1",
            "stored",
            outputs=[{"output_type": "display_data", "data": {"text/html": ALERT}}],
        ),
        f"class R:\n  def _repr_html_(self): return {ALERT!r}\n  def __repr__(self): return {ALERT!r}",
        f"display(R())\nraise ValueError({ALERT!r})",
        "def total(xs): return R()",
    ]
    run = grader.check({"toy.ipynb": notebook_of(*cells)}, points=0, lab=LAB)
    page = student_page(for_student(run, LAB))
    assert ALERT not in page
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_module_and_a_notebook_that_were_both_worked_on_are_not_chosen_from(in_processes):
    files = {"toy.py": f"{TOTAL}\n{DOUBLE}\n", "toy.ipynb": notebook_of(TOTAL, DOUBLE)}
    run = in_processes.run(files, LAB)
    assert run.verdict == "ungradable"
    assert run.reason == (
        "toy.py and toy.ipynb are both there, and they are one task. Hand in one of them."
    )


def test_91_what_is_stored_never_reaches_a_page(in_processes):
    told = json.dumps(CLAIM["text"][0])[1:-3]
    run = in_processes.run({"toy.ipynb": NOTHING["91-stored outputs claim success"]}, LAB)
    assert told not in student_page(for_student(run, LAB))
