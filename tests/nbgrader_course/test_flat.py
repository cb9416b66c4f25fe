"""Answers of a notebook as one text, for liars and mutants; and back into their cells."""

from __future__ import annotations

from dataclasses import replace

from grader.lab import Lab, Origin, Submit
from grader.liars import liars_of
from grader.mutants import Orchard
from grader.nbgrader_course.cells import read_notebook
from grader.nbgrader_course.flat import flat, flattened, folded, with_answers
from grader.submission import Bundle
from tests.nbgrader_courses import cell, notebook

CONTENT = notebook(
    cell("import math", "read-only", "setup"),
    cell(
        "def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION", "answer", "f"
    ),
    cell("assert f(1) == 2", "test", "t", 1),
    cell("def g(x):\n    return x * 2", "answer", "g"),
    cell("%time g(1)", "answer", "magic"),
)
LAB = Lab(
    slug="a",
    title="A",
    submit=Submit(modules=("a",), notebooks=(("a", "a.ipynb"),)),
    origin=Origin(name="a"),
)
BUNDLE = Bundle.of({"a.ipynb": CONTENT})


def sources(content):
    return [each.source for each in read_notebook(content, "a").cells]


def test_the_text_has_the_answers_that_are_python_and_marks_around_them():
    text = flattened(CONTENT)
    assert text.count("### BEGIN SOLUTION") == text.count("### END SOLUTION") == 2
    assert "return x + 1" in text
    assert "return x * 2" in text
    assert "assert" not in text
    assert "%time" not in text


def test_a_changed_text_goes_back_into_its_cells():
    made = with_answers(CONTENT, flattened(CONTENT).replace("x * 2", "x * 3"))
    assert "return x * 3" in sources(made)[3]
    assert sources(made)[:3] == sources(CONTENT)[:3]
    assert sources(made)[4] == "%time g(1)"


def test_a_text_of_another_shape_goes_into_the_first_answer():
    made = with_answers(CONTENT, "def f(x): return None\ndef g(x): return None")
    assert sources(made)[1] == "def f(x): return None\ndef g(x): return None"
    assert sources(made)[3] == ""


def test_a_notebook_without_answers_stays_as_it_is():
    empty = notebook(cell("x = 1"))
    assert sources(with_answers(empty, "y = 2")) == ["x = 1"]


def test_every_mutant_of_the_answers_is_a_notebook():
    mutants = Orchard(flat(BUNDLE, LAB)).sample(5, seed=1)
    assert mutants
    for mutant in mutants:
        files = folded(mutant.bundle(BUNDLE), LAB).as_dict()
        assert list(files) == ["a.ipynb"]
        assert sources(files["a.ipynb"]) != sources(CONTENT)


def test_every_liar_is_a_notebook():
    liars = liars_of(flat(BUNDLE, LAB), BUNDLE, ("a",))
    assert len(liars) > 10
    for liar in liars:
        assert list(folded(liar.bundle, LAB).as_dict()) == ["a.ipynb"]


def test_a_lab_that_was_not_imported_is_left_alone():
    ours = replace(LAB, origin=None)
    assert flat(BUNDLE, ours) is BUNDLE
    assert folded(BUNDLE, ours) is BUNDLE
