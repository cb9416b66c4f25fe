"""The student's folder as a test sees it."""

import os
import sys
from pathlib import Path

import pytest

from grader.worker.folder import RUN_OUTPUT_CAP, Folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path.resolve())


def test_a_command_gives_its_code_and_both_streams(folder):
    script = "import sys; print(input()); print('e', file=sys.stderr); sys.exit(4)"
    assert folder.run(["python", "-c", script], b"in\n", 10.0) == [4, b"in\n", b"e\n"]


def test_python_is_this_interpreter(folder):
    code, out, _ = folder.run(["python3", "-c", "import sys; print(sys.prefix)"], b"", 10.0)
    assert (code, out.decode().strip()) == (0, sys.prefix)


def test_a_command_that_takes_too_long_has_no_code(folder):
    script = "import time; print('begun', flush=True); time.sleep(60)"
    assert folder.run(["python", "-c", script], b"", 0.5) == [None, b"begun\n", b"timed out"]


def test_a_flood_of_output_is_cut(folder):
    code, out, err = folder.run(["python", "-c", "print('x' * 20_000_000)"], b"", 20.0)
    assert (code, len(out), err) == (0, RUN_OUTPUT_CAP, b"")


def test_an_absent_program_is_an_ordinary_error(folder):
    with pytest.raises(FileNotFoundError):
        folder.run(["no-such-program"], b"", 1.0)


def test_files_are_read_up_to_a_cap_and_written_with_their_folders(folder):
    folder.write("a/b.txt", b"0123456789")
    assert folder.read("a/b.txt", 4) == b"0123"
    assert folder.files() == [["a/b.txt", 10]]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(folder):
    os.mkfifo("pipe")
    assert folder.read("pipe", 10) == b""
    assert folder.files() == []


def test_links_are_not_listed(folder):
    folder.write("real.txt", b"1")
    Path("link.txt").symlink_to("real.txt")
    Path("etc").symlink_to("/etc")
    assert folder.files() == [["real.txt", 1]]
