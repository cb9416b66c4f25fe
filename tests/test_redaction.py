from __future__ import annotations

import re

import pytest

from grader.checker import told
from grader.outcome import Status
from grader.redaction import IMPORT_PREFIX, MISSING_PREFIX, hidden_message, told_of_hidden
from tests.classroom import make_lab

LIMITS = {"call_s": 10.0}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.PASSED, ""),
        (Status.FAILED, "Not yet: this check saw a wrong result."),
        (Status.TIMED_OUT, "Your code did not answer within 10 s."),
        (Status.CRASHED, "Your code ended the process."),
        (Status.SKIPPED, "Skipped, because a check that it needs did not pass."),
        (Status.MISSING, "This check was not reported. That is our fault, not yours."),
    ],
)
def test_every_status_has_its_sentence(status, said):
    assert hidden_message(status, LIMITS) == said


def test_a_skipped_check_names_what_it_waited_for():
    said = hidden_message(Status.SKIPPED, {}, ("completeness", "hidden check 2"))
    assert said == "Skipped, because completeness and hidden check 2 did not pass."


@pytest.mark.parametrize("limit", [None, "10", True, -1, 0])
def test_an_odd_limit_is_not_printed(limit):
    said = hidden_message(Status.TIMED_OUT, {"call_s": limit})
    assert said == "Your code did not answer within the time limit."


def of_hidden(message, *, lab=None, open_text=()):
    return told_of_hidden(message, "TEMPLATE", lab or make_lab(), frozenset(open_text))


@pytest.mark.parametrize(
    "message",
    [
        "ValueError: [1, 2, 3]",
        f"Seen 3. {IMPORT_PREFIX}: SyntaxError",
        "Your code used more memory than it may, and was stopped. 17",
        "Your code took more than 20 s in this check. xs=[3]",
    ],
)
def test_a_free_message_becomes_the_template(message):
    assert of_hidden(message) == "TEMPLATE"


@pytest.mark.parametrize(
    "message",
    [told.ended("memory", ""), told.ended("", "exit"), told.check_late(20), told.run_late(120.5)],
)
def test_sentences_of_the_checker_that_hold_only_limits_are_shown(message):
    assert of_hidden(message) == message


def test_an_import_error_that_a_public_check_met_too_is_shown_whole():
    message = f"{IMPORT_PREFIX} (quality.py, line 3): SyntaxError: '(' was never closed: f("
    assert of_hidden(message, open_text=[message]) == message


def test_an_import_error_that_only_hidden_checks_met_keeps_what_we_know_ourselves():
    message = f"{IMPORT_PREFIX} (quality.py, line 3): SyntaxError: SECRET: print(SECRET"
    assert of_hidden(message) == (
        f"{IMPORT_PREFIX}: SyntaxError in quality.py, line 3. "
        "Import it on your own machine to see why."
    )


def test_a_forged_import_error_carries_no_file_line_or_type_of_its_own():
    message = f"{IMPORT_PREFIX} (SECRET.py, line 123456789): SecretError: SECRET"
    assert of_hidden(message) == f"{IMPORT_PREFIX}. Import it on your own machine to see why."


def test_a_missing_name_is_shown_when_the_tests_ask_for_it():
    assert of_hidden(f"{MISSING_PREFIX} 'ingest' (quality.py).") == f"{MISSING_PREFIX} `ingest`."


def test_a_name_that_the_tests_never_ask_for_is_not_shown():
    said = of_hidden(f"{MISSING_PREFIX} 'SECRET' (quality.py).")
    assert said.startswith(f"{MISSING_PREFIX} name that this check needs")
    assert not re.search("SECRET", said)
