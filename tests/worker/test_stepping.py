"""A notebook that is run step by step: up to a cell, then on, with the course's cells in place."""

from __future__ import annotations

import pytest

import grader.worker.shell  # noqa: F401 - so that children need not import it
from grader.checker.session import Session
from grader.wire.notebooks import Cell
from grader.worker.stepping import arranged, grade_ids
from tests.checker.lines import LoopLine, settings
from tests.nbgrader_courses import cell, notebook, text

PLAN = {"order": ["a", "a_test", "b", "b_test"], "tests": ["a_test", "b_test"],
        "read_only": {}, "setup": {}}  # fmt: skip


def answer(source, name):
    return cell(source, "answer", name)


def its_test(source, name):
    return cell(source, "test", name, 1)


class Stepped:
    """A notebook in a worker's child."""

    def __init__(self, session):
        self.session = session

    def up_to(self, until, plan=PLAN):
        return self.session.request("step", plan, n="stu", until=until)

    def __getitem__(self, name):
        return self.session.modules.named("stu", name)


@pytest.fixture
def stepped(tmp_path):
    """Return a function that hands a notebook in."""
    lines = []

    def stepped(content, files=None):
        told = settings(modules=("stu",))
        handed = {"stu.ipynb": content} if content is not None else {}
        setup = {"modules": ["stu"], "notebooks": {"stu": "stu.ipynb"}, "remote_operators": False}
        line = LoopLine(tmp_path / f"w{len(lines)}", handed | (files or {"x.txt": "x"}), **setup)
        lines.append(line)
        session = Session(line, told)
        session.start_check()
        return Stepped(session)

    yield stepped
    for line in lines:
        line.close()


BOTH = notebook(
    cell("x = 1"),
    answer("y = x + 1", "a"),
    its_test("y = 'changed by the hand-in'", "a_test"),
    cell("x = 5"),
    answer("y = x + 1", "b"),
    its_test("assert False", "b_test"),
    cell("z = 1"),
)


def test_names_are_those_of_the_cells_above(stepped):
    notebook = stepped(BOTH)
    assert notebook.up_to("a_test") == ""
    assert (notebook["x"], notebook["y"]) == (1, 2)
    assert notebook.up_to("b_test", None) == ""
    assert (notebook["x"], notebook["y"]) == (5, 6)
    with pytest.raises(AttributeError):
        notebook["z"]


def test_nothing_is_run_twice_or_backwards(stepped):
    counted = notebook(
        answer("import os\nn = globals().get('n', 0) + 1", "a"), its_test("", "a_test")
    )
    made = stepped(counted)
    for until in ("a_test", "a_test", "a", "b_test"):
        made.up_to(until)
        assert made["n"] == 1


def test_a_child_that_knows_no_plan_says_so(stepped):
    assert stepped(BOTH).up_to("a_test", None) is None


def test_a_read_only_cell_is_put_back_wherever_it_was(stepped):
    plan = PLAN | {"order": ["given", *PLAN["order"]], "read_only": {"given": "limit = 3"}}
    changed = notebook(cell("limit = 99", "read-only", "given"), answer("y = limit", "a"))
    deleted = notebook(answer("y = limit", "a"))
    for content in (changed, deleted):
        made = stepped(content)
        made.up_to("a_test", plan)
        assert (made["limit"], made["y"]) == (3, 3)


def test_what_tests_prepare_for_cells_below_is_there(stepped):
    plan = PLAN | {"setup": {"a_test": "import math"}}
    made = stepped(notebook(answer("x = 1", "a"), answer("y = math.floor(2.5)", "b")))
    made.up_to("b_test", plan)
    assert made["y"] == 2


def test_of_two_cells_with_one_id_the_last_one_is_the_place(stepped):
    twice = notebook(
        answer("x = 1", "a"),
        its_test("seen = True", "a_test"),
        cell("x = 2"),
        its_test("never = True", "a_test"),
    )
    made = stepped(twice)
    made.up_to("a_test")
    assert (made["x"], made["seen"]) == (2, True)


def test_a_test_cell_that_was_deleted_has_its_place_after_its_answer(stepped):
    made = stepped(notebook(answer("x = 1", "a"), cell("x = 2"), answer("x = 3", "b")))
    made.up_to("a_test")
    assert made["x"] == 1
    made.up_to("b_test")
    assert made["x"] == 3


def test_which_cell_failed_first_is_told(stepped):
    made = stepped(notebook(answer("x = 1 / 0", "a"), answer("y = 2", "b")))
    assert made.up_to("a_test").endswith(": ZeroDivisionError: division by zero")
    assert "ZeroDivisionError" in made.up_to("b_test")
    assert made["y"] == 2


def test_magics_work_in_every_step(stepped):
    content = notebook(
        answer("%precision 3\nx = !echo one", "a"), answer("y = get_ipython() is not None", "b")
    )
    made = stepped(content)
    made.up_to("a_test")
    assert list(made["x"]) == ["one"]
    made.up_to("b_test")
    assert made["y"] is True


ODD = {
    "no metadata": notebook(cell("x = 1") | {"metadata": None}),
    "metadata of another kind": notebook(cell("x = 1") | {"metadata": {"nbgrader": [1]}}),
    "an id that is no text": notebook(cell("x = 1", "answer", "a", grade_id=7)),
    "texts": notebook(text("hello", "by hand", "a", 1), cell("x = 1")),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_metadata_make_a_cell_an_ordinary_one(stepped, case):
    made = stepped(ODD[case])
    made.up_to("b_test")
    assert made["x"] == 1


WRONG = {
    "none": (None, "was not handed in"),
    "no notebook": (b"x = 1", "broken JSON"),
    "version 3": (notebook(nbformat=3), "only format 4"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_notebook_is_told(stepped, case):
    content, said = WRONG[case]
    made = stepped(content)
    with pytest.raises(ValueError, match=said):
        made.up_to("a_test")


def test_cells_are_arranged_without_running_anything():
    cells = [Cell(number=n, id="", source=str(n)) for n in range(1, 4)]
    listed = list(zip(["b", "", "other"], cells, strict=True))
    assert [(name, each.source) for name, each in arranged(listed, ["a", "b", "c"])] == [
        ("a", ""),
        ("b", "1"),
        ("c", ""),
        ("", "2"),
        ("", "3"),
    ]
    assert list(grade_ids(BOTH)) == ["", "a", "a_test", "", "b", "b_test", ""]
