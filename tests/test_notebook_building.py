"""A notebook is made of what is left of the source without its solution; starters are recorded."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace

import pytest

from grader.building import Source, build_folder, starters
from grader.errors import LabError, ManifestError, MarkerError
from grader.lab import Submit
from grader.notebook_building import (
    print_of_cells,
    read_record,
    solved_notebook,
    starter_notebook,
)
from grader.notebook_choice import print_of
from grader.wire.notebooks import read_notebook
from tests.test_percent import SOURCE

SUBMIT = Submit(required=("sums.py",), modules=("sums",), notebooks=(("sums", "sums.ipynb"),))


@pytest.fixture
def source(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "sums.py").write_text(SOURCE)
    return Source(folder=tmp_path / "source", submit=SUBMIT, title="Sums")


def code_of(content):
    return "\n\n".join(cell.source for cell in read_notebook(content, "x").cells)


def test_module_notebook_and_record_come_from_one_source(source):
    made = starters(source)
    assert list(made) == ["sums.py", "sums.ipynb", "starter.toml"]
    assert b"# %% " not in made["sums.py"].replace(b"    # %% this is no cell", b"")
    assert b"fsum" not in b"".join(made.values())


def test_the_notebook_holds_what_the_module_holds(source):
    made = starters(source)
    module, notebook = {}, {}
    exec(made["sums.py"], module)
    code = code_of(made["sums.ipynb"]).replace("!grader check", "pass")
    exec(code, notebook)
    assert {"math", "total"} <= module.keys() & notebook.keys()
    assert made["sums.py"].decode().count("def total") == code.count("def total") == 1


def test_the_solution_as_a_notebook_solves(source):
    space = {}
    solved = solved_notebook(SOURCE, "source/sums.py", "Sums")
    exec(code_of(solved).replace("!grader check", "pass"), space)
    assert space["total"]([1, 2]) == 3
    assert "`sums.py`" in "".join(json.loads(solved)["cells"][0]["source"])


def test_the_record_says_how_the_starters_looked(source):
    made = starters(source)
    prints, given = read_record(made["starter.toml"], "starter.toml")
    assert prints == {
        "sums.py": print_of(made["sums.py"]),
        "sums.ipynb": print_of(made["sums.ipynb"]),
        "sums.ipynb#cells": print_of_cells(read_notebook(made["sums.ipynb"], "x")),
    }
    assert given == {"sums.ipynb": ["imports", "check"]}


def test_the_print_of_cells_is_of_their_code_alone(source):
    made = json.loads(starters(source)["sums.ipynb"])
    before = print_of_cells(read_notebook(json.dumps(made).encode(), "x"))
    for cell in made["cells"]:
        cell["metadata"] = {"collapsed": True}
        cell["source"] = [line.replace("math", "math  ") for line in cell["source"]]
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 3, "outputs": [{"output_type": "stream", "text": "x"}]}
    assert print_of_cells(read_notebook(json.dumps(made).encode(), "x")) == before
    made["cells"][-2]["source"] = ["x = 1"]
    assert print_of_cells(read_notebook(json.dumps(made).encode(), "x")) != before


def test_building_twice_changes_nothing_and_check_writes_nothing(source, tmp_path):
    public = tmp_path / "public"
    public.mkdir()
    assert len(build_folder(source, public, check=True)) == 3
    assert list(public.iterdir()) == []
    assert [change.what for change in build_folder(source, public)] == ["created"] * 3
    assert build_folder(source, public) == []
    (public / "sums.ipynb").write_text("{}")
    (change,) = build_folder(source, public, check=True)
    assert (change.path.name, change.what) == ("sums.ipynb", "updated")


def test_labs_without_notebooks_have_no_record_and_keep_lines_that_look_like_cells(source):
    plain = replace(source, submit=replace(SUBMIT, notebooks=()))
    made = starters(plain)
    assert list(made) == ["sums.py"]
    assert b"# %% imports" in made["sums.py"]


def test_a_notebook_beside_its_module_in_the_source_is_refused(source):
    (source.folder / "sums.ipynb").write_text("{}")
    with pytest.raises(LabError) as caught:
        starters(replace(source, given=("sums.ipynb",)))
    assert "'sums.ipynb' is made from sums.py" in caught.value.message


def test_code_before_the_first_cell_is_refused():
    with pytest.raises(MarkerError) as caught:
        starter_notebook(SOURCE.replace("# %% imports\n", ""), "sums.py", "Sums")
    assert "before the first cell there is room for a docstring" in caught.value.message


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"prints =", b"", b"prints = 7\ngiven = 8", b"[prints]\n[given]\nx = 7"],
)
def test_a_record_that_is_none_is_refused(content):
    with pytest.raises(ManifestError) as caught:
        read_record(content, "labs/02/starter.toml")
    assert caught.value.where == "labs/02/starter.toml"
    assert caught.value.advice == "Run: grader build"


def test_no_record_is_no_knowledge():
    assert read_record(None, "x") == ({}, {})


def test_the_record_is_toml(source):
    assert set(tomllib.loads(starters(source)["starter.toml"].decode())) == {"prints", "given"}
