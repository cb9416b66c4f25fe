"""Labs are found by slug and by path."""

import pytest

import grader
from grader.errors import LabNotFoundError, ManifestError
from grader.library import Library
from grader.scaffold import new


@pytest.fixture
def library(tmp_path):
    new(tmp_path, "02-data-quality", "A gate for bad data")
    new(tmp_path, "12-columns")
    return Library(tmp_path)


def test_the_labs_are_listed_in_order(library):
    assert library.slugs() == ("02-data-quality", "12-columns")


@pytest.mark.parametrize("name", ["02-data-quality", "02", "02-data"])
def test_a_lab_is_loaded_by_its_slug_or_the_first_words_of_it(library, name):
    folder = library.load(name)
    assert folder.lab.slug == "02-data-quality"
    assert folder.lab.title == "A gate for bad data"
    assert folder.private == library.root / "solutions" / "02-data-quality"


def test_a_whole_slug_wins_over_a_longer_one(library):
    new(library.root, "13-a")
    (library.root / "labs" / "13-a").rename(library.root / "labs" / "12-columns-more")
    assert library.load("12-columns").lab.slug == "12-columns"


def test_the_path_of_a_lab_of_the_course_is_that_lab(library):
    by_path = library.load(library.root / "labs" / "12-columns")
    assert by_path.lab == library.load("12-columns").lab


def test_the_path_of_a_manifest_is_its_lab(library):
    assert (
        library.load(str(library.root / "labs" / "12-columns" / "lab.toml")).lab.slug
        == "12-columns"
    )


def test_a_relative_path_is_taken_from_here(library, monkeypatch):
    monkeypatch.chdir(library.root / "labs" / "12-columns")
    assert library.load(".").lab.slug == "12-columns"


def test_a_misspelt_slug_is_answered_with_the_nearest(library):
    with pytest.raises(LabNotFoundError) as caught:
        library.load("02-data-qualty")
    assert "Did you mean '02-data-quality'?" in caught.value.advice
    assert "12-columns" in caught.value.advice


def test_an_unknown_lab_in_an_empty_library_is_told(tmp_path):
    with pytest.raises(LabNotFoundError, match="no lab and no folder") as caught:
        Library(tmp_path).load("02")
    assert "none" in caught.value.advice


def test_a_folder_without_a_manifest_is_no_lab(library, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(LabNotFoundError, match=r"no lab\.toml"):
        library.load(tmp_path / "folder")


def test_somebodys_test_suite_with_three_lines_of_manifest_is_a_lab(tmp_path):
    folder = tmp_path / "hello-world"
    folder.mkdir()
    (folder / "hello_world.py").write_text("def hello():\n    pass\n")
    (folder / "hello_world_test.py").write_text(
        "import unittest\nfrom hello_world import hello\n"
        "class HelloWorldTest(unittest.TestCase):\n"
        "    def test_say_hi(self):\n        self.assertEqual(hello(), 'Hello, World!')\n"
    )
    (folder / "lab.toml").write_text(
        'remote_operators = true\n[submit]\nmodules = ["hello_world"]\n'
    )
    found = Library(tmp_path).load(folder)
    assert found.public == found.private == folder
    assert found.lab.title == found.lab.slug == "hello-world"
    assert found.lab.submit.required == ("hello_world.py",)
    assert [check.id for check in found.lab.checks] == ["HelloWorldTest.say_hi"]
    assert [path for path, _ in found.lab.trusted_files] == ["hello_world_test.py"]
    assert found.lab.remote_operators
    assert [file.path for file in found.starter().files] == ["hello_world.py"]


def test_a_students_copy_is_loaded_without_anything_private(library):
    whole = library.load("12")
    copy = library.load("12", public_only=True)
    assert [check.id for check in copy.lab.checks] == ["none_is_missing"]
    assert copy.held_back == ("blank_text_is_missing", "empty_column_is_refused")
    assert copy.private is None
    assert not any(path.startswith("hidden") for path, _ in copy.lab.trusted_files)
    assert copy.lab.digest != whole.lab.digest


def test_a_students_copy_may_lie_anywhere_and_hold_the_students_own_tests(library, tmp_path):
    place = tmp_path / "desk" / "12-columns"
    place.parent.mkdir()
    (library.root / "labs" / "12-columns").rename(place)
    (place / "test_mine.py").write_text("def test_mine(): ...\n")
    copy = library.load(place, public_only=True)
    assert [check.id for check in copy.lab.checks] == ["none_is_missing"]
    assert "test_mine.py" not in dict(copy.lab.trusted_files)


def test_a_students_copy_cannot_be_mistaken_for_the_whole_lab(library, tmp_path):
    place = tmp_path / "desk"
    (library.root / "labs" / "12-columns").rename(place)
    with pytest.raises(ManifestError, match="blank_text_is_missing"):
        library.load(place)


def test_the_root_is_found_from_a_folder_below(library):
    below = library.root / "labs" / "12-columns" / "deep"
    below.mkdir()
    assert Library.find(below, env={}).root == library.root


def test_the_variable_names_the_root(library, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    found = Library.find(elsewhere, env={"GRADER_HOME": str(library.root)})
    assert found.root == library.root


def test_a_variable_that_names_no_course_is_an_error_not_a_fallback(library, tmp_path):
    with pytest.raises(LabNotFoundError, match="no folder `labs`") as caught:
        Library.find(library.root, env={"GRADER_HOME": str(tmp_path / "gone")})
    assert "GRADER_HOME" in caught.value.where


def test_without_labs_anywhere_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "site" / "grader" / "__init__.py"))
    with pytest.raises(LabNotFoundError, match="no labs were found") as caught:
        Library.find(tmp_path, env={})
    assert "GRADER_HOME" in caught.value.advice


def test_outside_of_a_course_our_own_checkout_is_used(library, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(grader, "__file__", str(library.root / "grader" / "__init__.py"))
    assert Library.find(tmp_path_factory.mktemp("else"), env={}).root == library.root
