from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from grader.formats.terminal import print_grades_table, print_report
from grader.outcome import Status
from grader.report import for_staff, for_student
from tests.classroom import (
    broken,
    make_class,
    make_grade,
    make_lab,
    make_run,
    not_passed,
    ungradable,
)

ATTACKS = [
    "\x1b]0;title\x07",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;http://evil\x1b\\x\x1b]8;;\x1b\\",
    "\x1b[3A\x1b[2K100 of 100 points",
    "0 of 100\r100 of 100",
    "100\x08\x08\x08",
    "\x9b2J",
    "[bold green]100 of 100[/bold green] [link=http://evil]x[/link] :smile:",
    "\u202e001",
    "\ud83d",
]


def printed(show, *arguments, width=110, encoding="utf-8", terminal=False, **more):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    console = Console(
        file=stream,
        width=width,
        force_terminal=terminal,
        color_system="truecolor" if terminal else None,
    )
    show(*arguments, console, **more)
    stream.flush()
    return raw.getvalue().decode(encoding)


def attacked(text):
    texts = {"message": text, "output": text, "detail": text}
    results = [not_passed("accuracy", **texts), not_passed("sentinels", **texts)]
    return make_run(results=results, student=text, staff_notes=(text,))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("tell", [for_student, for_staff])
def test_nothing_that_a_student_writes_commands_the_terminal(attack, tell):
    text = printed(print_report, tell(attacked(attack), make_lab()))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_a_student_writes_commands_the_terminal_in_the_table(attack):
    run = attacked(attack)
    grades = [make_grade(run.student, points=80, run=run, why=attack)]
    text = printed(print_grades_table, make_lab(), grades, [run])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_on_a_terminal_only_our_own_colours_are_sent():
    text = printed(print_report, for_student(attacked("\x1b[2J[red]x"), make_lab()), terminal=True)
    assert "\x1b[32m" in text
    assert "␛[2J[red]x" in text
    assert not re.sub(r"\x1b\[[0-9;]*m", "", text).count("\x1b")


def test_markup_and_emoji_codes_of_students_stay_text():
    text = printed(print_report, for_student(attacked("[bold]a[/bold] :smile:"), make_lab()))
    assert "[bold]a[/bold] :smile:" in text


def test_a_report_says_points_checks_message_hint_and_page():
    failed = not_passed("accuracy", message="Seen 1.0, meant 0.9.", output="rows: 3\n")
    text = printed(print_report, for_student(make_run(results=[failed]), make_lab()))
    for said in (
        "A gate for bad data (02-data-quality): ayu.lestari, attempt 2",
        "90 of 100 points",
        "11 of 12 checks pass.",
        "✗ failed    Accuracy compares",
        "Seen 1.0, meant 0.9.",
        "hint 1 of 2: What does pandas call a missing value?",
        "read: development/data-quality.md#accuracy",
        "rows: 3",
        "Next: Accuracy compares",
    ):
        assert said in text
    assert "hint 2" not in text


def test_more_hints_come_when_they_are_asked_for():
    report = for_student(make_run(results=[not_passed("accuracy")]), make_lab())
    assert "hint 2 of 2" in printed(print_report, report, hints=9)
    assert "hint" not in printed(print_report, report, hints=0)


def test_staff_see_details_and_notes():
    run = make_run(results=[not_passed("sentinels", detail="E assert 1")], staff_notes=("retried",))
    text = printed(print_report, for_staff(run, make_lab()))
    assert "E assert 1" in text
    assert "note: retried" in text


def test_an_ungradable_hand_in_is_told_what_to_do():
    text = printed(print_report, for_student(ungradable(), make_lab()))
    assert "quality.py is missing." in text
    assert "No attempt was spent." in text
    assert "grader pack" in text
    assert "points" not in text


def test_a_broken_run_is_our_fault():
    text = printed(print_report, for_student(broken(), make_lab()))
    assert "our fault" in text
    assert "points" not in text


def test_the_table_has_a_line_per_student_and_a_mark_per_check():
    runs = [
        make_run(student="ann", id="a"),
        make_run(
            student="bob",
            id="b",
            results=[
                not_passed("completeness"),
                not_passed("validity", Status.TIMED_OUT),
                not_passed("accuracy", Status.CRASHED),
                not_passed("idempotent", Status.SKIPPED),
            ],
        ),
    ]
    grades = [
        make_grade("ann", points=100, run=runs[0]),
        make_grade("bob", points=67.5, run=runs[1]),
    ]
    grades.append(make_grade("eve", why="Nothing was handed in."))
    lines = printed(print_grades_table, make_lab(), grades, runs).splitlines()
    (ann,) = [line for line in lines if line.startswith("ann")]
    (bob,) = [line for line in lines if line.startswith("bob")]
    (eve,) = [line for line in lines if line.startswith("eve")]
    assert ann.split() == ["ann", "100", "✓" * 12, "graded"]
    assert bob.split() == ["bob", "67.5", "✗◔!✓✓✓✓✓✓✓✓—", "graded"]
    assert eve.split()[:3] == ["eve", "-", "absent:"]
    assert "2 of 3 have points, median 83.75, mean 83.8 of 100." in lines
    assert "1 without points: 1 absent." in lines


def test_the_table_says_what_was_hardest_and_what_cannot_be_trusted():
    run = make_run(results=[not_passed("accuracy", message="seen 3")], sandbox="process")
    grade = make_grade(run.student, points=90, run=run)
    text = printed(print_grades_table, make_lab(), [grade], [run])
    assert "accuracy: 1 of 1 did not pass. Most often: seen N" in text
    assert "warning: 1 of 1 runs were graded without isolation" in text


def test_an_empty_class_prints_an_empty_table():
    assert "0 of 0 have points." in printed(print_grades_table, make_lab(), [], [])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_gets_plain_marks_and_escapes(encoding):
    lab, grades, runs = make_class(24)
    text = printed(print_grades_table, lab, grades, runs, encoding=encoding)
    assert "++++++++++++" in text
    run = make_run(student="Đặng", results=[not_passed("accuracy", message="李")])
    text = printed(print_report, for_student(run, lab), encoding=encoding)
    assert "\\u0110" in text
    assert "x failed" in text


def test_a_narrow_terminal_loses_no_student():
    lab, grades, runs = make_class(24)
    text = printed(print_grades_table, lab, grades, runs, width=40)
    assert len(re.findall(r"^Citra", text, re.MULTILINE)) == sum(
        grade.student.startswith("Citra") for grade in grades
    )
