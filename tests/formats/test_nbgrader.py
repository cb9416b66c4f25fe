"""nbgrader's gradebook: scores go in, manual ones stay, and what is refused is left as it was."""

from __future__ import annotations

import csv
import hashlib
import os
import sqlite3
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.formats import nbgrader
from grader.formats.nbgrader import DECIDED, NOTEBOOK, Wanted, write_gradebook
from grader.outcome import Status
from tests.formats.standings import COHORT, LAB, NOON, result, run, standings

pytest.importorskip("nbgrader", reason="nbgrader is an extra: pip install nbgrader")
pytestmark = pytest.mark.filterwarnings("ignore")  # of nbgrader's models, under SQLAlchemy 2.1

WANTED = Wanted(
    lab=LAB,
    assignment=LAB.slug,
    deadline=NOON,
    extensions=(("citra", timedelta(hours=5)),),
    late_is_ours=True,
)


def staff(*runs, cohort=COHORT):
    return standings(*runs, audience="staff", cohort=cohort)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the bytes of a gradebook that the class was written into; made once, it takes 1 s."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    write_gradebook(path, staff(), WANTED)
    return path.read_bytes()


@pytest.fixture
def book(tmp_path, made):
    path = tmp_path / "gradebook.db"
    path.write_bytes(made)
    return path


