"""Canvas: the columns that its importer looks for, the right students, and no empty grade."""

from __future__ import annotations

import csv
import io

import pytest

from grader.errors import UsageError
from grader.formats.canvas import FIXED, canvas_csv, canvas_from
from tests.formats.standings import LAB, same_as_golden, standings

BOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,A gate for bad data (4711),Essay (1),"
    "Final Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,10,100,(read only)\r\n"
    '"Lovelace, Ada",101,s1,x,A,,90,\r\n'
    '"Someone Else",7,budi,y,A,5,80,\r\n'
    '"Gilang",8,s3,GILANG,"A and B",,70,\r\n'
    '"Hana",9,s4,hana@uni.example,A,,60,\r\n'
    '"Dewi",10,dewi,dewi,A,9,50,\r\n'
    '"Student, Test",11,,z,A,,,\r\n'
)


def cells(data):
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def made(book=BOOK, title=LAB.title, who=None):
    return canvas_from(
        who or standings(), title, LAB.out_of, template=book.encode(), where="book.csv"
    )


def test_the_files_are_what_they_were(update_golden):
    plain = canvas_csv(standings(), LAB.title, LAB.out_of)
    same_as_golden("canvas.csv", plain.data, update_golden)
    same_as_golden("canvas-from-gradebook.csv", made().data, update_golden)


def test_without_a_gradebook_there_are_the_columns_that_canvas_wants():
    rows = cells(canvas_csv(standings(), LAB.title, LAB.out_of).data)
    assert rows[0] == [*FIXED, "A gate for bad data"]
    assert rows[1] == ["    Points Possible", "", "", "", "", "10"]
    assert rows[2] == ["Ada Lovelace", "101", "ada", "ada", "A", "10"]
    assert {row[2]: row[5] for row in rows[2:]} == {
        "ada": "10",
        "budi": "0",
        "citra": "3",
        "gilang": "6",
        "hana": "8",
        "zed": "0",
    }


def test_no_grade_is_empty_since_canvas_would_take_a_mark_away():
    for data in (canvas_csv(standings(), LAB.title, LAB.out_of).data, made().data):
        assert all(row[-1] != "" for row in cells(data))


def test_a_gradebook_gives_students_and_the_column_and_nothing_else_is_touched():
    filled = made()
    assert (filled.column, filled.is_new) == ("A gate for bad data (4711)", False)
    rows = cells(filled.data)
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", filled.column]
    assert {row[1]: row[5] for row in rows[2:]} == {"101": "10", "7": "0", "8": "6", "9": "8"}
    assert filled.missing == ("citra", "zed")


def test_a_name_that_only_one_student_has_is_enough_in_either_order():
    book = BOOK.replace("101,s1,x", "555,,")
    assert cells(made(book).data)[2][:2] == ["Lovelace, Ada", "555"]
    twin = next(each for each in standings() if each.student.id == "hana")
    ambiguous = [each for each in standings() if each.student.id != "ada"]
    assert "555" not in made(book, who=[*ambiguous, twin]).data.decode()


def test_a_column_that_is_not_there_is_new_and_a_number_chooses_between_two():
    assert made(title="Lab 2").is_new
    twice = BOOK.replace("Essay (1)", "A gate for bad data (4712)")
    with pytest.raises(UsageError, match="2 columns are called"):
        made(twice)
    chosen = made(twice, title="A gate for bad data (4712)")
    assert (chosen.column, chosen.is_new) == ("A gate for bad data (4712)", False)
    assert made(twice, title="4711").column == "A gate for bad data (4711)"


def test_no_cell_acts_as_a_formula():
    rows = cells(canvas_csv(standings(), "=1", LAB.out_of).data)
    assert rows[0][5] == "'=1"
    assert "'=HYPERLINK(1)" in {row[0] for row in rows}
    assert "'=cmd" in made(BOOK.replace('"Lovelace, Ada"', "=cmd")).data.decode()


@pytest.mark.parametrize(
    ("book", "said"),
    [
        ("", "no gradebook of Canvas"),
        ("Name,ID,Section\r\n", "no gradebook of Canvas"),
        ("Student,ID,Essay\r\n", "no gradebook of Canvas"),
        ("Student;ID;Section\r\n", "no gradebook of Canvas"),
        ("Student,ID,Group,Section,Lab\r\n", "'Group' stands before Section"),
        (BOOK.replace('"Hana",9,', '"Hana",'), "has 7 cells"),
        ('Student,ID,Section\r\n"x', "not a CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_gradebook_is_refused_with_its_place(book, said):
    with pytest.raises(UsageError, match=r"book\.csv") as caught:
        made(book)
    assert said in str(caught.value)
