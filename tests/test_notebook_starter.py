"""What is written is a notebook by the schemas of nbformat and of nbgrader, and says what it is."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat.v3 import MetadataValidatorV3

from grader.notebook_starter import about, check, notebook
from grader.percent import Cell

CELLS = (
    about("Sums & more", "Adds numbers.\n\nRun it.", "sums.py"),
    Cell(id="imports", text="import math"),
    Cell(id="task-1", text="## Task 1", is_text=True),
    Cell(id="total", text="def total(xs):\n    ...", is_students=True),
    check(),
)
ROOT = Path(__file__).resolve().parents[1]


def valid(content):
    """Return the notebook, after both schemas have agreed to it."""
    document = nbformat.reads(content.decode(), as_version=4)
    nbformat.validate(document, relax_add_props=False)
    MetadataValidatorV3().validate_nb(document)
    return document


def test_it_is_valid_by_both_schemas():
    document = valid(notebook(CELLS))
    assert (document.nbformat, document.nbformat_minor) == (4, 5)
    assert [cell.id for cell in document.cells] == ["about", "imports", "task-1", "total", "check"]


def test_nbgrader_is_told_who_writes_where():
    told = [cell.metadata.nbgrader for cell in valid(notebook(CELLS)).cells]
    assert [entry["solution"] for entry in told] == [False, False, False, True, False]
    assert [entry["locked"] for entry in told] == [True, True, True, False, True]
    assert {(entry["schema_version"], entry["grade"], entry["task"]) for entry in told} == {
        (3, False, False)
    }


def test_the_same_cells_make_the_same_bytes_as_jupyter_would_save():
    content = notebook(CELLS)
    assert content == notebook(CELLS)
    again = nbformat.writes(valid(content))
    assert json.loads(again) == json.loads(content)
    assert content.decode() == again + "\n" * (not again.endswith("\n"))


def test_the_first_cell_says_what_the_notebook_is_for():
    text = "".join(json.loads(notebook(CELLS))["cells"][0]["source"])
    assert text.startswith("# Sums & more\n\nAdds numbers.\n\n")
    assert "`sums.py`" in text
    assert "Run it." not in text


def test_the_last_cell_checks_in_a_session_alone():
    assert 'if __name__ == "__main__":\n    !grader check' in CELLS[-1].text


@pytest.mark.parametrize("path", sorted(ROOT.glob("labs/*/*.ipynb")), ids=lambda path: path.name)
def test_the_notebooks_of_the_labs_are_valid(path):
    document = valid(path.read_bytes())
    assert document.cells[0].id == "about"
    assert all(not cell.outputs for cell in document.cells if cell.cell_type == "code")


def test_there_are_notebooks_to_be_asked_about():
    labs = {path.parent.name[:2] for path in ROOT.glob("labs/*/*.ipynb")}
    assert labs == {"02", "04", "09"}
