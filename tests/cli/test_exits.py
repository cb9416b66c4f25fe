"""The exit code of one run."""

from dataclasses import replace

import pytest

from grader.cli.exits import exit_code
from grader.outcome import Status
from tests.classroom import broken, make_run, not_passed, ungradable


def test_all_passed_is_zero():
    assert exit_code(make_run()) == 0


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PASSED])
def test_anything_but_passed_is_one(status):
    assert exit_code(make_run(results=[not_passed("completeness", status)])) == 1


def test_a_run_without_results_is_not_a_success():
    assert exit_code(replace(make_run(), results=())) == 1


def test_the_form_of_the_hand_in_is_four_and_our_fault_is_five():
    assert exit_code(ungradable()) == 4
    assert exit_code(broken()) == 5
