"""Where the names of test cells are looked up: read from the course's notebook, nothing is run."""

from __future__ import annotations

from grader.nbgrader_course.cells import read_notebook
from grader.nbgrader_course.plan import is_here, needs, notes, plan, units
from grader.nbgrader_course.regions import Marks
from tests.nbgrader_courses import cell, notebook

OWN = frozenset({"ours"})


def planned(*cells, targets=("t",)):
    listed = units(read_notebook(notebook(*cells), "a.ipynb"), Marks())
    made = plan(listed, targets, OWN)
    return made, list(notes(listed, made))


def one(before, source, role="read-only"):
    return planned(cell(before, role, "before"), cell(source, "test", "t", 1))[0]


def test_what_read_only_cells_make_is_run_here_as_far_as_the_test_needs_it():
    made = one("import numpy as np\nimport matplotlib\na = np.arange(3)\nb = 2\nprint(b)", "a")
    assert made.here == {"before": "import numpy as np\na = np.arange(3)"}
    assert list(made.read_only) == ["before"]


def test_a_seed_is_set_before_what_it_changes():
    made = one("import random\nrandom.seed(1)\nx = random.random()", "assert f(x)")
    assert made.here["before"] == "import random\nrandom.seed(1)\nx = random.random()"


def test_what_is_changed_in_place_is_changed_here_too():
    made = one("seen = []\nseen.append(1)\nother = []\nother.append(2)", "assert f(seen)")
    assert made.here["before"] == "seen = []\nseen.append(1)"


def test_functions_bring_what_they_call():
    made = one("eps = 1e-9\ndef close(a, b):\n    return abs(a - b) < eps", "assert close(f(), 1)")
    assert "eps" in made.here["before"]


def test_a_library_that_is_not_here_is_left_out():
    assert one("import torch\nx = torch", "assert f(x)").here == {"before": "x = torch"}


def test_an_earlier_test_gives_its_functions_and_not_its_asserts():
    made, _ = planned(
        cell("def heard(f): return f()\nassert heard(g)", "test", "first", 1),
        cell("assert heard(h)", "test", "t", 1),
    )
    assert made.here == {"first": "def heard(f):\n    return f()"}


def test_a_name_that_students_make_anew_is_forgotten():
    made, _ = planned(
        cell("x = 1", "read-only", "given"),
        cell("assert x == 1", "test", "t", 1),
        cell("x = 2", "answer", "mine"),
        cell("assert x == 2", "test", "u", 1),
        targets=("t", "u"),
    )
    assert made.here == {"given": "x = 1"}
    assert made.forget == {"u": ["x"]}


def test_students_imports_are_this_sides_own():
    made = one(
        "import numpy as np\nfrom math import *\nimport ours", "np.ones(f(ours))", role="answer"
    )
    assert made.libraries == {"np": "import numpy as np", "ours": "import ours"}
    assert made.stars == ("math",)


def test_names_of_pythons_own_that_students_write():
    assert one("def max(x): ...\ndef sum(x): ...", "assert max([1])", "answer").shadows == ("max",)


def test_names_that_tests_set_and_students_code_reads():
    made, _ = planned(
        cell("n = 0\ndef bump():\n    global n\n    n += step", "answer", "a"),
        cell("n = 5\nstep = 2\nmine = 1\nbump()\nassert n == 7", "test", "t", 1),
    )
    assert made.shared == ("n", "step")
    assert made.changed == ("n",)


def test_what_students_need_of_a_test_cell_is_set_up_for_them():
    made, said = planned(
        cell("import math\ndef third(): return 3\nfour = 4\n### BEGIN HIDDEN TESTS\nimport json\n"
             "### END HIDDEN TESTS", "test", "t", 1),
        cell("x = math.pi + third() + four + len(json.dumps(1))", "answer", "x"),
    )  # fmt: skip
    assert made.setup == {"t": "import math\n\ndef third():\n    return 3"}
    assert [name for _, name in said] == [
        f"students' cells below use `{name}`, which only this test makes"
        for name in ("four", "json")
    ]


def test_a_value_that_both_sides_have_is_told_where_students_change_it():
    _, said = planned(
        cell("seen = {}", "read-only", "given"),
        cell("def f(n):\n    seen[n] = 1", "answer", "f"),
        cell("f(3)\nassert 3 in seen", "test", "t", 1),
    )
    assert said == [
        ("cell 1 (given)", "students' code changes `seen` in place; tests see a copy of their own")
    ]


def test_what_is_empty_is_not_written_down():
    assert one("def f(): ...", "assert f()", "answer").told("a") == {
        "module": "a",
        "order": ["before", "t"],
        "tests": ["t"],
    }


def test_modules_that_this_side_has():
    assert is_here("import numpy as np", OWN)
    assert is_here("from os.path import join", OWN)
    assert is_here("ours", OWN)
    assert not is_here("import torch.nn as nn", OWN)
    assert not is_here("from matplotlib import pyplot", OWN)


def test_libraries_that_the_tests_need_are_named():
    cells = (
        cell("import numpy as np\nimport sklearn", "read-only", "given"),
        cell("import pandas as pd\nimport json\ndef f(): ...", "answer", "f"),
        cell("import scipy.stats\nassert np.all(pd.isna(f()))", "test", "t", 1),
    )
    listed = units(read_notebook(notebook(*cells), "a.ipynb"), Marks())
    assert needs(listed, ["t"], plan(listed, ["t"], OWN)) == ["numpy", "pandas", "scipy"]