class Open:
    """The gradebook as nbgrader reads it."""

    def __init__(self, path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from nbgrader.api import Gradebook

            self.gradebook = Gradebook(f"sqlite:///{path}")

    def __enter__(self):
        return self.gradebook

    def __exit__(self, *exc):
        self.gradebook.close()


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def grade(gradebook, student, check):
    return gradebook.find_grade(check, NOTEBOOK, LAB.slug, student)


def set_manual(path, student, check, score, **more):
    with Open(path) as gradebook:
        found = grade(gradebook, student, check)
        found.manual_score, found.needs_manual_grade = score, False
        for name, value in more.items():
            setattr(found, name, value)
        gradebook.db.commit()


def refused(path, *runs, wanted=WANTED):
    """Return what is said when the file is refused; it must be as it was."""
    before = path.read_bytes()
    with pytest.raises(UsageError) as caught:
        write_gradebook(path, staff(*runs), wanted)
    assert path.read_bytes() == before
    assert str(path) in str(caught.value)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return str(caught.value)


def test_nbgrader_finds_the_grade_of_each_student(book):
    with Open(book) as gradebook:
        found = {
            each.student.id: (each.score, each.max_score, each.late_submission_penalty)
            for each in gradebook.assignment_submissions(LAB.slug)
        }
    assert {who: (score - (late or 0), most) for who, (score, most, late) in found.items()} == {
        "ada": (10, 10),
        "budi": (0, 10),
        "citra": (3, 10),
        "gilang": (6, 10),
        "hana": (8, 10),
        "zed": (0, 10),
    }
    assert found["hana"] == (10, 10, 2)


def test_who_has_no_points_is_not_there_so_that_nobody_makes_a_zero_of_it(book):
    with Open(book) as gradebook:
        known = {student.id for student in gradebook.students}
    assert not known & {"dewi", "eko", "fitri"}
    written = write_gradebook(book, staff(), WANTED)
    assert written.left_out == ("dewi", "eko", "fitri")
    assert written.students == 6


def test_checks_are_grade_cells_and_a_persons_decision_is_one_of_its_own(book):
    with Open(book) as gradebook:
        cells = gradebook.find_notebook(NOTEBOOK, LAB.slug).grade_cells
        assert {cell.name: cell.max_score for cell in cells} == {
            **{check.id: check.points for check in LAB.checks},
            DECIDED: 0,
        }
        assert grade(gradebook, "citra", DECIDED).auto_score == -7
        assert grade(gradebook, "gilang", DECIDED).auto_score == 6
        assert grade(gradebook, "ada", DECIDED).auto_score == 0
        assert grade(gradebook, "ada", "Gate.rejects").auto_score == 3
        assert not any(each.needs_manual_grade for each in gradebook.assignments[0].submissions)


def test_times_and_names_are_those_of_the_course(book):
    with Open(book) as gradebook:
        assert gradebook.find_assignment(LAB.slug).duedate == NOON.replace(tzinfo=None)
        hana = gradebook.find_submission(LAB.slug, "hana")
        assert hana.timestamp == (NOON + timedelta(hours=25)).replace(tzinfo=None)
        assert hana.total_seconds_late == 25 * 3600
        assert gradebook.find_submission(LAB.slug, "citra").duedate.hour == 17
        ada = gradebook.find_student("ada")
        assert (ada.first_name, ada.last_name, ada.email) == ("Ada", "Lovelace", "ada@uni.example")


def test_the_same_export_again_changes_not_a_byte(book):
    before = digest(book)
    assert write_gradebook(book, staff(), WANTED).changed == 0
    assert digest(book) == before


def test_manual_scores_comments_and_names_are_kept(book):
    set_manual(book, "budi", "no_mutation", 1.5, extra_credit=0.5)
    with Open(book) as gradebook:
        gradebook.find_student("budi").first_name = "Budi!"
        gradebook.db.commit()
    assert write_gradebook(book, staff(), WANTED).changed == 0
    with Open(book) as gradebook:
        kept = grade(gradebook, "budi", "no_mutation")
        assert (kept.manual_score, kept.extra_credit, kept.score) == (1.5, 0.5, 2)
        assert gradebook.find_student("budi").first_name == "Budi!"


def test_a_score_that_changes_under_a_manual_one_asks_for_a_person(book):
    set_manual(book, "budi", "no_mutation", 1.5)
    better = [run("budi"), run("ada", result("completeness", Status.FAILED))]
    written = write_gradebook(book, staff(*better), WANTED)
    assert written.again == ("budi: no_mutation",)
    with Open(book) as gradebook:
        found = grade(gradebook, "budi", "no_mutation")
        assert (found.auto_score, found.manual_score, found.needs_manual_grade) == (2, 1.5, True)
        assert grade(gradebook, "ada", "completeness").auto_score == 0


def test_a_check_that_came_later_gets_a_score_and_one_that_went_is_removed(book):
    check = replace(LAB.checks[0], id="new_one", node="test_new_one", points=5)
    changed = replace(LAB, checks=(*LAB.checks[1:], check))
    write_gradebook(book, staff(), replace(WANTED, lab=changed))
    with Open(book) as gradebook:
        assert gradebook.find_assignment(LAB.slug).max_score == 11
        assert grade(gradebook, "ada", "new_one").auto_score == 0
        names = {cell.name for cell in gradebook.find_notebook(NOTEBOOK, LAB.slug).grade_cells}
    assert "completeness" not in names


def test_a_check_that_went_and_has_manual_scores_is_not_thrown_away(book):
    set_manual(book, "budi", "completeness", 2)
    changed = replace(LAB, checks=LAB.checks[1:])
    said = refused(book, wanted=replace(WANTED, lab=changed))
    assert "no check 'completeness' any more" in said


def test_penalties_of_another_late_policy_stay_where_the_cohort_has_none(book):
    with Open(book) as gradebook:
        gradebook.find_submission_notebook(NOTEBOOK, LAB.slug, "ada").late_submission_penalty = 4
        gradebook.db.commit()
    write_gradebook(book, staff(), replace(WANTED, late_is_ours=False))
    with Open(book) as gradebook:
        assert gradebook.find_submission(LAB.slug, "ada").late_submission_penalty == 4
    write_gradebook(book, staff(), WANTED)
    with Open(book) as gradebook:
        assert gradebook.find_submission(LAB.slug, "ada").late_submission_penalty == 0


def test_an_assignment_with_notebooks_of_its_own_is_left_alone(book):
    with Open(book) as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("problem1", "ps1")
    said = refused(book, wanted=replace(WANTED, assignment="ps1"))
    assert "has notebooks of its own: problem1" in said
    assert "--assignment" in said


def test_the_only_course_of_a_gradebook_is_the_one_that_is_used(tmp_path, book):
    with sqlite3.connect(book) as database:
        database.execute("UPDATE course SET id = 'mlops'")
        database.execute("UPDATE assignment SET course_id = 'mlops'")
    database.close()
    write_gradebook(book, staff(), replace(WANTED, assignment="second"))
    with sqlite3.connect(book) as database:
        courses = database.execute("SELECT id FROM course").fetchall()
        used = database.execute("SELECT DISTINCT course_id FROM assignment").fetchall()
    database.close()
    assert courses == used == [("mlops",)]


def test_a_path_may_hold_what_means_something_in_an_address(tmp_path, made):
    path = tmp_path / "a?b #%20 ä" / "gradebook.db"
    path.parent.mkdir()
    path.write_bytes(made)
    assert write_gradebook(path, staff(), replace(WANTED, assignment="other")).changed > 0
    assert {each.name for each in tmp_path.iterdir()} == {path.parent.name}
    assert [each.name for each in path.parent.iterdir()] == ["gradebook.db"]


def test_alembic_is_found_without_the_environment_on_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    write_gradebook(tmp_path / "gradebook.db", staff(run("ada")), WANTED)
    assert os.environ["PATH"] == "/nowhere"
    monkeypatch.delenv("PATH")
    write_gradebook(tmp_path / "gradebook.db", staff(run("ada")), WANTED)
    assert "PATH" not in os.environ


def test_what_is_no_gradebook_is_refused(tmp_path):
    path = tmp_path / "gradebook.db"
    path.write_text("not a database, and longer than the header of one is" * 20)
    assert "not a gradebook of nbgrader" in refused(path)
    path.write_bytes(b"")
    assert "not a gradebook of nbgrader" in refused(path)
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE assignment (id TEXT)")
    database.close()
    assert "not a gradebook of nbgrader" in refused(path)


@pytest.mark.parametrize(
    ("version", "said"),
    [("ffffffffffff", "is newer"), ("167914646830", "is older"), ("b6d005d67074", "db upgrade")],
)
def test_a_gradebook_of_another_version_is_refused(book, version, said):
    with sqlite3.connect(book) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))
    database.close()
    assert said in refused(book)


