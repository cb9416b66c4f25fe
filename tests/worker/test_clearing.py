"""What came into a folder is removed again, and nothing else is."""

import os

import pytest

from grader.worker.clearing import everything_in, remove_all_but


@pytest.fixture
def box(tmp_path):
    """Return a folder in which something stands already, outside of which is something, too."""
    (tmp_path / "box" / "cache").mkdir(parents=True)
    (tmp_path / "box" / "cache" / "fonts.json").write_text("{}")
    (tmp_path / "outside.txt").write_text("x")
    return tmp_path / "box"


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_what_was_there_stays_and_what_came_goes(box):
    kept = everything_in([box])
    (box / "cache" / "more.json").write_text("{}")
    (box / "a" / "b").mkdir(parents=True)
    (box / "a" / "b" / "c.txt").write_text("x")
    (box / ".hidden").write_text("x")
    (box / os.fsdecode(b"\xff")).write_text("x")
    remove_all_but([box], kept)
    assert names(box) == ["cache", "cache/fonts.json"]


def test_a_link_is_removed_and_what_it_leads_to_is_not(box):
    kept = everything_in([box])
    (box / "file").symlink_to(box.parent / "outside.txt")
    (box / "folder").symlink_to(box.parent)
    remove_all_but([box], kept)
    assert names(box) == ["cache", "cache/fonts.json"]
    assert (box.parent / "outside.txt").exists()


def test_several_folders_are_emptied_and_one_that_is_not_there_is_none(box, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    places = [box, other, tmp_path / "nowhere"]
    kept = everything_in(places)
    (other / "new").write_text("x")
    remove_all_but(places, kept)
    assert names(other) == []


def test_what_cannot_be_removed_is_an_error(box):
    (box / "was_a_file").write_text("x")
    kept = everything_in([box])
    (box / "was_a_file").unlink()
    (box / "new").mkdir()
    (box / "new" / "inside").write_text("x")
    kept |= {str(box / "new" / "inside")}
    with pytest.raises(OSError, match="not empty"):
        remove_all_but([box], kept)
