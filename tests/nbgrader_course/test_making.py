"""A lab made of notebooks: its files, its points, and a row for each cell with points."""

from __future__ import annotations

import ast
import json
import tomllib

import pytest

from grader.errors import LabError
from grader.nbgrader_course.making import Fate
from tests.nbgrader_course.rich import RICH
from tests.nbgrader_courses import cell, course, made_of, notebook, text

ANSWER = cell("def f(): ...", "answer", "f")


def made(tmp_path, *cells, **files):
    folder = {"a.ipynb": notebook(*cells)} if cells else {}
    return made_of(course(tmp_path / "course", ps1=folder | files))


def checks_of(lab):
    return [
        (each["id"], each["points"], each.get("cell"))
        for each in tomllib.loads(lab.public["lab.toml"].decode())["check"]
    ]


def test_every_cell_with_points_has_a_row(tmp_path):
    lab = made(
        tmp_path,
        ANSWER,
        cell("assert f()", "test", "f-test", 1),
        cell("%run x\nassert f()", "test", "odd", 2),
        text("Why?", "by hand", "why", 3),
        text("Draw.", "task", "draw", 4),
    )
    assert [(row.cell, row.points, row.fate, row.checks) for row in lab.rows] == [
        ("f-test", 1, Fate.CHECK, ("f_test",)),
        ("odd", 2, Fate.NOT_SUPPORTED, ()),
        ("why", 3, Fate.BY_HAND, ()),
        ("draw", 4, Fate.BY_HAND, ()),
    ]
    assert checks_of(lab) == [("f_test", 1, "a/f-test")]
    assert "A person gives up to 9 more points" in lab.public["README.md"].decode()


def test_hidden_tests_are_nowhere_in_what_students_receive(tmp_path):
    lab = made_of(course(tmp_path, ps2={"main.ipynb": RICH}))
    shown = b"\n".join(lab.public.values()).decode()
    for line in ("close(area(2)", "np.isclose(area", '"Hello, Ben!"', "return pi * r"):
        assert line not in shown
        assert line in b"\n".join(lab.private.values()).decode().replace('\\"', '"')
    assert ("area_test_shown", 0, None) in checks_of(lab)
    assert ("area_test", 4, "main/area_test") in checks_of(lab)


def test_points_are_whole_numbers_in_all(tmp_path):
    lab = made(
        tmp_path,
        ANSWER,
        cell("assert f()", "test", "a", 0.25),
        cell("assert f()", "test", "b", 1),
        cell("assert f()", "test", "c", 0),
    )
    assert lab.scale == 4
    assert [points for _, points, _ in checks_of(lab)] == [1, 4, 0]


def test_partial_credit_is_a_check_for_each_step(tmp_path):
    lab = made(tmp_path, ANSWER, cell("score = f()\nscore", "test", "s", 3))
    assert checks_of(lab) == [(f"s_{n}", 1, "a/s") for n in (1, 2, 3)]
    assert lab.rows[0].why == "partial credit in 3 steps"


def test_many_steps_are_one_check(tmp_path):
    lab = made(tmp_path, ANSWER, cell("score = f()\nscore", "test", "s", 50))
    assert checks_of(lab) == [("s", 50, "a/s")]
    assert "out_of=50" in lab.public["test_public_a.py"].decode()


def test_ids_that_two_notebooks_share_have_their_notebooks_name(tmp_path):
    both = notebook(ANSWER, cell("assert f()", "test", "t", 1))
    lab = made(tmp_path, **{"a.ipynb": both, "b.ipynb": both})
    assert [check for check, _, _ in checks_of(lab)] == ["a_t", "b_t"]
    manifest = tomllib.loads(lab.public["lab.toml"].decode())
    assert manifest["submit"]["optional"] == ["a.ipynb", "b.ipynb"]
    assert "required" not in manifest["submit"]


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("Problem Set 1.ipynb", "Problem_Set_1"),
        ("01-squares.ipynb", "notebook_01_squares"),
        ("statistics.ipynb", "statistics_notebook"),
        ("class.ipynb", "class_notebook"),
        ("数.ipynb", "notebook"),
    ],
)
def test_a_notebook_gets_a_name_that_python_can_import(tmp_path, file, module):
    lab = made(tmp_path, **{file: notebook(ANSWER, cell("assert f()", "test", "t", 1))})
    told = tomllib.loads(lab.public["lab.toml"].decode())["submit"]
    assert told["notebooks"] == {module: file}
    assert told["modules"] == [module]


def test_other_files_are_given_and_taken_names_are_told(tmp_path):
    lab = made(
        tmp_path,
        ANSWER,
        cell("import ours\nassert ours.ok(f())", "test", "t", 1),
        **{
            "ours.py": b"def ok(x): return True\n",
            "data/n.csv": b"1\n",
            "test_old.py": b"",
            "conftest.py": b"",
        },
    )
    manifest = tomllib.loads(lab.public["lab.toml"].decode())
    assert manifest["build"]["given"] == ["ours.py"]
    assert {"ours.py", "data/n.csv"} <= set(lab.public)
    assert [note.partition(":")[0] for note in lab.notes] == ["conftest.py", "test_old.py"]


LACKING = {
    "in the test": (cell("import torch\nassert torch.f(f())", "test", "t", 1), "torch"),
    "in a function": (cell("def g():\n    import torch\nassert g()", "test", "t", 1), "torch"),
    "in an answer": (cell("assert plt.gca()", "test", "t", 1), "matplotlib"),
}


@pytest.mark.parametrize("case", LACKING)
def test_a_library_that_the_trusted_side_lacks_is_named(tmp_path, case):
    test, name = LACKING[case]
    students = cell("import matplotlib.pyplot as plt\ndef f(): ...", "answer", "f")
    lab = made(tmp_path, students, test, cell("assert f()", "test", "good", 1))
    assert lab.rows[0].fate is Fate.NOT_SUPPORTED
    assert lab.rows[0].why == f"it uses {name}, which the trusted side does not have"


NOTHING = {
    "no test cells": ([ANSWER], "no test cell with points"),
    "no points": ([ANSWER, cell("assert f()", "test", "t", 0)], "no test cell with points"),
    "only by hand": ([text("Why?", "by hand", "why", 3)], "no test cell with points"),
    "only others": ([cell("### AUTOTEST f()", "test", "t", 1)], "AUTOTEST"),
    "endless points": ([cell("assert f()", "test", "t", 1 / 3)], "two decimal places"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_where_nothing_could_be_graded_no_lab_is_made(tmp_path, case):
    cells, said = NOTHING[case]
    with pytest.raises(LabError) as caught:
        made(tmp_path, *cells)
    assert said in str(caught.value)


def test_test_files_are_python_and_the_notebook_is_one(tmp_path):
    lab = made_of(course(tmp_path, ps2={"main.ipynb": RICH}))
    for path, content in (lab.public | lab.private).items():
        if path.endswith(".py"):
            ast.parse(content)
        elif path.endswith(".ipynb"):
            assert json.loads(content)["nbformat"] == 4