def test_a_gradebook_that_somebody_writes_into_is_refused(book, monkeypatch):
    monkeypatch.setattr(nbgrader, "WAIT_S", 0.1)
    other = sqlite3.connect(book, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        before = digest(book)
        with pytest.raises(UsageError, match=r"another program is writing .*waited 0\.1 s"):
            write_gradebook(book, staff(run("ada", result("completeness", Status.FAILED))), WANTED)
        assert digest(book) == before
    finally:
        other.close()


def test_a_failure_in_the_middle_leaves_the_gradebook_as_it_was(book, monkeypatch):
    before = digest(book)
    calls = iter(range(3))

    def breaks(*args):
        if next(calls) == 2:
            raise RuntimeError("the power went")
        cells = {(NOTEBOOK, check.id): 1.0 for check in LAB.checks}
        return cells | {(NOTEBOOK, DECIDED): 0.0}

    monkeypatch.setattr(nbgrader, "scores", breaks)
    with pytest.raises(RuntimeError):
        write_gradebook(book, staff(), WANTED)
    assert digest(book) == before
    fresh = book.parent / "fresh.db"
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "282d30a0218e")  # slow
    with pytest.raises((RuntimeError, StopIteration)):
        write_gradebook(fresh, staff(), WANTED)
    assert not fresh.exists()


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        write_gradebook(tmp_path / "nowhere" / "gradebook.db", staff(), WANTED)


def test_a_machine_without_nbgrader_is_told_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    with pytest.raises(UsageError, match="pip install nbgrader"):
        write_gradebook(tmp_path / "gradebook.db", staff(), WANTED)


def test_nothing_else_imports_nbgrader():
    probe = (
        "import sys, grader.cli.export, grader.formats.nbgrader; print('nbgrader' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_nbgraders_own_export_goes_on(book):
    done = subprocess.run(
        [str(Path(sys.executable).parent / "nbgrader"), "export", "--to", "grades.csv"],
        cwd=book.parent,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "HOME": str(book.parent), "PYTHONWARNINGS": "ignore"},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with (book.parent / "grades.csv").open(newline="") as file:
        found = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {who: float(row["score"]) for who, row in found.items()} == {
        "ada": 10,
        "budi": 0,
        "citra": 3,
        "gilang": 6,
        "hana": 8,
        "zed": 0,
    }
    assert float(found["hana"]["raw_score"]) == 10
    assert float(found["hana"]["late_submission_penalty"]) == 2


def test_what_formgrader_lists_is_there(book):
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(book.parent)
    api = NbGraderAPI(config=config)
    scores = {each["id"]: each["score"] for each in api.get_students()}
    assert scores == {"ada": 10, "budi": 0, "citra": 3, "gilang": 6, "hana": 10, "zed": 0}
    assert api.get_assignment(LAB.slug) is None  # formgrader goes by folders: the pages say so
    (book.parent / "source" / LAB.slug).mkdir(parents=True)
    listed = api.get_assignment(LAB.slug)
    assert (listed["name"], listed["max_score"]) == (LAB.slug, 10)
    assert listed["average_score"] == pytest.approx(sum(scores.values()) / 6)
