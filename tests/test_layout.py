"""Which files of a lab go to which box, and which are refused."""

import os

import pytest

from grader import layout
from grader.errors import LabError
from grader.lab import Submit
from grader.layout import (
    course_layout,
    is_students,
    is_test_file,
    not_junk,
    path_layout,
    place_of,
    read_tree,
    wanted_in_path_lab,
    wanted_in_private,
    wanted_in_public,
    without_hidden_tests,
)

SUBMIT = Submit(required=("quality.py",), optional=("notes.md",), modules=("quality", "shop"))


def tree(folder, *paths):
    for path in paths:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path)
    return folder


def test_a_tree_is_read_in_order_with_posix_paths(tmp_path):
    tree(tmp_path, "b.py", "a/z.csv", "a/b/c.txt")
    assert read_tree(tmp_path, not_junk, "lab") == {
        "a/b/c.txt": b"a/b/c.txt",
        "a/z.csv": b"a/z.csv",
        "b.py": b"b.py",
    }


def test_caches_and_leftovers_are_not_read(tmp_path):
    tree(
        tmp_path, "a.py", "__pycache__/a.pyc", "b.pyc", ".DS_Store", ".git/config", ".dockerignore"
    )
    assert list(read_tree(tmp_path, not_junk, "lab")) == [".dockerignore", "a.py"]


@pytest.mark.parametrize("target", ["a.py", "gone.py", "folder"])
def test_a_link_in_a_lab_is_refused(tmp_path, target):
    tree(tmp_path, "a.py", "folder/b.py")
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(LabError, match="links are not allowed") as caught:
        read_tree(tmp_path, not_junk, "labs/02")
    assert caught.value.where == "labs/02/link"


def test_a_named_pipe_in_a_lab_is_refused_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LabError, match="no regular file"):
        read_tree(tmp_path, not_junk, "lab")


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    tree(tmp_path, "a.csv")
    monkeypatch.setattr(layout, "MAX_FILE_BYTES", 3)
    with pytest.raises(LabError, match="are the limit") as caught:
        read_tree(tmp_path, not_junk, "lab")
    assert caught.value.where == "lab/a.csv"


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    tree(tmp_path, "a", "b", "c")
    monkeypatch.setattr(layout, "MAX_FILES", 2)
    with pytest.raises(LabError, match="more than 2 files"):
        read_tree(tmp_path, not_junk, "lab")


def test_too_many_bytes_are_refused(tmp_path, monkeypatch):
    tree(tmp_path, "a", "b", "c")
    monkeypatch.setattr(layout, "MAX_TREE_BYTES", 2)
    with pytest.raises(LabError, match="more than"):
        read_tree(tmp_path, not_junk, "lab")


def test_a_students_own_folder_is_read_past_links_and_large_files(tmp_path, monkeypatch):
    tree(tmp_path, "a.py", "big.csv")
    (tmp_path / "link").symlink_to("a.py")
    monkeypatch.setattr(layout, "MAX_FILE_BYTES", 5)
    assert list(read_tree(tmp_path, not_junk, "lab", lenient=True)) == ["a.py"]


def test_a_folder_that_is_not_there_is_one_clear_message(tmp_path):
    with pytest.raises(LabError, match="cannot be read"):
        read_tree(tmp_path / "gone", not_junk, "lab")


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("test_public.py", True),
        ("hello_world_test.py", True),
        ("deep/test_x.py", True),
        ("testing.py", False),
        ("test_data.csv", False),
        ("contest.py", False),
    ],
)
def test_test_files_are_told_by_their_names(path, is_test):
    assert is_test_file(path) is is_test


@pytest.mark.parametrize(
    ("path", "students"),
    [
        ("quality.py", True),
        ("notes.md", True),
        ("shop/till.py", True),
        ("shop.py", True),
        ("data/quality.py", False),
        ("quality_rules.py", False),
        ("conftest.py", False),
    ],
)
def test_what_is_the_students_follows_from_submit(path, students):
    assert is_students(path, SUBMIT) is students


