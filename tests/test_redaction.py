from __future__ import annotations

import re

import pytest

from grader.checker import told
from grader.lab import Submit
from grader.outcome import Status
from grader.redaction import (
    FIRST_PREFIX,
    IMPORT_PREFIX,
    MISSING_PREFIX,
    hidden_message,
    told_of_hidden,
)
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


CELL = (
    f"{FIRST_PREFIX} quality.ipynb, cell 4 (limits), line 2, which begins with `x = SECRET`: E: S"
)


WHICH = f"{FIRST_PREFIX} quality.ipynb, cell 4. Run it from the top to see why."


def of_notebook(message, **fields):
    submit = Submit(modules=("quality",), notebooks=(("quality", "quality.ipynb"),))
    return of_hidden(message, lab=make_lab(submit=submit), **fields)


def test_the_first_cell_that_failed_is_named_and_nothing_of_it_is_shown():
    assert of_notebook(CELL) == of_notebook(f"ValueError: SECRET\n{CELL}") == f"TEMPLATE {WHICH}"


def test_a_missing_name_of_a_notebook_says_both():
    message = f"{MISSING_PREFIX} 'ingest' (a notebook).\n{CELL}"
    assert of_notebook(message) == f"{MISSING_PREFIX} `ingest`. {WHICH}"


def test_what_a_public_check_said_of_a_cell_is_shown_whole():
    assert of_notebook(CELL, open_text=[f"KeyError\n{CELL}"]) == f"TEMPLATE {CELL}"


@pytest.mark.parametrize(
    "forged",
    ["SECRET.ipynb, cell 4: E", "quality.ipynb, cell 123456: E", "quality.ipynb: SECRET", ""],
)
def test_a_forged_cell_carries_nothing(forged):
    assert of_notebook(f"{FIRST_PREFIX} {forged}") == "TEMPLATE"


def test_a_notebook_that_cannot_be_imported_names_file_and_cell():
    message = (
        f"{IMPORT_PREFIX} (quality). Killed. That was in cell 2 of its notebook quality.ipynb."
    )
    assert of_notebook(message) == (
        f"{IMPORT_PREFIX} in quality.ipynb, cell 2. Import it on your own machine to see why."
    )
    assert "cell" not in of_hidden(message)
