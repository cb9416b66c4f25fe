"""Whatever hidden checks record, no file for students or platforms repeats it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.formats.canvas import canvas_csv
from grader.formats.ctrf import ctrf_json
from grader.formats.exercism import exercism_json, public_code
from grader.formats.github import summary_markdown, workflow_commands
from grader.formats.gradescope import results_json
from grader.formats.junit import junit_xml
from grader.formats.moodle import moodle_csv
from grader.outcome import CheckResult, Status, Verdict
from grader.report import IMPORT_PREFIX, MISSING_PREFIX
from tests.formats.standings import LAB, run, standings

FORMATS = {
    "gradescope": results_json,
    "junit": lambda told: junit_xml([told], LAB.slug),
    "ctrf": ctrf_json,
    "exercism": lambda told: exercism_json(told, public_code(LAB)),
    "moodle": lambda told: moodle_csv([told], LAB.title),
    "canvas": lambda told: canvas_csv([told], LAB.title, LAB.out_of).data,
    "github": lambda told: summary_markdown(told) + workflow_commands(told),
}
TOKEN = st.text(alphabet=string.ascii_uppercase, min_size=10, max_size=20).map("TOKEN".__add__)
NOT_PASSED = st.sampled_from([Status.FAILED, Status.CRASHED, Status.TIMED_OUT, Status.SKIPPED])
FORMS = st.sampled_from(
    ["{0}", "ValueError: {0}", IMPORT_PREFIX + " ({0}.py): {0}", MISSING_PREFIX + " '{0}'."]
)


def hidden(check, status, said):
    return CheckResult(id=check, status=status, earned=0, message=said, detail=said, output=said)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(token=TOKEN, statuses=st.tuples(NOT_PASSED, NOT_PASSED), form=FORMS, data=st.data())
def test_no_format_for_students_repeats_what_a_hidden_check_saw(name, token, statuses, form, data):
    show_hidden = data.draw(st.sampled_from(["titles", "total"]))
    results = [
        hidden(check, status, form.format(token))
        for check, status in zip(("no_mutation", "sentinels"), statuses, strict=True)
    ]
    made = run("ada", *results, staff_notes=(token,), machine=token, reason=token)
    told = standings(made, show_hidden=show_hidden)[0]
    assert token not in FORMATS[name](told).decode()


@pytest.mark.parametrize("name", ["gradescope", "junit", "ctrf", "exercism", "github"])
def test_the_same_would_be_seen_in_files_for_staff(name):
    made = run("ada", hidden("no_mutation", Status.FAILED, "TOKEN"))
    assert "TOKEN" in FORMATS[name](standings(made, audience="staff")[0]).decode()


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(
    text=st.text(min_size=1, max_size=60), check=st.sampled_from(["completeness", "Gate.rejects"])
)
def test_any_text_of_a_student_can_be_written(name, text, check):
    odd = CheckResult(id=check, status=Status.FAILED, earned=0, message=text, output=text)
    refused = run("gilang", verdict=Verdict.UNGRADABLE, results=(), reason=text)
    for told in standings(run("ada", odd), refused):
        made = FORMATS[name](told)
        assert made is None or made.decode()
