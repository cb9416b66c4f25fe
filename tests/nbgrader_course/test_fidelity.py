"""The same hand-ins, graded by nbgrader and here: the same score for every cell.

nbgrader itself runs here, on the course that its own quickstart writes and on one with what real
courses do in their cells. Where the two differ, it is on purpose, and stands in `DIFFERENCES`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from tests.cli.conftest import call
from tests.nbgrader_course.rich import HAND_INS, RICH
from tests.nbgrader_courses import (
    filled,
    graded,
    hand_in,
    imported,
    nbgrader,
    plain,
    scores_in,
)

pytest.importorskip("nbgrader", reason="nbgrader is an extra: pip install nbgrader")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

SQUARES = """
def squares(n):
    if n < 1:
        raise ValueError("n must be greater than or equal to 1")
    return [i ** 2 for i in range(1, n + 1)]
"""
SUM = "def sum_of_squares(n):\n    return sum(squares(n))"
TRANSFORMER = """
get_ipython().input_transformers_post.append(
    lambda lines: ["pass\\n"] if any("assert" in line or "squares" in line for line in lines)
    else lines)
"""
QUICKSTART: dict[str, dict[str, str]] = {
    "solved": {"squares": SQUARES, "sum_of_squares": SUM},
    "untouched": {},
    "partly": {
        "squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]",
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(n + 1))",
    },
    "broken": {"squares": "def squares(n)\n    return []", "sum_of_squares": "x = 1 / 0\n" + SUM},
    "warned": {
        "squares": "import warnings\n" + SQUARES.replace("return", "warnings.warn('slow'); return"),
        "sum_of_squares": SUM,
    },
    "forger": {"squares": TRANSFORMER},
}
DIFFERENCES: dict[tuple[str, str, str], tuple[float, float]] = {
    # A warning goes to stderr, and nbgrader takes that for an error.
    ("ps1", "warned", "correct_squares"): (0.0, 1.0),
    ("ps1", "warned", "correct_sum_of_squares"): (0.0, 0.5),
    # All that a forged notebook earns in nbgrader.
    ("ps1", "forger", "correct_squares"): (1.0, 0.0),
    ("ps1", "forger", "squares_invalid_input"): (1.0, 0.0),
    ("ps1", "forger", "correct_sum_of_squares"): (0.5, 0.0),
    ("ps1", "forger", "sum_of_squares_uses_squares"): (0.5, 0.0),
    # The student was to write `max`; Python's own is not the student's work.
    ("ps2", "untouched", "largest_test"): (1.0, 0.0),
}
"""(course, student, cell) -> (nbgrader, here)."""
SUMS = {
    ("ps1", "solved"): 3.0,
    ("ps1", "untouched"): 0.0,
    ("ps1", "partly"): 1.5,
    ("ps1", "warned"): 3.0,
    ("ps1", "forger"): 0.0,
    ("ps2", "solved"): 15.5,
    ("ps2", "untouched"): 0.0,
    ("ps2", "half"): 10.5,
    ("ps2", "other_half"): 8.0,
    ("ps2", "broken"): 8.0,
}
"""What some of them earn here: so that two graders that give nothing are not taken for equal."""
STUDENTS = [*(("ps1", name) for name in QUICKSTART), *(("ps2", name) for name in HAND_INS)]
NOTEBOOKS = {"ps1": "problem1.ipynb", "ps2": "main.ipynb"}


@dataclass(frozen=True)
class Both:
    """A course that nbgrader has graded, and the labs that were made of it."""

    root: Path
    labs: dict[str, Any]
    theirs: dict[str, dict[str, dict[str, float]]]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    place = tmp_path_factory.mktemp("fidelity")
    assert nbgrader(place, "quickstart", "course101").returncode == 0
    root = place / "course101"
    (root / "source" / "ps2").mkdir()
    (root / "source" / "ps2" / "main.ipynb").write_bytes(RICH)
    labs, theirs = {}, {}
    for name, hand_ins in (("ps1", QUICKSTART), ("ps2", HAND_INS)):
        done = nbgrader(root, "generate_assignment", name)
        assert done.returncode == 0, done.stderr[-2000:]
        labs[name] = imported(root, place / name, name)
        released = (root / "release" / name / NOTEBOOKS[name]).read_bytes()
        for student, answers in hand_ins.items():
            hand_in(root, name, student, {NOTEBOOKS[name]: filled(released, answers)})
        done = nbgrader(root, "autograde", name)
        assert done.returncode == 0, done.stderr[-2000:]
        theirs[name] = scores_in(root, name)
    return Both(root=root, labs=labs, theirs=theirs)


@pytest.fixture(scope="module")
def boxes():
    with ProcessSandbox() as sandbox, Pool(sandbox, slots=1, warm=1) as pool:
        yield pool


@pytest.mark.parametrize(("name", "student"), STUDENTS)
def test_every_cell_has_the_score_that_nbgrader_gives(both, boxes, name, student):
    file = NOTEBOOKS[name]
    content = (both.root / "submitted" / student / name / file).read_bytes()
    ours = graded(both.labs[name], boxes, {file: content}).scores
    theirs = both.theirs[name][student]
    assert len(ours) >= 4
    seen = {cell: (theirs[cell], ours[cell]) for cell in ours}
    meant = {
        cell: DIFFERENCES.get((name, student, cell), (theirs[cell], theirs[cell])) for cell in ours
    }
    assert seen == meant
    assert sum(ours.values()) == SUMS.get((name, student), sum(ours.values()))


def test_the_page_for_teachers_shows_what_the_command_says(both, tmp_path, monkeypatch):
    page = Path(__file__).parents[2] / "course" / "instructors" / "coming-from-nbgrader.md"
    after = page.read_text().partition("$ grader import nbgrader course101\n")[2]
    shown = after.partition("```")[0]
    monkeypatch.chdir(tmp_path)
    done = call("import", "nbgrader", both.root, "--only", "ps1", env={"COLUMNS": "120"})
    said = [line.rstrip() for line in plain(done.output).strip().splitlines()]
    assert said == shown.strip().splitlines()


@pytest.mark.parametrize("name", ["ps1", "ps2"])
def test_the_starter_is_the_notebook_that_nbgrader_releases(both, name):
    for path in (both.root / "release" / name).glob("*.ipynb"):
        theirs = json.loads(path.read_text())
        ours = json.loads((both.labs[name].public / path.name).read_text())
        for each in (*theirs["cells"], *ours["cells"]):
            each.pop("id", None)
            each["source"] = "".join(each["source"])
        assert ours["cells"] == theirs["cells"]


def test_a_class_is_graded_from_submitted_and_goes_back_into_the_gradebook(both, tmp_path):
    """Automatic scores become ours; what a person is to grade, and has graded, stays."""
    lab = both.labs["ps1"]
    book = tmp_path / "gradebook.db"
    shutil.copy(both.root / "gradebook.db", book)
    submitted = tmp_path / "submitted"
    for student in ("solved", "forger"):
        shutil.copytree(both.root / "submitted" / student, submitted / student)
    results = tmp_path / "results"
    done = call("batch", lab.public, submitted, "--out", results, "--sandbox", "process")
    assert done.exit_code == 0, plain(done.output)
    assert "2 hand-ins found (nbgrader's" in plain(done.output)
    done = call("export", "nbgrader", results, "--gradebook", book)
    assert done.exit_code == 0, plain(done.output)
    assert "2 students" in plain(done.output)
    root = tmp_path
    scores = scores_in(root, "ps1")
    assert scores["solved"] == both.theirs["ps1"]["solved"]
    assert sum(scores["forger"].values()) == 0
    assert scores["partly"] == both.theirs["ps1"]["partly"]
    again = call("export", "nbgrader", results, "--gradebook", book)
    assert "0 changes" in plain(again.output)


def test_nbgraders_exchange_hands_a_lab_out_and_lists_it(both, tmp_path):
    shutil.rmtree(both.root / "release" / "ps1")
    done = call("release", both.labs["ps1"].public, "--nbgrader", both.root)
    assert done.exit_code == 0, plain(done.output)
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    words = ["--course", "course101", f"--Exchange.root={exchange}"]
    done = nbgrader(both.root, "release_assignment", "ps1", *words)
    assert done.returncode == 0, done.stderr
    done = nbgrader(both.root, "list", *words)
    assert "course101 ps1" in done.stderr + done.stdout
    student = tmp_path / "student"
    student.mkdir()
    done = nbgrader(student, "fetch_assignment", "ps1", *words)
    assert done.returncode == 0, done.stderr
    assert (student / "ps1" / "problem1.ipynb").read_bytes() == (
        both.labs["ps1"].public / "problem1.ipynb"
    ).read_bytes()
    done = nbgrader(student, "validate", "ps1/problem1.ipynb")
    assert "VALIDATION FAILED" in done.stdout + done.stderr  # it is not solved yet
    assert "CHANGED" not in done.stdout + done.stderr
