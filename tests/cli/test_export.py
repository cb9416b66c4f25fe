"""`grader export FORMAT RESULTS`: where files go, whose they are, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import zipfile

import click
import pytest

from grader.cli.export import command as export
from tests.cli.conftest import RIGHT, WRONG, call
from tests.cli.test_batch import ROSTER, batch
from tests.formats.published import CTRF, EXERCISM, GRADESCOPE, problems

PER_STUDENT = {"gradescope": GRADESCOPE, "ctrf": CTRF, "exercism": EXERCISM}
TABLES = {"moodle": "moodle.csv", "canvas": "canvas.csv", "junit": "junit.xml"}


@pytest.fixture
def results(course, pretend):
    """Return the results of a class: all points, some, ungradable, and absent by the roster."""
    course.hand_in("ada", RIGHT)
    course.hand_in("bob", WRONG.replace("strip", "none_is_missing"))
    course.hand_in("cleo", "", name="other.py")
    course.write("cohort.toml", ROSTER)
    assert batch(course, "--cohort", "cohort.toml").exit_code == 0
    return course.results


def exported(*words, code=0):
    result = call("export", *words)
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("name", PER_STUDENT)
def test_there_is_a_file_for_each_student_who_can_be_told_something(results, name):
    said = exported(name, results)
    found = {path.stem: path for path in (results / "exports" / name).iterdir()}
    assert set(found) == {"ada", "bob", "cleo"}
    assert [problems(path.read_bytes(), PER_STUDENT[name]) for path in found.values()] == [[]] * 3
    assert "Written: 3 files in" in said.stdout
    assert "Left out, absent: absent" in said.stderr


@pytest.mark.parametrize("name", TABLES)
def test_there_is_one_file_for_a_class(results, name):
    said = exported(name, results)
    assert (results / "exports" / TABLES[name]).stat().st_size > 100
    assert f"Written: {results / 'exports' / TABLES[name]}" in said.stdout.replace("\n", "")


@pytest.mark.parametrize("name", ["moodle", "canvas"])
def test_who_has_no_points_is_named(results, name):
    said = exported(name, results)
    assert "Left out, ungradable: cleo" in said.stderr
    assert "Left out, absent: absent" in said.stderr
    assert "cleo" not in (results / "exports" / TABLES[name]).read_text()


def test_out_is_a_file_a_folder_or_the_terminal(results, course):
    exported("moodle", results, "--out", course.root / "grades.csv")
    folder = course.root / "folder"
    folder.mkdir()
    exported("moodle", results, "--out", folder)
    printed = exported("moodle", results, "--out", "-").stdout
    for path in (course.root / "grades.csv", folder / "moodle.csv"):
        assert path.read_text().splitlines() == printed.splitlines()


def test_one_student_goes_to_the_terminal_or_to_the_file_that_is_named(results, course):
    printed = exported("gradescope", results, "--student", "ada").stdout
    assert json.loads(printed)["score"] > 0
    exported("gradescope", results, "--student", "ada", "--out", "results.json")
    assert json.loads((course.root / "results.json").read_text()) == json.loads(printed)
    several = exported("gradescope", results, "--student", "ada", "--student", "bob")
    assert "Written: 2 files" in several.stdout


def test_a_student_of_whom_nothing_can_be_told_gets_no_file(results):
    said = exported("gradescope", results, "--student", "absent")
    assert said.stdout == ""
    assert "Left out, absent: absent" in said.stderr


def test_a_changed_lab_is_said(results, course):
    test = course.lab / "test_public.py"
    test.write_text(test.read_text() + "\n# changed\n")
    assert "the lab has changed since" in " ".join(exported("moodle", results).stderr.split())


def test_an_override_of_another_cohort_file_is_in_the_export(results, course):
    override = (
        '[[override]]\nstudent = "ada"\nlab = "07-columns"\npoints = 1\nwho = "Dr Roe"\n'
        'why = "Agreed."\nwhen = 2026-10-07T09:30:00+07:00\n'
    )
    course.write("other.toml", ROSTER + override)
    printed = exported("gradescope", results, "--student", "ada", "--cohort", "other.toml").stdout
    told = json.loads(printed)
    assert told["score"] == 1
    assert "Dr Roe gave 1 points" in told["output"]


def test_nothing_in_the_results_is_changed(results):
    before = {
        path: path.read_bytes()
        for path in results.rglob("*")
        if path.is_file() and "exports" not in path.parts
    }
    for name in (*PER_STUDENT, *TABLES):
        exported(name, results)
    assert all(path.read_bytes() == data for path, data in before.items())


def test_staff_see_the_ids_of_hidden_checks_and_students_do_not(results):
    shown = exported("ctrf", results, "--student", "bob").stdout
    assert "hidden check 1" in shown
    assert (
        "hidden check 1"
        not in exported("ctrf", results, "--student", "bob", "--audience", "staff").stdout
    )
    total = exported("ctrf", results, "--student", "bob", "--show-hidden", "total").stdout
    assert '"hidden checks"' in total


# -- reports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PER_STUDENT, "junit", "github"])
def test_a_report_can_be_exported_as_well(course, pretend, name):
    course.hand_in("ada", WRONG.replace("strip", "none_is_missing"))
    call("grade", "07", course.hand_ins / "ada", "--json", "report.json")
    printed = exported(name, "report.json").stdout
    assert printed
    if name in PER_STUDENT:
        assert problems(printed.encode(), PER_STUDENT[name]) == []


def test_a_report_is_only_for_its_own_audience(course, pretend):
    course.hand_in("ada")
    call("grade", "07", course.hand_ins / "ada", "--json", "r.json", "--audience", "staff")
    said = exported("gradescope", "r.json", code=2).stderr
    assert "this report was told to staff, not to student" in said
    exported("gradescope", "r.json", "--audience", "staff")


@pytest.mark.parametrize(
    "text", ["", "{}", "[" * 100_000, '{"schema": 99}', "\x00\xff", '{"schema": 1, "lab": 3}']
)
def test_a_file_that_is_no_report_is_refused(course, text):
    course.write("report.json", text)
    said = exported("gradescope", "report.json", code=2).stderr
    assert "neither a results folder nor a report" in said
    assert "--json FILE" in said


def test_a_report_has_no_cohort(course, pretend):
    course.hand_in("ada")
    call("grade", "07", course.hand_ins / "ada", "--json", "r.json")
    said = exported("gradescope", "r.json", "--student", "ada", code=2).stderr
    assert "need a results folder" in said


# -- what cannot be --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("moodle", "nowhere"), "no results folder and no report at this path"),
        (("moodle", "labs"), "no results here"),
        (("moodle", "results", "--cohort", "nowhere.toml"), "no cohort file at this path"),
        (("moodle", "results", "--template", "nowhere.csv"), "no file at this path"),
        (("moodle", "results", "--template", "labs"), "cannot be read"),
        (("canvas", "results", "--template", "cohort.toml"), "no gradebook of Canvas"),
        (("moodle", "results", "--student", "adda"), "there is no student 'adda'"),
        (("moodle", "results", "--lab", "08"), "results of lab 07-columns, not of 08-rows"),
        (("gradescope", "results", "--out", "cohort.toml"), "a class needs a folder"),
        (("gradescope", "results", "--out", "-"), "a class needs a folder"),
        (("moodle", "results", "--out", "cohort.toml/x"), "cannot be written"),
        (("github", "results"), "a summary is about one student, and there are 4"),
        (("nbgrader", "results"), "Missing option '--gradebook'"),
        (("nbgrader", "results", "--gradebook", "cohort.toml"), "not a gradebook"),
        (("nbgrader", "results", "--gradebook", "g.db", "--out", "x"), "goes into a gradebook"),
        (("github-workflow", "07", "--folder", "a b"), "no folder of a repository"),
        (("github-workflow", "07", "--folder", "../x"), "no folder of a repository"),
        (("pdf", "results"), "No such command 'pdf'"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_message(results, words, said):
    call("new", "08-rows")
    assert said in " ".join(exported(*words, code=2).stderr.split())


# -- platforms -------------------------------------------------------------------------------------


def test_a_gradebook_of_canvas_is_gone_by(results, course):
    course.write("book.csv", "Student,ID,SIS Login ID,Section,Old (1)\r\nAda,5,ada,A,3\r\n")
    said = exported("canvas", results, "--template", "book.csv", "--column", "Old")
    found = list(csv.reader((results / "exports" / "canvas.csv").read_text().splitlines()))
    assert found[0] == ["Student", "ID", "SIS Login ID", "Section", "Old (1)"]
    assert found[2][:4] == ["Ada", "5", "ada", "A"]
    assert "bob has points and is not in book.csv" in said.stderr
    assert "make a new column" not in said.stderr
    assert "make a new column" in exported("canvas", results).stderr


def test_a_worksheet_of_moodle_is_filled_in(results, course):
    course.write(
        "sheet.csv", "Identifier,Email address,Grade\r\nParticipant 1,ada@uni.example,\r\n"
    )
    roster = '[[student]]\nid = "ada"\nemail = "ada@uni.example"\n'
    course.write("other.toml", roster)
    said = exported("moodle", results, "--template", "sheet.csv", "--cohort", "other.toml")
    assert (results / "exports" / "moodle.csv").read_text().splitlines()[1].endswith(",100")
    assert "bob has points and is not in sheet.csv" in said.stderr


def test_a_summary_goes_where_github_says_and_annotations_are_printed(results, course, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(course.root / "summary.md"))
    course.write("summary.md", "before\n")
    printed = exported("github", results, "--student", "bob", "--prefix", ".").stdout
    assert printed.startswith("::error file=column.py,title=")
    assert (course.root / "summary.md").read_text().startswith("before\n## How full is a column?")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(course.root / "no" / "summary.md"))
    said = exported("github", results, "--student", "bob", code=2).stderr
    assert "the job summary cannot be written" in said


def test_a_summary_can_be_looked_at_without_github(results, monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    printed = exported("github", results, "--student", "bob", "--out", "-").stdout
    assert printed.startswith("## How full is a column?")
    assert "::error" not in printed
    assert "::notice" in exported("github", results, "--student", "bob").stdout


def test_the_workflow_goes_to_the_terminal_or_a_file(course):
    printed = exported("github-workflow", "07", "--folder", "/lab/").stdout
    assert "LAB: lab\n" in printed
    exported("github-workflow", "07", "--out", ".github/workflows/checks.yml")
    assert (course.root / ".github/workflows/checks.yml").read_text().startswith("# Runs")


def test_the_autograder_is_a_zip_with_a_warning(course):
    said = exported("gradescope-autograder", "07")
    with zipfile.ZipFile(course.root / "07-columns-autograder.zip") as archive:
        assert "solutions/07-columns/test_hidden.py" in archive.namelist()
    assert "without isolation, beside the hidden tests" in " ".join(said.stderr.split())


@pytest.mark.filterwarnings("ignore")
def test_scores_go_into_nbgraders_gradebook_once(results, course):
    pytest.importorskip("nbgrader")
    first = exported("nbgrader", results, "--gradebook", "gradebook.db").stdout
    before = (course.root / "gradebook.db").read_bytes()
    (course.root / "source").mkdir()
    again = exported("nbgrader", results, "--gradebook", "gradebook.db")
    assert "mkdir source/07-columns" in again.stdout
    assert "2 students into gradebook.db" in first
    assert "2 students into gradebook.db, 0 changes." in again.stdout
    assert "Left out, ungradable: cleo" in again.stderr
    assert (course.root / "gradebook.db").read_bytes() == before


# -- help ------------------------------------------------------------------------------------------


def test_every_format_has_help_with_an_example_and_a_word_on_each_option():
    assert len(export.commands) == 10
    for name, verb in export.commands.items():
        assert verb.examples, name
        assert verb.short_help, name
        assert all(each.help for each in verb.params if isinstance(each, click.Option)), name
        assert f"grader export {name}" in call("export", name, "--help").output


def test_the_help_needs_neither_nbgrader_nor_a_results_folder():
    probe = "import sys; from grader.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", probe, "export", "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )
    assert done.returncode == 0
    assert "gradescope-autograder" in done.stdout
