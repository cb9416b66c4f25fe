"""Of a module and its notebook the one that was worked on counts; nothing is opened to find out."""

from __future__ import annotations

import pytest

from grader.lab import Submit
from grader.notebook_choice import (
    both_worked_on,
    counted,
    files_of,
    is_untouched,
    module_of,
    print_of,
    stands_in,
)

CODE = b"def f():\n    raise NotImplementedError\n"
CELLS = b'{"nbformat": 4,\n "cells": []}\n'
SUBMIT = Submit(
    required=("quality.py",),
    modules=("quality", "other"),
    notebooks=(("quality", "quality.ipynb"),),
    starters=(("quality.py", print_of(CODE)), ("quality.ipynb", print_of(CELLS))),
)
MINE = b"mine"


def kept(**files):
    named = {name.replace("_", "."): content for name, content in files.items()}
    return sorted(counted(named, SUBMIT)), both_worked_on(named, SUBMIT)


def test_a_module_alone_and_a_notebook_alone_count():
    assert kept(quality_py=MINE) == (["quality.py"], "")
    assert kept(quality_ipynb=MINE) == (["quality.ipynb"], "")
    assert kept(quality_py=CODE) == (["quality.py"], "")
    assert kept(quality_ipynb=CELLS) == (["quality.ipynb"], "")
    assert kept(notes_md=MINE) == (["notes.md"], "")


def test_the_starter_of_the_other_does_not_count():
    assert kept(quality_py=CODE, quality_ipynb=MINE) == (["quality.ipynb"], "")
    assert kept(quality_py=MINE, quality_ipynb=CELLS) == (["quality.py"], "")


def test_of_two_starters_the_module_is_taken():
    assert kept(quality_py=CODE, quality_ipynb=CELLS) == (["quality.py"], "")


def test_two_that_were_worked_on_are_named():
    files, said = kept(quality_py=MINE, quality_ipynb=MINE)
    assert files == ["quality.ipynb", "quality.py"]
    assert said == (
        "quality.py and quality.ipynb are both there, and they are one task. Hand in one of them."
    )


def test_line_endings_of_another_system_are_no_work():
    windows = CODE.replace(b"\n", b"\r\n")
    assert kept(quality_py=windows, quality_ipynb=MINE) == (["quality.ipynb"], "")
    assert is_untouched("quality.py", {"quality.py": windows}, SUBMIT)


def test_a_package_is_a_module_too():
    files = {"quality/__init__.py": MINE, "quality/a.py": MINE, "quality.ipynb": MINE}
    assert "quality/__init__.py and quality.ipynb" in both_worked_on(files, SUBMIT)
    assert sorted(counted(files | {"quality.ipynb": CELLS}, SUBMIT)) == [
        "quality/__init__.py",
        "quality/a.py",
    ]


def test_without_a_record_nothing_is_known_to_be_untouched():
    bare = Submit(modules=("quality",), notebooks=(("quality", "quality.ipynb"),))
    assert both_worked_on({"quality.py": CODE, "quality.ipynb": CELLS}, bare)


def test_a_lab_without_notebooks_keeps_everything():
    files = {"quality.py": CODE, "quality.ipynb": MINE}
    plain = Submit(required=("quality.py",), modules=("quality",))
    assert (counted(files, plain), both_worked_on(files, plain)) == (files, "")


@pytest.mark.parametrize(
    ("path", "notebook"),
    [
        ("quality.py", "quality.ipynb"),
        ("quality/__init__.py", "quality.ipynb"),
        ("other.py", ""),
        ("notes.md", ""),
    ],
)
def test_what_a_notebook_stands_in_for(path, notebook):
    assert stands_in(path, SUBMIT) == notebook


def test_the_files_of_a_module():
    paths = ["quality.py", "quality/a.py", "quality.ipynb", "quality2.py", "src/quality.py"]
    assert files_of("quality", paths) == ("quality.py", "quality/a.py")
    assert [module_of(path) for path in paths[:2]] == ["quality", "quality"]
