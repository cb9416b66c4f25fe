"""results.json: its specification, right totals, no number without a grade, nothing hidden."""

from __future__ import annotations

import json

import pytest

from grader.formats.gradescope import results_json
from tests.formats.published import GRADESCOPE, problems
from tests.formats.standings import SECRET, of, same_as_golden, standings


def read(student, **telling):
    return json.loads(results_json(of(student, **telling)))


@pytest.mark.parametrize("student", ["ada", "budi", "citra", "dewi", "gilang"])
def test_a_file_is_what_it_was(student, update_golden):
    same_as_golden(f"gradescope-{student}.json", results_json(of(student)), update_golden)


@pytest.mark.parametrize("audience", ["student", "staff"])
@pytest.mark.parametrize("show_hidden", ["titles", "total"])
def test_every_file_fits_the_specification(audience, show_hidden):
    for standing in standings(audience=audience, show_hidden=show_hidden):
        assert problems(results_json(standing), GRADESCOPE) == []


def test_the_score_is_the_grade_and_the_checks_are_the_run():
    citra = read("citra")
    assert citra["score"] == 3
    assert sum(test["score"] for test in citra["tests"]) == 10
    assert "Dr Roe gave 3 points instead of 10" in citra["output"]
    assert read("budi")["score"] == 0


@pytest.mark.parametrize("show_hidden", ["titles", "total"])
def test_all_checks_together_are_worth_what_the_lab_is_worth(show_hidden):
    tests = read("budi", show_hidden=show_hidden)["tests"]
    assert sum(test["max_score"] for test in tests) == 10
    assert len(tests) == (4 if show_hidden == "titles" else 3)


@pytest.mark.parametrize("student", ["dewi", "eko", "fitri"])
def test_without_a_grade_there_is_no_number(student):
    told = read(student)
    assert "score" not in told
    assert all("score" not in test and "max_score" not in test for test in told["tests"])


def test_a_hand_in_that_could_not_be_graded_says_why():
    told = read("dewi")
    assert told["tests"][0]["output"] == "quality.py is missing. Put it beside notes.md."
    assert "No attempt was spent" in told["output"]


def test_students_see_every_check_and_staff_files_are_hidden_from_them():
    assert read("budi")["visibility"] == "visible"
    assert SECRET not in json.dumps(read("budi"))
    staff = read("budi", audience="staff")
    assert staff["visibility"] == "hidden"
    assert SECRET in json.dumps(staff)
    assert {staff["stdout_visibility"], read("ada")["stdout_visibility"]} == {"hidden"}
