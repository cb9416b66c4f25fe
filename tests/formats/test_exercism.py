"""Exercism's results: its interface, order of the lab, bodies of public checks and no others."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grader.formats.exercism import exercism_json, public_code
from grader.outcome import Status
from tests.formats.published import EXERCISM, problems
from tests.formats.standings import LAB, SECRET, of, result, run, same_as_golden, standings

CODES = public_code(LAB)


def read(student, **telling):
    return json.loads(exercism_json(of(student, **telling), CODES))


def test_a_file_is_what_it_was(update_golden):
    same_as_golden("exercism-budi.json", exercism_json(of("budi"), CODES), update_golden)


@pytest.mark.parametrize("audience", ["student", "staff"])
def test_every_file_fits_the_interface(audience):
    files = [exercism_json(each, CODES) for each in standings(audience=audience)]
    assert [problems(data, EXERCISM) for data in files if data] == [[]] * 6


@pytest.mark.parametrize(
    ("student", "status"), [("ada", "pass"), ("budi", "fail"), ("dewi", "error"), ("zed", "error")]
)
def test_error_is_for_what_did_not_run(student, status):
    assert read(student)["status"] == status


def test_who_is_absent_or_waits_for_us_has_no_results():
    assert exercism_json(of("fitri")) is None
    assert exercism_json(of("eko")) is None


def test_tests_are_in_the_order_of_the_lab_with_their_tasks():
    tests = read("budi")["tests"]
    assert [test["name"] for test in tests] == [check.title for check in LAB.checks]
    assert [test["task_id"] for test in tests] == [1, 1, 2, 2]
    assert [test["status"] for test in tests] == ["fail", "error", "fail", "fail"]


def test_the_code_of_public_checks_is_shown_and_of_hidden_ones_never():
    assert CODES == {
        "completeness": 'values = ["a", " "]\nassert completeness(values) == 0.5',
        "Gate.rejects": "assert gate([]) is None",
    }
    assert [bool(test["test_code"]) for test in read("ada")["tests"]] == [True, True, False, False]
    assert SECRET not in json.dumps(read("budi"))


def test_a_check_whose_test_is_not_found_has_no_code():
    broken = replace(LAB, trusted_files=(("test_public.py", b"def broken(:\n"),))
    empty = replace(
        LAB, trusted_files=(("test_public.py", b'def test_completeness():\n    "x"\n'),)
    )
    assert public_code(broken) == public_code(empty) == {}


def test_output_is_cut_at_500_characters_and_says_so():
    noisy = run(
        "ada", result("completeness", output="x" * 5000), result("Gate.rejects", output="y")
    )
    tests = json.loads(exercism_json(standings(noisy)[0]))["tests"]
    assert len(tests[0]["output"]) == 500
    assert tests[0]["output"].endswith("Please limit to 500 chars")
    assert tests[1]["output"] == "y"


def test_skipped_checks_do_not_make_an_error_of_a_run_that_passed_something():
    some = run("ada", result("no_mutation", Status.FAILED), result("sentinels", Status.SKIPPED))
    assert json.loads(exercism_json(standings(some)[0]))["status"] == "fail"
