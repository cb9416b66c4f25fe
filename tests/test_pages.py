import re
from dataclasses import replace

import pytest

from grader.cohort import parse_cohort
from grader.collect import find
from grader.formats.csv import read_grades_csv
from grader.intake import read_found
from grader.outcome import Verdict
from grader.pages import HtmlRender, rewrite_pages
from grader.results import Results
from grader.submission import Bundle
from tests.pretend import (
    NOON,
    PlainPages,
    batch,
    hand_in,
    lab_of,
    points,
    run_of,
)

LAB = lab_of()


def clock():
    return NOON


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


def test_a_page_that_cannot_be_made_stops_nothing(inbox, folder):
    class Falls(PlainPages):
        def page(self, report, *, home="", grade=None):
            raise ZeroDivisionError("a template has a bug")

        def class_page(self, *args, **kwargs):
            raise ZeroDivisionError("here too")

    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a")], render=Falls())
    assert outcome.graded == 1
    assert any("index.html could not be made" in note for note in outcome.notes)
    with Results.open(folder, LAB, clock=clock) as results:
        assert rewrite_pages(results, LAB, render=PlainPages()) == ()
        assert results.student_page("ann").exists()


def test_grades_that_cannot_be_worked_out_leave_the_runs(inbox, folder):
    class Falls(PlainPages):
        def grades(self, *args):
            raise ZeroDivisionError("policy")

    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a")], render=Falls())
    assert "The grades could not be worked out" in outcome.notes[0]
    assert points(folder) == {("ann", 1): 10}


# -- pages and grades.csv ------------------------------------------------------------------------


def test_report_writes_every_page_again(inbox, folder):
    batch(folder, [hand_in(inbox, "ann", "a"), hand_in(inbox, "bob", "b")])
    for path in [*folder.rglob("*.html"), folder / "grades.csv"]:
        path.unlink()
    with Results.open(folder, LAB, clock=clock) as results:
        assert rewrite_pages(results, LAB, now=NOON, render=PlainPages()) == ()
    assert len(list(folder.rglob("*.html"))) == 2 * 2 + 2 + 1
    assert (folder / "grades.csv").exists()


def test_grades_csv_has_a_column_for_each_check_of_the_run_that_counts(inbox, folder):
    batch(folder, [hand_in(inbox, "ann", "a c")])
    [row] = read_grades_csv((folder / "grades.csv").read_bytes())
    assert (row["student"], row["points"]) == ("ann", "20")
    assert [row[f"check:{check}"] for check in "abc"] == ["10", "0", "10"]


def test_from_folders_on_a_disk_to_the_pages_that_people_read(tmp_path):
    """The real way: collecting, the door, real pages and the grades of a cohort."""
    for student, answer in (("ann", "a b c"), ("bob", "a"), ("cem", None)):
        home = tmp_path / "in" / student
        home.mkdir(parents=True)
        (home / ("answer.txt" if answer else "other.txt")).write_text(answer or "oops")
    (tmp_path / "in" / "dee.zip").write_bytes(b"PK\x05\x06 no zip at all")
    text = "\n".join(
        f'[[student]]\nid = "{student}"\nname = "{student.title()} Ng"\nsection = "A"\n'
        for student in ("ann", "bob", "cem", "dee", "eve")
    )
    cohort = parse_cohort(text, where="cohort.toml", folder=tmp_path)

    def grade(lab, submission):
        if "answer.txt" not in submission.bundle.as_dict():
            changed = {"verdict": Verdict.UNGRADABLE, "reason": "answer.txt is missing."}
            named = replace(submission, bundle=Bundle.of({"answer.txt": b""}))
            digest = submission.bundle.digest
            return run_of(lab, named, bundle_digest=digest, results=(), **changed)
        return run_of(lab, submission)

    folder = tmp_path / "results"
    found = find(tmp_path / "in", LAB.slug, LAB.submit)
    outcome, _ = batch(folder, found, grade, read=read_found, render=HtmlRender(), cohort=cohort)
    assert outcome.notes == ()
    assert (outcome.graded, outcome.ungradable, outcome.exit_code) == (2, 2, 0)
    rows = {row["student"]: row for row in read_grades_csv((folder / "grades.csv").read_bytes())}
    assert {student: (row["state"], row["points"]) for student, row in rows.items()} == {
        "ann": ("graded", "30"),
        "bob": ("graded", "10"),
        "cem": ("ungradable", ""),
        "dee": ("ungradable", ""),
        "eve": ("absent", ""),
    }
    assert sorted(path.name for path in (folder / "students").iterdir()) == [
        "ann.html",
        "bob.html",
        "cem.html",
        "dee.html",
    ]
    index = (folder / "index.html").read_text()
    for link in re.findall(r'href="((?:students|runs)/[^"#]+)"', index):
        assert (folder / link).is_file(), link
    assert 'href="students/bob.html"' in index
    assert "answer.txt is missing." in (folder / "students" / "cem.html").read_text()
    assert "c is not among the words." in (folder / "students" / "bob.html").read_text()
    with Results.open(folder, LAB, clock=clock) as results:
        before = {p: p.read_bytes() for p in folder.rglob("*.html")}
        assert rewrite_pages(results, LAB, cohort, now=NOON) == ()
        assert {p: p.read_bytes() for p in folder.rglob("*.html")} == before
