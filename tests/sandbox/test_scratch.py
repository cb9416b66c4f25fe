from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from grader.sandbox import scratch as scratch_module
from grader.sandbox.scratch import LOCK, OLD_S, PREFIX, Scratch, clear, remove_tree

DEAD_SUPERVISOR = """
import os, signal, sys
from pathlib import Path
from grader.sandbox.scratch import Scratch
scratch = Scratch(Path(sys.argv[1]))
(scratch.folder() / "left").write_text("left")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def orphan(tmp_path):
    subprocess.run([sys.executable, "-c", DEAD_SUPERVISOR, str(tmp_path)], check=False)
    (made,) = tmp_path.glob(PREFIX + "*")
    return made


def test_a_folder_is_new_private_and_short(tmp_path):
    scratch = Scratch(tmp_path)

    one, two = scratch.folder(), scratch.folder()

    assert one != two
    assert one.stat().st_mode & 0o777 == 0o700
    assert len(str(one.relative_to(tmp_path))) < 30, "sockets in it have 104 bytes for their path"
    scratch.close()


def test_closing_removes_all_and_may_be_repeated(tmp_path):
    scratch = Scratch(tmp_path)
    (scratch.folder() / "file").write_text("x")

    scratch.close()
    scratch.close()

    assert list(tmp_path.iterdir()) == []


def test_a_program_that_forgets_to_close_leaves_nothing(tmp_path):
    forgetful = (
        "import sys; from pathlib import Path; from grader.sandbox.scratch import Scratch\n"
        "scratch = Scratch(Path(sys.argv[1])); scratch.folder()"
    )

    subprocess.run([sys.executable, "-c", forgetful, str(tmp_path)], check=True)

    assert list(tmp_path.iterdir()) == []


def test_a_forked_child_leaves_its_parents_folder_alone(tmp_path):
    forking = (
        "import os, sys; from pathlib import Path; from grader.sandbox.scratch import Scratch\n"
        "scratch = Scratch(Path(sys.argv[1]))\n"
        "if os.fork() == 0: sys.exit()\n"
        "os.wait(); print(scratch.path.is_dir())"
    )

    done = subprocess.run(
        [sys.executable, "-c", forking, str(tmp_path)], capture_output=True, check=True
    )

    assert done.stdout == b"True\n"


def test_the_lock_stays_while_anything_else_does(tmp_path, orphan, monkeypatch):
    remove = scratch_module.remove_tree
    monkeypatch.setattr(scratch_module, "remove_tree", lambda path: False)
    assert clear(orphan) is False
    assert (orphan / LOCK).is_file()

    monkeypatch.setattr(scratch_module, "remove_tree", remove)
    assert clear(orphan) is True
    assert clear(orphan) is True, "twice is fine"
    assert not orphan.exists()


def test_a_dead_supervisors_folder_is_an_orphan(tmp_path, orphan):
    scratch = Scratch(tmp_path)

    assert list(scratch.orphans()) == [orphan]
    scratch.close()


def test_a_living_supervisors_folder_is_none(tmp_path):
    living, other = Scratch(tmp_path), Scratch(tmp_path)

    assert list(other.orphans()) == []
    living.close()
    other.close()


def test_a_folder_of_such_a_name_without_a_lock_is_somebody_elses(tmp_path):
    results = tmp_path / f"{PREFIX}results"
    results.mkdir()
    long_ago = time.time() - 10 * OLD_S
    os.utime(results, (long_ago, long_ago))
    scratch = Scratch(tmp_path)

    assert list(scratch.orphans()) == []
    scratch.close()


def test_where_nothing_can_be_locked_a_day_decides(tmp_path, orphan, monkeypatch):
    monkeypatch.setattr("grader.sandbox.scratch.fcntl", None)
    scratch = Scratch(tmp_path)
    assert list(scratch.orphans()) == []

    long_ago = time.time() - OLD_S - 1
    os.utime(orphan / LOCK, (long_ago, long_ago))

    assert list(scratch.orphans()) == [orphan]
    scratch.close()


def test_links_and_files_of_that_name_are_left_alone(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / LOCK).touch()
    (tmp_path / f"{PREFIX}link").symlink_to(precious)
    (tmp_path / f"{PREFIX}file").touch()
    scratch = Scratch(tmp_path)

    assert list(scratch.orphans()) == []
    scratch.close()


def test_removing_a_tree_does_not_follow_links(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    tree = tmp_path / "tree"
    (tree / "a").mkdir(parents=True)
    (tree / "link").symlink_to(precious)
    (tree / "a" / "link").symlink_to(precious)

    assert remove_tree(tree) is True

    assert not tree.exists()
    assert (precious / "file").read_text() == "x"


def test_removing_what_is_not_there_is_fine(tmp_path):
    assert remove_tree(tmp_path / "nothing") is True


def test_what_cannot_be_removed_is_told(tmp_path):
    (tmp_path / "file").write_text("x")

    assert remove_tree(tmp_path / "file") is False


def test_thousands_of_files_and_folders_deeper_than_the_stack_go(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(2000):
        (tree / str(number)).touch()
    here = os.open(tree, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)

    assert remove_tree(tree) is True
    assert not tree.exists()
