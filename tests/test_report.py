from __future__ import annotations

import json
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.formats.html import student_page
from grader.formats.reportjson import report_to_json
from grader.lab import Visibility
from grader.outcome import CheckResult, Status, Verdict
from grader.report import IMPORT_PREFIX, MISSING_PREFIX, for_staff, for_student
from tests.classroom import HIDDEN, broken, make_lab, make_run, not_passed, ungradable

TOKEN = st.text(alphabet=string.ascii_uppercase, min_size=10, max_size=20).map("TOKEN".__add__)
NOT_PASSED = st.sampled_from([status for status in Status if status is not Status.PASSED])
FORMS = st.sampled_from(
    [
        "{0}",
        "ValueError: {0}",
        IMPORT_PREFIX + " ({0}.py, line 3): {0}: {0}",
        IMPORT_PREFIX + " (quality.py, line 7): SyntaxError: {0}",
        MISSING_PREFIX + " '{0}' (quality.py).",
        MISSING_PREFIX + " {0}",
        "Your code used more memory than it may, and was stopped. {0}",
        "Not yet: {0}",
    ]
)
HIDDEN_IDS = [row[0] for row in HIDDEN]


def line(report, check):
    return next(each for each in report.lines if each.check == check)


@settings(max_examples=60, deadline=None)
@given(st.data(), TOKEN, st.sampled_from(["titles", "total"]))
def test_nothing_that_a_hidden_check_saw_reaches_the_student(data, token, show_hidden):
    results = []
    for check_id in HIDDEN_IDS:
        status = data.draw(NOT_PASSED | st.just(Status.PASSED))
        said = data.draw(FORMS).format(token)
        results.append(
            CheckResult(
                id=check_id,
                status=status,
                earned=5 if status is Status.PASSED else 0,
                message=said,
                detail=f"E  assert {token}",
                output=f"{token}\n" * 3,
            )
        )
    run = make_run(results=results, staff_notes=(token,), machine=token, reason=token)
    report = for_student(run, make_lab(), show_hidden=show_hidden)
    assert token not in repr(report)
    assert token not in json.dumps(report_to_json(report))
    assert token not in student_page(report)


@given(st.sampled_from(list(Status)))
def test_ids_of_hidden_checks_stay_unknown_to_students(status):
    results = [replace(not_passed(check_id), status=status) for check_id in HIDDEN_IDS]
    lab = replace(
        make_lab(), checks=tuple(replace(check, learn="", needs=()) for check in make_lab().checks)
    )
    report = for_student(make_run(results=results), lab)
    names = [each.check for each in report.lines if each.hidden]
    assert names == [f"hidden check {number}" for number in range(1, 8)]
    assert not any(check_id in repr(report) for check_id in HIDDEN_IDS)


def test_a_hidden_check_shows_its_title_status_points_hints_and_page():
    report = for_student(make_run(results=[not_passed("sentinels")]), make_lab())
    shown = line(report, "hidden check 3")
    assert shown.title == "Sentinel values such as -999 and `n/a` count as missing."
    assert (shown.status, shown.earned, shown.points) == (Status.FAILED, 0, 10)
    assert shown.message == "Not yet: this check saw a wrong result."
    assert shown.hints == make_lab().check("sentinels").hints
    assert shown.learn == "development/data-quality.md#sentinels"
    assert shown.seconds == 0


def test_a_passed_check_gives_no_hints_away():
    report = for_student(make_run(), make_lab())
    assert all(each.hints == () and each.message == "" for each in report.lines)


def test_a_skipped_check_names_the_hidden_one_by_its_number():
    results = [not_passed("orphans_kept"), not_passed("idempotent", Status.SKIPPED)]
    report = for_student(make_run(results=results), make_lab())
    assert line(report, "hidden check 7").message == (
        "Skipped, because hidden check 4 did not pass."
    )


def test_a_skipped_public_check_says_so_without_the_id_of_a_hidden_one():
    checks = make_lab().checks
    lab = make_lab(checks=(replace(checks[0], needs=("sentinels",)), *checks[1:]))
    skipped = not_passed("completeness", Status.SKIPPED, message="sentinels did not pass")
    report = for_student(make_run(lab, results=[skipped, not_passed("sentinels")]), lab)
    shown = line(report, "completeness")
    assert shown.message == "Skipped, because hidden check 3 did not pass."


def test_a_public_check_shows_its_message_and_output_but_no_detail():
    failed = not_passed("accuracy", message="seen 1.0", output="rows: 3", detail="Traceback")
    shown = line(for_student(make_run(results=[failed]), make_lab()), "accuracy")
    assert (shown.message, shown.output, shown.detail) == ("seen 1.0", "rows: 3", "")


