"""What students receive: nothing of solutions, hidden tests and mark schemes."""

from __future__ import annotations

import json

import pytest

from grader.errors import MarkerError
from grader.nbgrader_course.cells import read_notebook
from grader.nbgrader_course.regions import Marks, starter, whole, without
from tests.nbgrader_courses import cell, notebook, text

SOLVED = "def f(x):\n    ### BEGIN SOLUTION\n    return SECRET\n    ### END SOLUTION\n"
TESTED = "assert f(1) == 1\n### BEGIN HIDDEN TESTS\nassert f(2) == SECRET\n### END HIDDEN TESTS"
TASK = "Draw.\n### BEGIN MARK SCHEME\n1 point for SECRET\n### END MARK SCHEME"


def made(*cells, marks=None):
    read = read_notebook(notebook(*cells), "a.ipynb")
    return json.loads(starter(read, marks or Marks()))["cells"]


def sources(cells):
    return ["".join(each["source"]) for each in cells]


def test_regions_are_taken_out_and_stubs_stand_in_their_place():
    cells = made(
        cell(SOLVED, "answer", "f"),
        cell("return SECRET", "answer", "g"),
        cell(TESTED, "test", "t", 1),
        text("SECRET", "by hand", "h", 1),
        text(TASK, "task", "k", 1),
    )
    told = sources(cells)
    assert not any("SECRET" in each for each in told)
    assert told[0] == "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert told[1] == "# YOUR CODE HERE\nraise NotImplementedError()"
    assert told[2] == "assert f(1) == 1"
    assert told[3] == "YOUR ANSWER HERE"
    assert told[4] == "Draw."


def test_a_course_may_use_words_of_its_own():
    marks = Marks(solution=("<answer>", "</answer>"), code_stub="...")
    cells = made(cell("x = (\n# <answer>\n7\n# </answer>\n)", "answer", "x"), marks=marks)
    assert sources(cells) == ["x = (\n...\n)"]


def test_outputs_are_left_out_and_cells_are_protected():
    printed = cell("print(1)") | {"outputs": [{"output_type": "stream"}], "execution_count": 3}
    cells = made(printed, cell("assert 1", "test", "t", 1), cell("x = 1", "answer", "x"))
    assert cells[0]["outputs"] == []
    assert cells[0]["execution_count"] is None
    assert cells[1]["metadata"]["editable"] is False
    assert "editable" not in cells[2]["metadata"]
    assert len(cells[1]["metadata"]["nbgrader"]["checksum"]) == 32


def test_the_whole_notebook_keeps_everything_but_outputs():
    read = read_notebook(notebook(cell(SOLVED, "answer", "f")), "a.ipynb")
    assert "SECRET" in whole(read).decode()
    again = read_notebook(whole(read), "a.ipynb")
    assert [each.source for each in again.cells] == [each.source for each in read.cells]


WRONG = {
    "a solution in a free cell": (cell(SOLVED), "a cell that is no answer"),
    "a solution in a test": (cell(SOLVED, "test", "t", 1), "a cell that is no answer"),
    "hidden tests in a free cell": (cell(TESTED), "a cell that is no test"),
    "a scheme in a free cell": (text(TASK), "a cell that is no task"),
    "no end": (cell("### BEGIN SOLUTION\nx = 1", "answer", "x"), "has no END SOLUTION"),
    "one in another": (
        cell("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "answer", "x"),
        "inside another one",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_marks_that_do_not_pair_up_are_told_with_their_cell(case):
    wrong, said = WRONG[case]
    with pytest.raises(MarkerError, match=said) as caught:
        made(wrong)
    assert caught.value.where.startswith("a.ipynb, cell 1")


def test_an_end_without_a_beginning_is_a_line_that_goes():
    assert without("a\n### END SOLUTION\nb", Marks().solution, "here") == ("a\nb", False)
