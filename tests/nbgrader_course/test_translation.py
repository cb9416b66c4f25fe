"""A test cell becomes plain Python, or the reason why it cannot is told."""

from __future__ import annotations

import ast

import pytest

from grader.nbgrader_course.translation import AUTOTEST, student_code, translate

PLAIN = {
    "asserts": "assert f(1) == 1",
    "a remainder at the start of a line": "x = (7\n% 4)\nassert x == 3",
    "text that begins with a sign": 's = """\n%time\n!ls\n"""\nassert s',
    "a function of that name": "def exit(): return 1\nassert exit() == 1",
}


@pytest.mark.parametrize("case", PLAIN)
def test_plain_python_stays_as_it_is(case):
    made = translate(PLAIN[case])
    assert (made.code, made.problems) == (PLAIN[case], ())


LEFT_OUT = {
    "%matplotlib inline\nassert f()": "pass\nassert f()",
    "%load_ext autoreload\n%autoreload 2\nassert f()": "pass\npass\nassert f()",
    "if f():\n    %matplotlib inline\n    assert g()": "if f():\n    pass\n    assert g()",
    "%%time\nassert f()": "\nassert f()",
    "%time g()\nassert f()": "g()\nassert f()",
}


@pytest.mark.parametrize("source", LEFT_OUT)
def test_magics_that_change_no_value_are_left_out_and_lines_keep_their_numbers(source):
    made = translate(source)
    assert (made.code, made.problems) == (LEFT_OUT[source], ())


def test_captured_output_has_a_name():
    assert translate("%%capture said\nf()").capture == "said"
    assert translate("%%capture --no-stderr\nf()").capture == "_"
    assert translate("f()").capture == ""


NOT_SUPPORTED = {
    "!ls\nassert f()": "line 1 runs a command of the shell",
    "x = !ls\nassert x": "line 1 runs a command of the shell",
    "f?\nassert f()": "line 1 asks for help",
    "%%bash\nls": "line 1 is %%bash, which only a notebook's kernel knows",
    "assert f()\n%run other.py": "line 2 is %run, which only a notebook's kernel knows",
    "get_ipython().run_cell('1')": "it uses `get_ipython`, which is the kernel's own",
    "assert 'def f' in In[1]": "it uses `In`, which is the kernel's own",
    "import inspect\nassert 'for' not in inspect.getsource(f)": "it reads the student's source",
    "assert await f()": "it uses `await` outside of a function",
    "assert f( ==": "line 1 is not Python",
    "x\0": "it is not Python",
    "### AUTOTEST f(1)": AUTOTEST,
    "### HASHED AUTOTEST f(1)": AUTOTEST,
}


@pytest.mark.parametrize("source", NOT_SUPPORTED)
def test_what_speaks_to_the_kernel_is_named(source):
    problems = translate(source).problems
    assert any(NOT_SUPPORTED[source] in each for each in problems), problems


PARTIAL = {
    "score = 1\nscore": True,
    "0.5 * f()": True,
    "1": True,
    "score;": False,
    "assert f()": False,
    "check(f)": False,
    "'a docstring'": False,
    "f() == 3": False,
    "": False,
}


@pytest.mark.parametrize("source", PARTIAL)
def test_a_last_line_that_is_a_number_means_partial_credit(source):
    assert translate(source).partial is PARTIAL[source]


def test_students_cells_are_read_as_far_as_python_can():
    assert isinstance(student_code("%pylab\nx = 1"), ast.Module)
    assert student_code("def f(:") is None