def test_a_course_lab_is_laid_out_in_two_levels():
    public = dict.fromkeys(
        ["conftest.py", "test_public.py", "data/a.csv", "quality.py", "shop/__init__.py"], b"p"
    )
    private = dict.fromkeys(["conftest.py", "test_hidden.py", "more/test_more.py"], b"h")
    shared = {"kopi": {"__init__.py": b"k", "test_kopi.py": b"no check"}}
    made = course_layout(public, private, shared, submit=SUBMIT, given={"service.py": b"g"})
    assert set(made.trusted) == {
        "conftest.py",
        "test_public.py",
        "data/a.csv",
        "hidden/conftest.py",
        "hidden/test_hidden.py",
        "hidden/more/test_more.py",
        "hidden/kopi/__init__.py",
    }
    assert made.public_tests == ("test_public.py",)
    assert made.hidden_tests == ("hidden/test_hidden.py", "hidden/more/test_more.py")


def test_the_worker_gets_public_data_and_given_files_and_nothing_of_the_tests():
    public = dict.fromkeys(["conftest.py", "test_public.py", "data/a.csv", "quality.py"], b"p")
    private = dict.fromkeys(["test_hidden.py", "data/answers.csv"], b"h")
    made = course_layout(public, private, {}, submit=SUBMIT, given={"service.py": b"g"})
    assert made.worker == {"data/a.csv": b"p", "service.py": b"g"}


def test_a_public_test_file_must_say_that_it_is_public():
    with pytest.raises(LabError, match=r"test_public\.py") as caught:
        course_layout({"test_extra.py": b""}, {}, {}, submit=SUBMIT, given={})
    assert caught.value.where == "test_extra.py"


def test_a_second_public_test_file_is_fine():
    files = {"test_public.py": b"", "test_public_gate.py": b""}
    made = course_layout(files, {}, {}, submit=SUBMIT, given={})
    assert made.public_tests == tuple(files)


def test_a_public_folder_called_hidden_is_refused():
    with pytest.raises(LabError, match="hidden tests are put there"):
        course_layout({"hidden/a.py": b""}, {}, {}, submit=SUBMIT, given={})


def test_an_included_folder_cannot_cover_the_labs_own():
    with pytest.raises(LabError, match="'kopi' too"):
        course_layout({}, {"kopi/a.py": b""}, {"kopi": {}}, submit=SUBMIT, given={})


def test_a_path_lab_keeps_its_layout_and_shows_all_tests():
    files = dict.fromkeys(["quality.py", "quality_test.py", "cases.json"], b"")
    made = path_layout(files, submit=SUBMIT, given={})
    assert set(made.trusted) == {"quality_test.py", "cases.json"}
    assert made.public_tests == ("quality_test.py",)
    assert made.hidden_tests == ()


def test_in_a_path_lab_with_hidden_tests_only_public_ones_are_shown():
    files = dict.fromkeys(["test_public.py", "test_hidden.py", "test_more.py"], b"")
    made = path_layout(files, submit=SUBMIT, given={})
    assert made.public_tests == ("test_public.py",)
    assert made.hidden_tests == ("test_hidden.py", "test_more.py")


def test_a_students_deliverable_may_be_a_test_file():
    submit = Submit(required=("test_mine.py",))
    made = path_layout({"test_mine.py": b"", "test_it.py": b""}, submit=submit, given={})
    assert made.public_tests == ("test_it.py",)


def test_a_students_copy_has_neither_hidden_tests_nor_the_students_own():
    files = dict.fromkeys(["test_public.py", "test_hidden.py", "test_mine.py", "a.py"], b"")
    assert list(without_hidden_tests(files)) == ["test_public.py", "a.py"]
    assert list(without_hidden_tests({"it_test.py": b"", "test_hidden.py": b""})) == ["it_test.py"]


def test_what_a_folder_gives_away_leaves_out_the_authors_papers(tmp_path):
    tree(tmp_path, "lab.toml", "README.md", ".env", "data/README.md", "test_x.py")
    assert list(read_tree(tmp_path, wanted_in_public, "lab")) == ["data/README.md", "test_x.py"]
    tree(tmp_path, "DESIGN.md", "source/a.py", "submissions/wrong__a/a.py")
    assert list(read_tree(tmp_path, wanted_in_private, "lab")) == ["data/README.md", "test_x.py"]
    assert list(read_tree(tmp_path, wanted_in_path_lab, "lab")) == ["data/README.md", "test_x.py"]


def test_places_are_shown_from_here_or_from_the_courses_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_of(tmp_path / "labs" / "02") == "labs/02"
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert place_of(tmp_path / "solutions" / "02" / "a.py") == "solutions/02/a.py"
    assert place_of(tmp_path / "other") == str(tmp_path / "other")
