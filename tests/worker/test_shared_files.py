"""The copy of a test's `tmp_path`: what the student's code changed in it."""

import os

import pytest

from grader.worker.shared_files import HASHED_BYTES, SharedFiles


@pytest.fixture
def shared(tmp_path):
    files = SharedFiles()
    files.put(str(tmp_path), {"kept.txt": b"same", "deep/old.txt": b"old", "empty": None})
    return files


def changed(shared, root, files=100, size=10**6):
    return shared.changed(str(root), files, size)


def test_nothing_has_changed_at_first(shared, tmp_path):
    assert changed(shared, tmp_path) == {}
    assert (tmp_path / "empty").is_dir()


def test_new_and_changed_files_and_folders_are_told_once(shared, tmp_path):
    (tmp_path / "deep/old.txt").write_bytes(b"new")
    (tmp_path / "made").mkdir()
    (tmp_path / "made/file").write_bytes(b"1")

    assert changed(shared, tmp_path) == {"deep/old.txt": b"new", "made": None, "made/file": b"1"}
    assert changed(shared, tmp_path) == {}


def test_a_change_within_one_tick_of_the_clock_is_seen(shared, tmp_path):
    path = tmp_path / "kept.txt"
    before = path.stat()
    path.write_bytes(b"SAME")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert changed(shared, tmp_path) == {"kept.txt": b"SAME"}


def test_limits_hold_for_files_and_for_bytes(shared, tmp_path):
    (tmp_path / "large").write_bytes(b"x" * (HASHED_BYTES + 1))
    assert changed(shared, tmp_path, size=1000) == {}
    for number in range(10):
        (tmp_path / f"n{number}").write_bytes(b"1")
    assert len(changed(shared, tmp_path, files=5)) <= 5


def test_links_are_left_out(shared, tmp_path):
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert changed(shared, tmp_path) == {}


def test_a_folder_that_was_never_put_has_all_files_new(tmp_path):
    (tmp_path / "file").write_bytes(b"1")
    assert changed(SharedFiles(), tmp_path) == {"file": b"1"}
