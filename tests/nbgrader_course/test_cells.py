"""An instructor's notebook: what is read of it, and one clear message for each way to be wrong."""

from __future__ import annotations

import json

import pytest

from grader.errors import LabError
from grader.nbgrader_course.cells import Role, joined, read_notebook
from tests.nbgrader_courses import cell, notebook, text

GOOD = notebook(
    text("# Squares"),
    cell("def f(): ...", "answer", "f"),
    cell("assert f() == 1", "test", "f_test", 1.5),
    text("Why?", "by hand", "why", 2),
    cell("limit = 3", "read-only", "limit"),
    text("Draw something.", "task", "draw", 4),
)


def test_each_cell_has_its_role_its_id_and_its_points():
    read = read_notebook(GOOD, "ps1/a.ipynb")
    assert [(each.role, each.id, each.points) for each in read.cells] == [
        (Role.FREE, "", 0.0),
        (Role.ANSWER, "f", 0.0),
        (Role.TEST, "f_test", 1.5),
        (Role.BY_HAND, "why", 2.0),
        (Role.READ_ONLY, "limit", 0.0),
        (Role.TASK, "draw", 4.0),
    ]
    assert read.cells[1].name == "cell 2 (f)"


def test_a_header_comes_before_the_body_and_cells_are_counted_anew():
    header = read_notebook(notebook(cell("NAME = ''")), "header.ipynb")
    whole = joined([header, read_notebook(GOOD, "a.ipynb"), read_notebook(notebook(), "none")])
    assert [each.number for each in whole.cells] == list(range(1, 8))
    assert whole.where == "a.ipynb"


def document(**fields):
    return json.dumps({"cells": [], "metadata": {}, "nbformat": 4} | fields).encode()


def _one(**told):
    return notebook(cell("assert True", "test", "t", **({"points": 1} | told)))


def raw(**fields):
    return document(cells=[{"cell_type": "code", "source": "", "metadata": {}} | fields])


WRONG = {
    "nothing": (b"", "broken JSON"),
    "broken": (GOOD[:-30], "broken JSON"),
    "not text": (b"\xff\xfe\x00", "not UTF-8"),
    "another JSON": (b"[1, 2]", "not that of a notebook"),
    "no version": (b"{}", "not that of a notebook"),
    "version 3": (document(nbformat=3), "format of this notebook is 3; only 4"),
    "version 5": (document(nbformat=5), "Save it with a Jupyter that writes format 4"),
    "a version in words": (document(nbformat="four"), "format of this notebook is four"),
    "deep": (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "too large"),
    "a huge number": (b'{"nbformat": 4, "n": ' + b"9" * 5_000 + b"}", "too large"),
    "no cells": (document(cells=None), "no list of cells"),
    "a cell that is none": (document(cells=[7]), "no cell of a notebook"),
    "an unknown kind": (raw(cell_type="widget"), "no cell of a notebook"),
    "a source that is none": (raw(source=[1]), "is no text"),
    "R": (document(metadata={"kernelspec": {"language": "R"}}), "written in R"),
    "julia": (document(metadata={"language_info": {"name": "julia"}}), "written in julia"),
    "metadata that are none": (raw(metadata={"nbgrader": [1]}), "nbgrader's metadata"),
    "old metadata": (_one(schema_version=2), "nbgrader update"),
    "very old metadata": (raw(metadata={"nbgrader": {"grade": True}}), "have version 0"),
    "new metadata": (_one(schema_version=4), "older than the nbgrader"),
    "no id": (_one(grade_id=None), "needs an id"),
    "an id with a space": (_one(grade_id="a b"), "needs an id of letters"),
    "an id with a path": (_one(grade_id="../x"), "needs an id of letters"),
    "no points": (_one(points=None), "needs points"),
    "negative points": (_one(points=-1), "needs points"),
    "points that are none": (_one(points=True), "needs points"),
    "endless points": (_one(points=float("inf")), "needs points"),
    "a graded text": (notebook(text("x", "test", "t", 1)), "neither code nor an answer"),
    "two cells with one id": (
        notebook(cell("1", "test", "t", 1), cell("2", "test", "t", 1)),
        "cells 1 and 2 have the same id, 't'",
    ),
    "too large": (b" " * (100 * 1024 * 1024), "has 100 MB; 16 MB are the limit"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_place(case):
    content, said = WRONG[case]
    with pytest.raises(LabError) as caught:
        read_notebook(content, "source/ps1/a.ipynb")
    assert said in str(caught.value)
    assert caught.value.where.startswith("source/ps1/a.ipynb")


def test_ids_of_free_cells_may_come_twice():
    free = {"schema_version": 3, "grade": False, "solution": False, "locked": False}
    cells = [cell("1"), cell("2")]
    for each in cells:
        each["metadata"]["nbgrader"] = free | {"grade_id": "same"}
    assert [each.role for each in read_notebook(notebook(*cells), "a").cells] == [Role.FREE] * 2
