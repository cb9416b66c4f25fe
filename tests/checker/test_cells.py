"""Test cells on the trusted side: names, values, partial credit, and what a student reads."""

from __future__ import annotations

import pytest

import grader.worker.shell  # noqa: F401 - so that children need not import it
from grader.checker.cells import Cells
from grader.checker.faults import Fault, ImportFailed
from tests.nbgrader_courses import cell, notebook

TOLD = {"module": "stu", "order": ["a", "t", "b", "u"], "tests": ["t", "u"]}


@pytest.fixture
def cells(hand_in, request):
    """Return a function that hands answers in and gives the cells of a test file."""

    def cells(first, second="", *, public=True, fields=None, **told):
        content = notebook(
            cell(first, "answer", "a"), cell(second, "answer", "b")
        )  # fmt: skip
        session = hand_in(
            files={"stu.ipynb": content if first is not None else b"[]"},
            notebooks={"stu": "stu.ipynb"},
            modules=("stu",),
            **(fields or {}),
        )
        made = Cells(session, TOLD | told, request.config, public=public)
        made.session = session
        return made

    return cells


def test_a_test_cell_passes_or_fails(cells):
    made = cells("def f(): return 1")
    made.run("t", "assert f() == 1")
    with pytest.raises(AssertionError, match="1 == 2"):
        made.run("t", "\nassert f() == 2\n")


def test_names_are_those_at_the_cells_place(cells):
    made = cells("x = 1", "x = 2")
    made.run("t", "assert x == 1")
    made.run("u", "assert x == 2")


def test_what_a_test_makes_the_next_one_has(cells):
    made = cells("def f(): return 3")
    made.run("t", "def twice(): return f() + f()\nseen = [twice() for _ in range(2)]")
    made.run("u", "assert seen == [6, 6] and twice() == 6")


def test_students_names_never_take_the_place_of_what_judges(cells):
    forged = "def len(x): return 7\ndef isinstance(*a): return True\nexpected = [0]\nimport math\n"
    forged += "math.isclose = lambda *a: True\ndef f(): return []"
    made = cells(forged, libraries={"math": "import math"})
    made.run("t", "assert len(f()) == 0 and not isinstance(f(), dict)")
    with pytest.raises(AssertionError):
        made.run("t", "assert math.isclose(1, 2)")
    with pytest.raises(AssertionError):
        made.run("u", "expected = [1]\nassert f() == expected")


def test_names_that_students_are_to_write_are_theirs(cells):
    made = cells("def max(values): return 'mine'", shadows=["max"])
    made.run("t", "assert max([1]) == 'mine'")


def test_a_library_is_this_sides_own_and_only_where_the_notebook_has_it(cells):
    made = cells("import math as m", libraries={"m": "import math as m", "j": "import json as j"})
    made.run("t", "assert m.floor(2.5) == 2")
    with pytest.raises(NameError):
        made.run("t", "j.dumps(1)")


def test_everything_of_a_library_is_this_sides_own(cells):
    made = cells("from math import *\ndef sqrt(x): return 0", stars=["math"])
    made.run("t", "assert sqrt(4) == 2.0 and floor(2.5) == 2")


def test_read_only_cells_and_earlier_tests_are_run_here_once(cells):
    made = cells(
        "def f(x): return x",
        here={"a0": "\ncalls = []\ncalls.append(1)\nraise ValueError('stays its own')"},
        order=["a0", "a", "t", "b", "u"],
    )
    made.run("t", "assert calls == [1]")
    made.run("u", "assert calls == [1]")


def test_names_that_students_made_anew_are_theirs_again(cells):
    made = cells("x = 1", "x = 2", forget={"u": ["x"]})
    made.run("t", "x = 7\nassert x == 7")
    made.run("u", "assert x == 2")


def test_deleting_and_putting_back_reaches_the_notebook(cells):
    made = cells("def f(): return 1\ndef g(): return f()", shared=["f"])
    made.run("t", "kept = f\ndel f\ntry:\n    g()\nexcept NameError:\n    pass\nelse:\n"
                  "    assert False\nfinally:\n    f = kept")  # fmt: skip
    made.run("u", "assert g() == 1 and f() == 1")


def test_a_name_of_the_tests_own_is_deleted_here(cells):
    made = cells("x = 1")
    made.run("t", "x = 2\ndel x\nassert x == 1")
    with pytest.raises(NameError):
        made.run("u", "del nothing")


def test_what_students_functions_change_is_looked_up_there(cells):
    source = "n = 0\ndef bump():\n    global n\n    n += 1"
    made = cells(source, shared=["n"], changed=["n"])
    made.run("t", "n = 10\nbump()\nassert n == 11")