def test_staff_see_ids_details_notes_and_phases():
    failed = not_passed("sentinels", message="template", output="printed", detail="E assert")
    report = for_staff(make_run(results=[failed], staff_notes=("retried",)), make_lab())
    shown = line(report, "sentinels")
    assert (shown.message, shown.output, shown.detail) == ("template", "printed", "E assert")
    assert report.notes == ("retried",)
    assert report.phases["total"] == 1.5


def test_one_number_for_all_hidden_checks_tells_nothing_else():
    one = make_run(results=[not_passed("sentinels"), not_passed("idempotent")])
    other = make_run(
        results=[
            not_passed("orphans_kept", Status.TIMED_OUT, message="slow"),
            not_passed("empty_frame", Status.CRASHED, output="x"),
        ]
    )
    reports = [for_student(run, make_lab(), show_hidden="total") for run in (one, other)]
    assert reports[0] == reports[1]
    shown = reports[0].lines[-1]
    assert (shown.check, shown.earned, shown.points) == ("hidden checks", 45, 60)
    assert reports[0].headline == "85 of 100 points so far."


def test_one_number_changes_nothing_where_there_are_no_hidden_checks():
    checks = tuple(replace(check, visibility=Visibility.PUBLIC) for check in make_lab().checks)
    lab = make_lab(checks=checks)
    run = make_run(lab)
    assert for_student(run, lab, show_hidden="total") == for_student(run, lab)


def test_a_check_that_the_lab_lost_keeps_its_points_and_shows_nothing():
    gone = CheckResult(id="SECRET", status=Status.PASSED, earned=4, message="SECRET")
    run = make_run()
    report = for_student(replace(run, results=(*run.results, gone)), make_lab())
    assert report.lines[-1].title == "A check that this lab no longer has"
    assert report.lines[-1].earned == 4
    assert "SECRET" not in repr(report)


def test_a_broken_run_is_no_zero_and_its_reason_is_not_the_students():
    report = for_student(broken(reason="docker: /var/run gone"), make_lab())
    assert report.earned is None
    assert "our fault" in report.headline
    assert "your hand-in is safe" in report.headline
    assert "docker" not in repr(report)
    assert for_staff(broken(reason="docker: gone"), make_lab()).reason == "docker: gone"


def test_partial_results_of_a_broken_run_are_not_shown():
    run = replace(make_run(), verdict=Verdict.BROKEN)
    assert for_student(run, make_lab()).lines == ()


def test_an_ungradable_hand_in_says_what_was_wrong_and_that_no_attempt_was_spent():
    report = for_student(ungradable(reason="quality.py is missing."), make_lab())
    assert report.reason == "quality.py is missing."
    assert report.hand_in == ("quality.py",)
    assert report.earned is None
    assert "No attempt was spent" in report.headline


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sandbox": "process"}, "without isolation"),
        ({"trusts_student": True}, "omparisons trusted to the student"),
        ({"lab_digest": "00" * 32}, "earlier version"),
    ],
)
@pytest.mark.parametrize("tell", [for_student, for_staff])
def test_what_limits_the_trust_in_a_run_is_said(changes, said, tell):
    report = tell(replace(make_run(), **changes), make_lab())
    assert len(report.warnings) == 1
    assert said in report.warnings[0]


def test_an_ordinary_run_warns_of_nothing():
    assert for_student(make_run(), make_lab()).warnings == ()


def test_the_next_check_is_the_first_that_did_not_pass_of_its_own_accord():
    results = [not_passed("idempotent", Status.SKIPPED), not_passed("orphans_kept")]
    report = for_student(make_run(results=results), make_lab())
    assert report.next_line is not None
    assert report.next_line.check == "hidden check 4"
    assert for_student(make_run(), make_lab()).next_line is None


@pytest.mark.parametrize(
    ("failed", "headline"),
    [
        (0, "Every check passes. Well done."),
        (3, "9 of 12 checks pass."),
        (12, "No check passes yet. Start with the first one below."),
    ],
)
def test_the_headline_says_how_it_went(failed, headline):
    results = [not_passed(check.id) for check in make_lab().checks[:failed]]
    assert for_student(make_run(results=results), make_lab()).headline == headline


def test_huge_and_odd_texts_are_capped_and_visible():
    failed = not_passed(
        "accuracy", message="\x1b[2J" + "m" * 10_000_000, output="\ud800" + "x" * 10_000_000
    )
    run = make_run(results=[failed], student="\x1b]0;root\x07\u202e" + "n" * 5_000)
    for report in (for_student(run, make_lab()), for_staff(run, make_lab())):
        shown = line(report, "accuracy")
        assert shown.message.startswith("␛[2Jm")
        assert len(shown.message.encode()) <= 2_000
        assert "cut: 10.0 MB in all" in shown.message
        assert len(shown.output.encode()) <= 64_000
        assert report.student.startswith("␛]0;root␇⟨U+202E⟩n")
        assert len(report.student.encode()) <= 200
