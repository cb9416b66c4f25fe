"""grades.csv: every cell is what it says, no cell is a formula, and it comes back as it was."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cohort import Cohort, class_grades
from grader.errors import UsageError
from grader.formats.csv import COLUMNS, grades_csv, read_grades_csv
from grader.grade import Grade, LatePolicy, LateRule, Policy, State
from grader.identity import Student
from grader.lab import Check, Lab, Visibility
from grader.outcome import CheckResult, Run, Status, Verdict
from grader.plaintext import visible

NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
LAB = Lab(
    slug="02",
    title="Quality",
    checks=tuple(
        Check(id=name, points=points, visibility=Visibility.PUBLIC, file="t", node="t", title="t")
        for name, points in (("completeness", 7), ("state", 3))
    ),
)
COHORT = Cohort(
    students=(
        Student(id="ada", name="Ada Lovelace, jr.", section="A"),
        Student(id="zoë", name='Zoë "Z" O\'Neil', section="-1"),
        Student(id="bob", name="=HYPERLINK(1)"),
    ),
    deadlines={"02": NOON},
    policy=Policy(late=LatePolicy(rule=LateRule.PERCENT, percent_per_day=Decimal("2.5"))),
)


def run(student: str, *, late: timedelta = -timedelta(hours=1), verdict=Verdict.GRADED) -> Run:
    results = (
        CheckResult(id="completeness", status=Status.PASSED, earned=7),
        CheckResult(id="state", status=Status.FAILED, earned=0),
    )
    return Run(
        id=f"run-{student}",
        student=student,
        lab="02",
        attempt=1,
        received_at=NOON + late,
        graded_at=NOON,
        bundle_digest="d",
        verdict=verdict,
        reason="" if verdict is Verdict.GRADED else "quality.py is missing.",
        results=results if verdict is Verdict.GRADED else (),
        out_of=10,
    )


def written(*runs: Run, cohort: Cohort | None = COHORT) -> bytes:
    return grades_csv(class_grades(LAB, runs, cohort), LAB, cohort, runs=runs)


def grade(student: str, why: str = "") -> Grade:
    return Grade(
        student=student, lab="02", state=State.GRADED, points=5.0, out_of=10, reasons=(why,)
    )


def test_a_row_says_who_what_and_why():
    data = written(run("ada", late=timedelta(hours=26)))
    ada = read_grades_csv(data)[0]
    assert ada == {
        "student": "ada",
        "name": "Ada Lovelace, jr.",
        "section": "A",
        "state": "graded",
        "points": "6.65",
        "out_of": "10",
        "percent": "66.5",
        "late_hours": "26",
        "penalty": "0.35",
        "attempt": "1",
        "attempts": "1",
        "run": "run-ada",
        "why": "It came 1 day 2 h late: 0.35 of 7 points are taken off.",
        "check:completeness": "7",
        "check:state": "0",
    }


def test_absentees_of_the_roster_are_there_without_points():
    for data in (written(run("ada")), grades_csv([grade("ada")], LAB, COHORT)):
        rows = {row["student"]: row for row in read_grades_csv(data)}
        assert set(rows) == {"ada", "zoë", "bob"}
        assert rows["zoë"]["state"] == "absent"
        assert rows["zoë"]["points"] == rows["zoë"]["check:completeness"] == ""
        assert rows["zoë"]["why"] == "Nothing was handed in."


@pytest.mark.parametrize("verdict", [Verdict.BROKEN, Verdict.UNGRADABLE])
def test_what_is_not_judged_has_no_points_and_no_zero(verdict):
    row = read_grades_csv(written(run("ada", verdict=verdict), cohort=None))[0]
    assert row["points"] == row["percent"] == row["check:state"] == ""
    assert row["state"] in {"pending", "ungradable"}


def test_numbers_are_bare_and_text_is_quoted():
    lines = written(run("ada")).decode("utf-8-sig").split("\r\n")
    assert lines[1].startswith('"ada","Ada Lovelace, jr.","A","graded",7,10,70,0,0,1,1,"run-ada"')
    assert lines[1].endswith(",7,0")
    assert lines[0].startswith('"student","name"')
    assert lines[-1] == ""


def test_the_file_begins_with_a_byte_order_mark_and_holds_accents():
    data = written()
    assert data.startswith(b"\xef\xbb\xbf")
    assert "Zoë".encode() in data


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\uff1d1", "\uff0b1",
    "\uff0d1", "\uff201", "\ufe661", "\ufe621", "\ufe631", "\ufe6b1", "\u22121", '"=1', "'=1",
    "=cmd|' /C calc'!A0", "'", "''=1", "\u200b=1", " ' =1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("column", ["student", "why", "name"])
def test_no_text_can_act_as_a_formula(text, column):
    cohort = Cohort(students=(Student(id="x", name=text),)) if column == "name" else None
    made = grade("x" if column == "name" else text, why=text)
    data = grades_csv([made], LAB, cohort).decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(data, newline="")))
    shown = {"\u200b": "⟨U+200B⟩", "\r": "␍"}  # as symbols, so that no formula begins there
    assert row[column].startswith(shown.get(text[0], "'"))
    assert "\n" not in row[column]


def test_the_name_of_a_check_cannot_break_the_header():
    assert read_grades_csv(written())[0].keys() >= {"check:state", "state"}


@settings(max_examples=500)
@given(texts=st.tuples(*[st.text(max_size=40)] * 3) | st.tuples(*[st.sampled_from(FORMULAS)] * 3))
def test_what_is_written_comes_back(texts):
    student, name, why = texts
    cohort = Cohort(students=(Student(id=student, name=name),))
    data = grades_csv([grade(student, why)], LAB, cohort)
    (row,) = read_grades_csv(data)
    for column, text in (("student", student), ("name", name), ("why", why)):
        assert row[column] == " ".join(visible(text).splitlines()).replace("\t", " ")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "must begin with"),
        (b"a,b\r\n1,2\r\n", "must begin with"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'"student', "CSV"),
        (written().replace(b",", b";"), "not a CSV file"),
        (",".join(COLUMNS).encode() + b"\r\nada,Ada\r\n", "row 2 has 2 cells"),
    ],
)
def test_a_file_that_is_something_else_is_refused_with_its_line(data, words):
    with pytest.raises(UsageError) as caught:
        read_grades_csv(data)
    assert words in str(caught.value)
    assert caught.value.where.startswith("grades.csv")
    assert "CSV with commas" in caught.value.advice