def test_a_missing_name_is_told_with_the_cell_that_failed_first(cells):
    made = cells("x = 1 / 0\ndef f(): ...")
    with pytest.raises(NameError):
        made.run("t", "f()")
    (told,) = made.session.tally.missing
    assert told == "Your module has no 'f' (a notebook)."
    said = made.session.modules.with_first_failure(told)
    assert said.startswith(f"{told}\nYour notebook failed first in stu.ipynb, cell 1, line 1")
    assert "ZeroDivisionError" in said


def test_a_test_may_ask_whether_a_name_is_there(cells):
    made = cells("x = 1")
    made.run("t", "try:\n    y\nexcept NameError:\n    y = x\nassert y == 1")


def test_after_hidden_inputs_nothing_that_the_notebook_says_is_shown(cells):
    made = cells("seen = []\ndef f(x): seen.append(x)", "raise ValueError(seen)", public=False)
    made.run("t", "f('a hidden input')")
    with pytest.raises(NameError):
        made.run("u", "nothing")
    assert "hidden input" not in made.session.modules.with_first_failure("")


def test_a_public_cell_tells_it(cells):
    made = cells("seen = []\ndef f(x): seen.append(x)", "raise ValueError(seen)")
    made.run("t", "f('a public input')")
    with pytest.raises(NameError):
        made.run("u", "nothing")
    assert "public input" in made.session.modules.with_first_failure("")


def test_what_is_printed_is_heard_and_kept(cells):
    made = cells("def f(): print('hello')")
    made.run("t", "f()", capture="said")
    made.run("u", "assert said.stdout == 'hello\\n' and str(said) == 'hello\\n'\nsaid.show()")


def test_display_shows_nothing(cells):
    cells("x = 1").run("t", "display(x)")


PARTIAL = {"2": 2, "2.5": 2, "0": 0, "-1": 0, "9": 3}


@pytest.mark.parametrize("value", PARTIAL)
def test_a_cell_that_gives_a_number_earns_as_many_steps(cells, value):
    made = cells("calls = []\ndef f(): calls.append(1)")
    source = f"f()\n{value}"
    earned = 0
    for step in (1.0, 2.0, 3.0):
        try:
            made.earns("t", source, step)
        except AssertionError:
            continue
        earned += 1
    assert earned == PARTIAL[value]
    assert made.session.modules.named("stu", "calls") == [1]


@pytest.mark.parametrize("value", ["None", "True", "'3'", "float('nan')", "f"])
def test_what_is_no_number_earns_no_step(cells, value):
    made = cells("def f(): ...")
    with pytest.raises((AssertionError, pytest.fail.Exception, Fault)):
        made.earns("t", value, 1.0)


def test_a_cell_that_fails_earns_no_step(cells):
    made = cells("def f(): raise ValueError('no')")
    with pytest.raises(ValueError, match="no"):
        made.earns("t", "f()\n3", 1.0)
    with pytest.raises(pytest.fail.Exception):
        made.earns("t", "f()\n3", 2.0)


def test_a_number_at_the_end_of_a_whole_check_must_be_all_of_it(cells):
    made = cells("def f(x): return x")
    made.run("t", "f(2)", out_of=2)
    made.run("t", "f(None)", out_of=2)
    made.run("t", "f('text')", out_of=2)
    with pytest.raises(AssertionError, match=r"gives 1\.5 of 2 points"):
        made.run("t", "f(1.5)", out_of=2)


def test_a_notebook_that_hangs_is_not_run_again(cells):
    made = cells("while True: pass", fields={"call_s": 0.6})
    with pytest.raises(Fault):
        made.run("t", "assert True")
    calls = made.session.tally.calls
    with pytest.raises(Fault, match="could not be run up to this check"):
        made.run("u", "assert True")
    assert made.session.tally.calls == calls


def test_a_new_process_is_brought_to_the_same_place(cells):
    made = cells("import os\ndef f(): os._exit(1)\ndef g(): return 1", "y = 2")
    with pytest.raises(Fault):
        made.run("t", "f()")
    made.session.start_check()
    made.run("u", "assert g() == 1 and y == 2")


def test_what_is_no_notebook_fails_every_check_with_the_reason(cells, hand_in, request):
    session = hand_in(files={"stu.ipynb": b"[]"}, notebooks={"stu": "stu.ipynb"}, modules=("stu",))
    made = Cells(session, TOLD, request.config, public=True)
    for _ in range(2):
        with pytest.raises(ImportFailed, match="Your module could not be imported"):
            made.run("t", "assert True")
