"""A look at one's own notebook: which file counts, what is missing, what is wrong with it."""

from __future__ import annotations

import json

import pytest

from grader.errors import UngradableError
from grader.lab import Submit
from grader.notebook_building import print_of_cells
from grader.notebook_choice import print_of
from grader.notebook_handin import WrittenAs, choose, notes_on_notebooks
from grader.wire.notebooks import read_notebook
from tests.notebooks import code, notebook_of, text

CODE = b"def f(): ...\n"
CELLS = notebook_of(text("# Sums", "about"), code("import math", "imports"), code("", "f"))
MINE = notebook_of(code("import math", "imports"), code("def f(): return 1", "f"))
SUBMIT = Submit(
    required=("sums.py",),
    modules=("sums",),
    notebooks=(("sums", "sums.ipynb"),),
    starters=(
        ("sums.ipynb", print_of(CELLS)),
        ("sums.ipynb#cells", print_of_cells(read_notebook(CELLS, "x"))),
        ("sums.py", print_of(CODE)),
    ),
)


def chosen(module=None, notebook=None, written_as=None):
    files = {"sums.py": module, "sums.ipynb": notebook, "notes.md": b"x"}
    return sorted(choose({k: v for k, v in files.items() if v}, SUBMIT, written_as))


def test_the_one_that_was_worked_on_is_handed_in():
    assert chosen(CODE, MINE) == ["notes.md", "sums.ipynb"]
    assert chosen(b"mine", CELLS) == ["notes.md", "sums.py"]
    assert chosen(CODE, CELLS) == ["notes.md", "sums.py"]
    assert chosen(None, CELLS) == ["notes.md", "sums.ipynb"]
    assert chosen(b"mine") == ["notes.md", "sums.py"]


def test_a_notebook_that_was_only_run_and_saved_was_not_worked_on():
    document = json.loads(CELLS)
    document["metadata"] = {"language_info": {"version": "3.13"}}
    document["cells"][1] |= {"execution_count": 4}
    assert chosen(b"mine", json.dumps(document).encode()) == ["notes.md", "sums.py"]


@pytest.mark.parametrize("notebook", [MINE, b"{broken"])
def test_where_both_were_somebody_must_say(notebook):
    with pytest.raises(UngradableError) as caught:
        chosen(b"mine", notebook)
    assert caught.value.message == (
        "you have worked on sums.py and on sums.ipynb, and they are one task."
    )
    assert "--notebook, or --module" in caught.value.advice
    assert chosen(b"mine", notebook, WrittenAs.NOTEBOOK) == ["notes.md", "sums.ipynb"]
    assert chosen(b"mine", notebook, WrittenAs.MODULE) == ["notes.md", "sums.py"]


def test_saying_what_is_the_only_one_changes_nothing():
    assert chosen(b"mine", None, WrittenAs.NOTEBOOK) == ["notes.md", "sums.py"]


def noted(notebook, given=()):
    return list(notes_on_notebooks({"sums.ipynb": notebook}, SUBMIT, {"sums.ipynb": list(given)}))


def test_a_whole_notebook_needs_no_note():
    assert noted(MINE, ["imports"]) == []
    assert list(notes_on_notebooks({"sums.py": CODE}, SUBMIT, {})) == []


def test_cells_of_the_lab_that_are_gone_are_named():
    (note,) = noted(MINE, ["imports", "check", *"abcdef"])
    assert note.startswith(
        "sums.ipynb has lost cells that the lab gave you: check, a, b, c, d and 1 more"
    )
    assert "No points hang on the cells themselves" in note


def test_a_notebook_without_code_is_noted():
    assert noted(notebook_of(text("nothing"))) == ["sums.ipynb has no cell with code."]


@pytest.mark.parametrize(
    ("notebook", "said"),
    [
        (b"{", "it is broken JSON"),
        (notebook_of("x", nbformat=3), "its format is 3"),
        (notebook_of(code("x", "a"), code("y", "a")), "have the same id, 'a'"),
    ],
)
def test_what_cannot_be_read_is_refused_before_it_costs_anything(notebook, said):
    with pytest.raises(UngradableError) as caught:
        noted(notebook)
    assert caught.value.message.startswith("sums.ipynb cannot be read as a notebook: ")
    assert said in caught.value.message
