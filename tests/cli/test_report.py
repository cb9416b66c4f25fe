"""`grader report`."""

from tests.cli.conftest import call
from tests.cli.test_batch import ROSTER, batch, grades


def graded(course, *more):
    course.hand_in("ada")
    course.write("cohort.toml", ROSTER)
    assert batch(course, "--cohort", "cohort.toml", *more).exit_code == 0


def test_pages_that_were_removed_are_written_again(course, pretend):
    graded(course)
    pages = [*course.results.rglob("*.html"), course.results / "grades.csv"]
    for page in pages:
        page.unlink()
    result = call("report", course.results)
    assert result.exit_code == 0, result.output
    assert all(page.exists() for page in pages)
    assert "Where to look:" in result.stdout


def test_the_roster_is_not_lost_and_its_changes_are_seen(course, pretend):
    graded(course)
    course.write("cohort.toml", ROSTER + '[[student]]\nid = "newcomer"\n')
    result = call("report", course.results)
    assert "Cohort: ../cohort.toml" in result.stderr
    assert grades(course).keys() == {"ada", "absent", "newcomer"}


def test_another_cohort_file_takes_the_place_of_the_first(course, pretend):
    graded(course)
    course.write("other.toml", '[[student]]\nid = "ada"\n')
    call("report", course.results, "--cohort", "other.toml")
    call("report", course.results)
    assert grades(course).keys() == {"ada"}


def test_a_changed_lab_is_said(course, pretend):
    graded(course)
    test = course.lab / "test_public.py"
    test.write_text(test.read_text() + "\n# changed\n")
    result = call("report", course.results)
    assert result.exit_code == 0
    assert "Warning: the lab has changed" in result.stderr


def test_what_is_no_results_folder_is_a_usage_error(course, pretend):
    for folder, said in (("nowhere", "there is no results folder"), ("labs", "no results here")):
        result = call("report", folder)
        assert result.exit_code == 2
        assert said in result.stderr


def test_another_lab_than_the_one_of_the_results_is_refused(course, pretend):
    graded(course)
    call("new", "08-rows")
    result = call("report", course.results, "--lab", "08")
    assert result.exit_code == 2
    assert "results of lab 07-columns, not of 08-rows" in result.stderr
