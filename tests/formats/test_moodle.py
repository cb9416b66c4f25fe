"""Moodle: grades come back through csv, cells are no formulas, nobody loses a mark by importing."""

from __future__ import annotations

import csv
import io

import pytest

from grader.errors import UsageError
from grader.formats.csv import unguarded
from grader.formats.moodle import feedback, moodle_csv, moodle_worksheet
from tests.formats.standings import LAB, SECRET, of, same_as_golden, standings

WORKSHEET = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,"
    "Grade can be changed,Last modified (grade),Feedback comments\r\n"
    "Participant 101,Ada Lovelace,other@uni.example,Submitted,,10.00,Yes,-,\r\n"
    'Participant 777,"Budi ""B"" Santoso, jr.",BUDI@uni.example,Submitted,,"10,00",Yes,-,\r\n'
    "Participant 900,=Nobody,nobody@uni.example,No submission,7.50,10.00,Yes,-,By hand\r\n"
    "Participant 901,Dewi,dewi@uni.example,Submitted,4.00,10.00,Yes,-,By hand\r\n"
)


def rows(data):
    assert not data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def filled(sheet=WORKSHEET, *, who=None):
    data, missing = moodle_worksheet(who or standings(), sheet.encode(), "sheet.csv")
    return rows(data), missing


def test_the_file_is_what_it_was(update_golden):
    same_as_golden("moodle.csv", moodle_csv(standings(), LAB.title), update_golden)


def test_grades_come_back_and_only_who_has_points_is_there():
    found = {row["ID number"]: row for row in rows(moodle_csv(standings(), LAB.title))}
    points = {who: float(row[LAB.title]) for who, row in found.items()}
    assert points == {"ada": 10, "budi": 0, "citra": 3, "gilang": 6, "hana": 8, "zed": 0}
    assert found["budi"]["Full name"] == 'Budi "B" Santoso, jr.'
    assert found["ada"]["Email address"] == "ada@uni.example"


def test_no_cell_acts_as_a_formula():
    found = {row["ID number"]: row for row in rows(moodle_csv(standings(), "=1+1"))}
    assert found["citra"]["Full name"] == "'=HYPERLINK(1)"
    assert unguarded(found["citra"]["Full name"]) == "=HYPERLINK(1)"
    assert "'=1+1" in found["citra"]


def test_feedback_says_how_the_grade_came_about_and_repeats_nothing_that_code_printed():
    told = feedback(of("hana"))
    assert "2 of 10 points are taken off" in told
    assert "Dr Roe gave 3 points" in feedback(of("citra"))
    for word in ("0.5 was meant", "printed by the student", SECRET):
        assert word not in moodle_csv(standings(audience="staff"), LAB.title).decode()
    assert "The gate rejects a bad batch" in feedback(of("budi"))


def test_a_worksheet_is_filled_in_by_number_or_address_and_else_left_alone():
    sheet, missing = filled()
    grades = {row["Identifier"]: row["Grade"] for row in sheet}
    assert grades == {
        "Participant 101": "10",
        "Participant 777": "0",
        "Participant 900": "7.50",
        "Participant 901": "4.00",
    }
    assert [row["Feedback comments"] for row in sheet[2:]] == ["By hand", "By hand"]
    assert missing == ("citra", "gilang", "hana", "zed")
    assert {row["Last modified (grade)"] for row in sheet} == {"-"}
    assert sheet[2]["Full name"] == "'=Nobody"


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("", "no Identifier and Grade"),
        ("Name,Grade\r\nAda,1\r\n", "no Identifier and Grade"),
        (WORKSHEET.replace("Grade,Maximum", "Note,Maximum"), "no Identifier and Grade"),
        (WORKSHEET.replace(",Submitted,,10.00", ",Submitted,10.00"), "has 8 cells"),
        (WORKSHEET.replace("10.00", "100.00"), "the maximum in Moodle is '100.00'; the lab has 10"),
        (WORKSHEET.replace("10.00", ""), "the maximum in Moodle is 'empty'"),
        ('Identifier,Grade\r\n"x', "not a CSV file in UTF-8"),
    ],
)
def test_a_sheet_that_is_none_is_refused_with_its_place(sheet, said):
    with pytest.raises(UsageError, match=r"sheet\.csv") as caught:
        moodle_worksheet(standings(), sheet.encode(), "sheet.csv")
    assert said in str(caught.value)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(UsageError, match="not a CSV file in UTF-8"):
        moodle_worksheet(standings(), b"\xff\xfe\x00", "sheet.csv")


def test_a_worksheet_without_feedback_and_maximum_is_filled_in_too():
    sheet, _ = filled("Identifier,Grade\r\nParticipant 103,\r\n")
    assert sheet == [{"Identifier": "Participant 103", "Grade": "3"}]
