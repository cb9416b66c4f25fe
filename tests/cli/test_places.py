"""What a command is about, and what a results folder remembers."""

import json

import pytest

from grader.cli import places
from grader.cli.places import MadeWith, remember, remembered, rules_of, with_options
from grader.errors import CohortError, LabNotFoundError, ResultsError, UsageError
from tests.cli.conftest import SLUG

COHORT = '[[student]]\nid = "ada"\n'


def test_a_lab_is_found_by_number_slug_and_path(course):
    found = {places.load_lab(name).lab.slug for name in ("07", SLUG, str(course.lab))}
    assert found == {SLUG}


def test_a_lab_given_as_a_path_needs_no_course_around(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADER_HOME", raising=False)
    monkeypatch.setattr(places.Library, "find", _nothing)
    (tmp_path / "test_it.py").write_text("from it import f\ndef test_f():\n    assert f()\n")
    (tmp_path / "lab.toml").write_text('[submit]\nmodules = ["it"]\n')
    assert places.load_lab(str(tmp_path)).lab.out_of == 1


def _nothing():
    raise LabNotFoundError("no labs")


def test_a_students_lab_is_read_without_anything_private(course):
    folder = places.students_lab(course.lab)
    assert folder.private is None
    assert folder.held_back
    assert places.students_lab(course.root / "labs" / SLUG).lab.slug == SLUG


def test_a_folder_without_a_manifest_is_answered_with_what_to_do(course):
    with pytest.raises(LabNotFoundError, match="Go into the lab's folder"):
        places.students_lab(course.root)


def test_a_new_folder_remembers_nothing(tmp_path):
    assert remembered(tmp_path) == MadeWith()


def test_what_was_remembered_comes_back(tmp_path):
    known = MadeWith(lab=SLUG, cohort="../cohort.toml", course_url="https://x.example/")
    remember(tmp_path, known)
    assert remembered(tmp_path) == known


@pytest.mark.parametrize("text", ["{", "[]", '{"unknown": 1}', ""])
def test_damage_is_refused_with_advice(tmp_path, text):
    (tmp_path / places.REMEMBERED).write_text(text)
    with pytest.raises(ResultsError, match="Remove it"):
        remembered(tmp_path)


def test_the_command_line_stands_above_what_is_remembered(tmp_path):
    known = MadeWith(lab=SLUG, cohort="old.toml", course_url="old")
    assert with_options(known, tmp_path, None, None) == known
    changed = with_options(known, tmp_path / "results", tmp_path / "new.toml", "new")
    assert changed == MadeWith(lab=SLUG, cohort="../new.toml", course_url="new")


def test_the_cohort_is_found_from_the_results_folder_wherever_one_stands(course, monkeypatch):
    course.write("cohort.toml", COHORT)
    lab = places.load_lab("07").lab
    monkeypatch.chdir("/")
    rules = rules_of(course.results, MadeWith(cohort="../cohort.toml"), lab)
    assert [student.id for student in rules.cohort.students] == ["ada"]


def test_a_cohort_that_is_gone_stops_instead_of_losing_the_roster(course):
    with pytest.raises(UsageError, match="no cohort file"):
        rules_of(course.results, MadeWith(cohort="../gone.toml"), places.load_lab("07").lab)


def test_a_cohort_that_cannot_be_true_of_the_lab_is_refused(course):
    text = COHORT + (
        f'[[override]]\nstudent = "ada"\nlab = "{SLUG}"\npoints = 101\nwho = "x"\nwhy = "y"\n'
        "when = 2026-03-09T10:00:00Z\n"
    )
    course.write("cohort.toml", text)
    with pytest.raises(CohortError, match="has 100"):
        rules_of(course.results, MadeWith(cohort="../cohort.toml"), places.load_lab("07").lab)


def test_results_of_a_lab_given_as_a_path_find_it_again(course, monkeypatch):
    path_lab = course.root / "elsewhere"
    path_lab.mkdir()
    (path_lab / "test_it.py").write_text("from it import f\ndef test_f():\n    assert f()\n")
    (path_lab / "lab.toml").write_text('[submit]\nmodules = ["it"]\n')
    course.results.mkdir()
    remember(course.results, MadeWith(lab="../elsewhere"))
    monkeypatch.chdir("/")
    assert places.lab_of_results(course.results, "elsewhere").public == path_lab
    assert places.lab_of_results(course.results, "x", "07").lab.slug == SLUG


def test_what_is_remembered_names_no_absolute_path(course):
    made = with_options(MadeWith(), course.results, course.root / "cohort.toml", None)
    assert str(course.root) not in json.dumps(made.cohort)


def test_labs_with_a_source_are_all_when_none_is_named(course):
    assert [folder.lab.slug for folder in places.labs_with_source(())] == [SLUG]
    assert [folder.lab.slug for folder in places.labs_with_source(("07",))] == [SLUG]
