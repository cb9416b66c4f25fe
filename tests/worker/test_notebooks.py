"""A notebook is a module where the lab says so, and where there is no module of that name."""

from __future__ import annotations

import sys
import types

import pytest

from grader.worker import notebooks
from grader.worker.notebooks import NotebookFinder, find_notebooks, told_of
from tests.notebooks import notebook_of


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    (tmp_path / "stu.ipynb").write_bytes(notebook_of("x = 1"))
    return tmp_path


def found(folder, name="stu", places=None):
    return NotebookFinder(folder, places or {"stu": "stu.ipynb"}).find_spec(name)


def test_it_is_found_by_the_name_of_its_module(folder):
    spec = found(folder)
    assert (spec.name, spec.origin) == ("stu", str(folder / "stu.ipynb"))


@pytest.mark.parametrize("path", ["stu.py", "stu/__init__.py", "stu/anything"])
def test_a_module_or_a_package_of_that_name_comes_first(folder, path):
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text("")
    assert found(folder) is None


@pytest.mark.parametrize("name", ["other", "stu.part", "stu.ipynb", ""])
def test_other_names_are_left_to_others(folder, name):
    assert found(folder, name) is None


def test_a_notebook_that_is_not_there_is_not_found(folder):
    assert found(folder, places={"stu": "sub/stu.ipynb"}) is None


def test_it_may_lie_in_a_folder(folder):
    (folder / "sub").mkdir()
    (folder / "stu.ipynb").rename(folder / "sub" / "mine.ipynb")
    assert found(folder, places={"stu": "sub/mine.ipynb"}).origin.endswith("sub/mine.ipynb")


def test_a_lab_without_notebooks_has_no_finder(folder):
    before = list(sys.meta_path)
    find_notebooks(folder, {})
    assert sys.meta_path == before
    find_notebooks(folder, {"stu": "stu.ipynb"})
    assert isinstance(sys.meta_path[0], NotebookFinder)


def test_without_ipython_it_says_so(folder, monkeypatch):
    monkeypatch.setattr(notebooks, "_shell", lambda: None)
    find_notebooks(folder, {"a_student_s_notebook": "stu.ipynb"})
    with pytest.raises(ValueError, match="IPython is not installed"):
        __import__("a_student_s_notebook")
    assert "a_student_s_notebook" not in sys.modules


def test_modules_and_packages_are_told_as_they_are():
    module = types.ModuleType("m", "Says what it is.")
    assert told_of(module) == ["module", "Says what it is.", ""]
    module.__path__ = []
    assert told_of(module)[0] == "package"
    module.__first_failure__ = "x" * 5_000
    assert told_of(module) == ["notebook", "Says what it is.", "x" * 1_000]
    module.__first_failure__ = 7
    assert told_of(module)[0] == "package"
