"""`grader import nbgrader`: the table, the report, exit codes, one message for a mistake."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import call
from tests.nbgrader_courses import cell, course, notebook, plain, text

HIDDEN = "assert f()\n### BEGIN HIDDEN TESTS\nassert f() == 1\n### END HIDDEN TESTS"
GOOD = notebook(
    cell("def f(): ...", "answer", "f"),
    cell("assert f()", "test", "f_test", 1.5),
    cell(HIDDEN, "test", "h", 1),
    text("Why?", "by hand", "why", 3),
)  # fmt: skip
ODD = notebook(
    cell("def f(): ...", "answer", "f"),
    cell("assert f()", "test", "good", 1),
    cell("%run other.py", "test", "odd", 2),
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_HOME", raising=False)
    return course(tmp_path / "course101", ps1={"a.ipynb": GOOD})


def imported(*words):
    done = call("import", "nbgrader", *words)
    return done.exit_code, plain(done.output)


def test_a_course_becomes_labs_and_a_table_says_what_of_it(root):
    code, said = imported(root)
    assert code == 0, said
    for line in (
        "ps1: labs/01-ps1, solutions/01-ps1",
        "2.5 points by checks; 3 by hand, in formgrader as before.",
        "1 point of the course is 2.",
    ):
        assert line in " ".join(said.split())
    rows = [line.split() for line in said.splitlines() if line.startswith("a.ipynb")]
    assert rows == [
        ["a.ipynb", "f_test", "1.5", "check", "f_test"],
        ["a.ipynb", "h", "1", "hidden", "check", "h"],
        ["a.ipynb", "why", "3", "by", "hand"],
    ]
    assert (root.parent / "labs" / "01-ps1" / "lab.toml").is_file()


def test_the_imported_lab_can_be_graded_at_once(root):
    imported(root)
    done = call("grade", "01", "solutions/01-ps1/source", "--sandbox", "process", "--json")
    told = json.loads(done.stdout)
    assert (told["earned"], told["out_of"]) == (0, 5), told  # `f` of the source gives None


def test_what_cannot_be_graded_here_is_named_and_ends_with_1(root):
    course(root, ps2={"b.ipynb": ODD})
    code, said = imported(root, "--only", "ps2")
    assert code == 1
    words = " ".join(said.split())
    assert "1 points by checks; 2 cannot be graded here." in words
    assert "b.ipynb, cell odd: line 1 is %run, which only a notebook's kernel knows." in words
    assert not (root.parent / "labs" / "01-ps1").exists()


def test_the_report_is_there_as_json(root):
    done = call("import", "nbgrader", root, "--json")
    (told,) = json.loads(done.stdout)
    assert (told["name"], told["lab"], told["scale"]) == ("ps1", "01-ps1", 2)
    assert [each["fate"] for each in told["cells"]] == ["check", "check", "by hand"]
    assert [each["hidden"] for each in told["cells"]] == [False, True, False]


def test_a_second_time_needs_a_word(root):
    imported(root)
    code, said = imported(root)
    assert (code, "was imported before" in said) == (2, True)
    assert imported(root, "--replace")[0] == 0


WRONG = {
    "no course": (["nowhere"], 2, "this is no nbgrader course"),
    "no such name": (["course101", "--only", "ps9"], 2, "Folders with notebooks are: ps1."),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_told_and_nothing_is_written(root, case):
    words, code, said = WRONG[case]
    told = imported(*words)
    assert told[0] == code
    assert said in " ".join(told[1].split())
    assert not (root.parent / "labs").exists()


def test_a_broken_notebook_is_told_with_its_line_and_nothing_is_written(root):
    course(root, ps2={"b.ipynb": GOOD[:-20]})
    code, said = imported(root)
    assert code == 3
    assert "source/ps2/b.ipynb:" in said
    assert "broken JSON" in said
    assert not (root.parent / "labs").exists()


def test_other_formats_are_not_there(root):
    assert call("import", "otter", root).exit_code == 2
    assert "nbgrader" in plain(call("import", "--help").output)


@pytest.mark.parametrize(
    "words", [["--student", "ada"], ["--zip"], ["--whose", "x"], ["--cohort", "x"]]
)
def test_the_exchange_takes_no_copies_of_single_students(root, words):
    imported(root)
    done = call("release", "01", "--nbgrader", root, *words)
    assert done.exit_code == 2
    assert "the same copy to everybody" in done.output


def test_the_exchange_gets_a_folder_and_the_next_command(root):
    imported(root)
    done = call("release", "01", "--nbgrader", root)
    assert done.exit_code == 0, done.output
    assert "nbgrader release_assignment ps1" in plain(done.output)
    (root / "release" / "ps1" / "a.ipynb").write_text("mine")
    assert call("release", "01", "--nbgrader", root).exit_code == 1
    assert (root / "release" / "ps1" / "a.ipynb").read_text() == "mine"


def test_nothing_of_nbgrader_is_needed_to_import(root):
    """The command runs where nbgrader, nbformat and IPython cannot be imported at all."""
    blocked = "import sys\nfor name in ('nbgrader', 'nbformat', 'nbconvert', 'IPython'):\n"
    blocked += "    sys.modules[name] = None\nfrom grader.cli.main import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", blocked, "import", "nbgrader", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
