"""The example cohort: what is in it, and that it is the same each time."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from grader.cohort import read_cohort
from grader.collect import collect, read
from grader.errors import BundleRefusedError, UsageError
from grader.examplecohort import ABSENTEE, Form, plan, student_id, write
from grader.library import Library
from grader.listed import missing_files
from grader.roster import with_roster

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def folder():
    return Library(ROOT).load("02-data-quality")


@pytest.fixture
def cohort(folder, tmp_path):
    return write(folder, tmp_path / "class", hostile=True)


def found_in(cohort, lab):
    students = read_cohort(cohort.cohort_file, labs=[lab.slug]).students
    return with_roster(collect(cohort.submissions, lab.slug, lab.submit).found, students)


def test_there_are_at_least_24_hand_ins_with_and_without_hostile_ones(folder):
    with_hostile, without = plan(folder, hostile=True), plan(folder, hostile=False)
    assert len(without) >= 24
    assert len(with_hostile) > len(without)
    assert any(each.story.startswith("hostile__") for each in with_hostile)
    assert not any(each.story.startswith("hostile__") for each in without)


def test_every_form_of_hand_in_is_among_them(folder):
    assert {each.form for each in plan(folder, hostile=False)} == set(Form)


def test_every_hand_in_is_found_and_belongs_to_somebody_on_the_roster(folder, cohort):
    found = found_in(cohort, folder.lab)
    roster = {student.id for student in read_cohort(cohort.cohort_file).students}
    assert len(found) == cohort.hand_ins
    assert {each.student for each in found} == roster - {student_id(ABSENTEE)}


def test_names_have_an_apostrophe_and_letters_beyond_ascii(cohort):
    names = {student.name for student in read_cohort(cohort.cohort_file).students}
    assert any("'" in name for name in names)
    assert any(not name.isascii() for name in names)
    placed = {path.name for path in cohort.submissions.iterdir()}
    assert any("'" in name for name in placed)
    assert any(not name.isascii() for name in placed)


def test_some_try_again_and_some_fail_in_form(folder, cohort):
    found = found_in(cohort, folder.lab)
    attempts = Counter(each.student for each in found)
    assert sorted(attempts.values())[-3:] == [2, 2, 3]
    refused, lacking = 0, 0
    for each in found:
        try:
            lacking += bool(missing_files(read(each, submit=folder.lab.submit), folder.lab.submit))
        except BundleRefusedError:
            refused += 1
    assert (refused, lacking) == (1, 1)


def test_two_are_late_and_one_of_them_has_more_time(folder, cohort):
    rules = read_cohort(cohort.cohort_file, labs=[folder.lab.slug])
    late, excused = [], []
    for each in found_in(cohort, folder.lab):
        if each.received_at > rules.deadlines[folder.lab.slug]:
            late.append(each.student)
            if each.received_at <= rules.deadline(each.student, folder.lab.slug):
                excused.append(each.student)
    assert (len(late), len(excused)) == (2, 1)
    assert [override.points for override in rules.overrides] == [40]


def test_the_same_lab_gives_the_same_cohort(folder, tmp_path):
    def content(place):
        return {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file() and not path.name.endswith(".tar.gz")  # gzip writes the time
        }

    first = write(folder, tmp_path / "a", hostile=True)
    second = write(folder, tmp_path / "b", hostile=True)
    assert content(first.submissions) == content(second.submissions)
    assert first.cohort_file.read_text() == second.cohort_file.read_text()


def test_its_own_cohort_is_replaced_and_another_folder_is_not(folder, tmp_path):
    place = tmp_path / "class"
    write(folder, place, hostile=True)
    write(folder, place, hostile=False)
    assert tomllib.loads((place / "cohort.toml").read_text())["name"] == "An example class"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("Years of work.\n")
    with pytest.raises(UsageError, match="holds other things"):
        write(folder, tmp_path / "other", hostile=True)


def test_a_place_that_cannot_be_written_is_told(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write(folder, tmp_path / "file" / "class", hostile=True)


def test_ids_are_plain_letters():
    assert [student_id(name) for name in ("Zoë Müller", "Seán O'Brien", "Łukasz Wójcik")] == [
        "zoe.muller",
        "sean.obrien",
        "lukasz.wojcik",
    ]
