"""Standings from a results folder; and Gradescope's autograder, run in a made-up /autograder."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sysconfig
import venv
import zipfile
from datetime import timedelta

import pytest

from grader.cohort import Cohort
from grader.errors import UsageError
from grader.exporting import Telling, autograder_files, standings
from grader.formats.autograder import autograder_zip
from grader.grade import LatePolicy, LateRule, Policy, State
from grader.identity import Student
from grader.library import Library
from grader.outcome import Verdict
from grader.results import Results
from grader.scaffold import new
from tests.cli.conftest import RIGHT, WRONG
from tests.formats.published import GRADESCOPE, problems
from tests.pretend import NOON, Grader, batch, graded, hand_in, lab_of

COHORT = Cohort(
    students=(Student(id="ann"), Student(id="absent", name="Absent")),
    deadlines={"09-pretend": NOON},
    policy=Policy(late=LatePolicy(rule=LateRule.ZERO)),
)


def told(folder, cohort=None, **more):
    made = standings(Results.read(folder), lab_of(), cohort, Telling(), **more)
    return {each.student.id: each for each in made}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "results"
    hands = tmp_path / "hand-ins"
    found = [
        hand_in(hands, "ann", "a b c", at=-10),
        hand_in(hands, "bob", "ungradable"),
        hand_in(hands, "cleo", "broken"),
        hand_in(hands, "dan", "a", at=90),
    ]
    batch(place, found, Grader())
    return place


def test_a_standing_has_the_grade_of_the_rules_and_the_run_that_counts(folder):
    found = told(folder, COHORT)
    assert {who: each.grade.state for who, each in found.items()} == {
        "ann": State.GRADED,
        "absent": State.ABSENT,
        "bob": State.UNGRADABLE,
        "cleo": State.PENDING,
        "dan": State.GRADED,
    }
    assert (found["dan"].points, found["dan"].report.earned) == (0, 10)
    assert found["dan"].grade.late_by == timedelta(minutes=90)
    assert found["ann"].report.verdict is Verdict.GRADED
    assert found["cleo"].points is found["cleo"].report.earned is None
    assert found["absent"].report is None
    assert found["absent"].student.name == "Absent"


def test_the_best_attempt_is_the_one_that_is_told(folder):
    with Results.open(folder, lab_of(), clock=lambda: NOON) as results:
        graded(results, "ann", "a", minutes=5)
    best = told(folder)["ann"]
    assert (best.grade.attempt, best.points, best.report.earned) == (1, 30, 30)


def test_one_student_can_be_asked_for_and_an_unknown_one_is_said(folder):
    assert set(told(folder, only=["bob"])) == {"bob"}
    with pytest.raises(UsageError, match="there is no student 'bop'") as caught:
        told(folder, only=["bop"])
    assert "'bob'" in str(caught.value)


# -- Gradescope's autograder -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def autograder(tmp_path_factory):
    """Return a made-up /autograder in which the zip of a small lab was unpacked and set up."""
    home = tmp_path_factory.mktemp("course")
    new(home, "07-columns", "How full is a column?")
    lab = Library(home).load("07-columns")
    root = tmp_path_factory.mktemp("autograder")
    archive = zipfile.ZipFile(io.BytesIO(autograder_zip(autograder_files(lab), lab.lab.slug)))
    archive.extractall(root / "source")
    (root / "results").mkdir()
    (root / "submission").mkdir()
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    # setup.sh installs from the network; here the same packages are borrowed, but for the grader,
    # which comes from the zip.
    venv.create(root / "venv", with_pip=False, symlinks=True)
    site = next((root / "venv" / "lib").glob("python*/site-packages"))
    borrowed = sysconfig.get_path("purelib")
    (site / "borrowed.pth").write_text(f"{root / 'source'}\n{borrowed}\n")
    return root


def run_autograder(root, text, name="column.py", **environment):
    for path in [*(root / "submission").iterdir(), *(root / "results").iterdir()]:
        path.unlink()
    (root / "submission" / name).write_text(text)
    done = subprocess.run(
        ["bash", str(root / "run_autograder")],
        env={"AUTOGRADER": str(root), "PATH": os.defpath, "HOME": str(root), **environment},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    results = root / "results" / "results.json"
    return done, json.loads(results.read_text()) if results.exists() else None


def test_the_zip_holds_what_grading_needs_and_no_example_submissions(autograder):
    source = autograder / "source"
    names = {path.relative_to(source).as_posix() for path in source.rglob("*")}
    assert {"setup.sh", "run_autograder", "requirements.txt", "pyproject.toml"} <= names
    assert "solutions/07-columns/test_hidden.py" in names
    assert not any("submissions" in name for name in names)
    probe = "import grader; print(grader.__file__)"
    python = autograder / "venv" / "bin" / "python"
    done = subprocess.run([python, "-I", "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(source))


def test_the_autograder_grades_a_right_and_a_wrong_hand_in(autograder):
    done, right = run_autograder(autograder, RIGHT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert right["score"] == sum(test["max_score"] for test in right["tests"]) > 0
    done, wrong = run_autograder(autograder, WRONG)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 0 < wrong["score"] < right["score"]
    assert wrong["score"] == sum(test["score"] for test in wrong["tests"])
    assert "Graded without isolation" in wrong["output"]
    for made in (right, wrong):
        assert problems(json.dumps(made).encode(), GRADESCOPE) == []


def test_the_autograder_says_what_is_missing_and_gives_no_number(autograder):
    done, told_ = run_autograder(autograder, "x = 1\n", name="other.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "score" not in told_
    assert "column.py is missing" in told_["tests"][0]["output"]


def test_our_fault_leaves_no_results_behind(autograder):
    hidden = autograder / "source" / "solutions" / "07-columns" / "test_hidden.py"
    whole = hidden.read_text()
    hidden.write_text("def broken(:\n")
    try:
        done, told_ = run_autograder(autograder, RIGHT)
    finally:
        hidden.write_text(whole)
    assert (done.returncode, told_) == (3, None)
    assert "This is not the student's fault." in done.stdout
    for surroundings in ({"TMPDIR": "/dev/null/nowhere"}, {"GRADER_PYTHON": "/bin/false"}):
        done, told_ = run_autograder(autograder, RIGHT, **surroundings)
        assert done.returncode != 0
        assert told_ is None


def test_a_hostile_hand_in_that_prints_a_result_earns_nothing_by_it(autograder):
    forged = 'import json, sys\nprint(json.dumps({"score": 100}))\nsys.exit(0)\n'
    done, told_ = run_autograder(autograder, forged)
    assert done.returncode == 0, done.stdout + done.stderr
    assert told_["score"] == 0


def test_the_zip_is_made_from_a_checkout(monkeypatch, tmp_path):
    new(tmp_path, "07-columns", "How full is a column?")
    lab = Library(tmp_path).load("07-columns")
    monkeypatch.setattr(
        "grader.exporting.grader.__file__", str(tmp_path / "grader" / "__init__.py")
    )
    with pytest.raises(UsageError, match="made from a checkout"):
        autograder_files(lab)


def test_shared_folders_of_a_lab_are_in_the_zip_and_no_caches(monkeypatch):
    monkeypatch.delenv("GRADER_HOME", raising=False)
    files = autograder_files(Library.find().load("02"))
    assert any(name.startswith("solutions/kopi/") for name in files)
    assert not any(name.endswith(".pyc") or "/submissions/" in name for name in files)
    assert sum(map(len, files.values())) < 20_000_000


def test_a_lab_that_was_given_as_a_path_goes_in_whole(tmp_path):
    place = tmp_path / "quick"
    place.mkdir()
    (place / "lab.toml").write_text('[submit]\nmodules = ["answer"]\n')
    (place / "test_it.py").write_text("def test_it():\n    import answer\n")
    files = autograder_files(Library(tmp_path).load(place))
    assert {"labs/quick/lab.toml", "labs/quick/test_it.py"} <= set(files)
    assert not any(name.startswith("solutions/") for name in files)
