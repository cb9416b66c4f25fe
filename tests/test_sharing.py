"""Tests of one engine, or of one browser, are never dealt out to two processes at a time."""

import re
import subprocess
import sys

import pytest

from tests import sharing

CONFTEST = """
import pathlib, sys
sys.path.insert(0, {root!r})
from tests import sharing
sharing.ROOT = pathlib.Path({here!r})
def pytest_xdist_make_scheduler(config, log):
    return sharing.scheduler(config, log)
"""
TESTS = "import time\ndef test_one(): time.sleep(0.1)\ndef test_two(): time.sleep(0.1)\n"


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/sandbox/test_docker.py::test_x[a::b]", "needs_engine"),
        ("tests/misbehaviour/test_cheats.py::test_x", "needs_engine"),  # its conftest says so
        ("tests/course/test_browser.py::test_x", "needs_browser"),
        ("tests/test_door.py::test_x", "tests/test_door.py"),
    ],
)
def test_a_file_says_what_its_tests_stay_together_with(nodeid, group):
    assert sharing.group(nodeid) == group


def test_two_processes_share_the_files_and_only_one_gets_the_engine(tmp_path):
    (tmp_path / "conftest.py").write_text(
        CONFTEST.format(root=str(sharing.ROOT), here=str(tmp_path))
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name in "abcdef":
        mark = "# needs_engine\n" if name in "aceg" else ""
        (tmp_path / f"test_{name}.py").write_text(mark + TESTS)

    command = [sys.executable, "-m", "pytest", "-n", "2", "-v", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    where = dict(_placed(done.stdout))
    assert len(where) == 12, done.stdout + done.stderr
    engine = {worker for test, worker in where.items() if test[5] in "ace"}
    assert len(engine) == 1
    assert len(set(where.values())) == 2


def _placed(said: str) -> list[tuple[str, str]]:
    """Return (test, process) of each line that says PASSED."""
    return [
        (test, worker)
        for worker, test in re.findall(r"^\[(gw\d)\] \[ *\d+%\] PASSED (\S+)", said, re.MULTILINE)
    ]


def test_a_file_beside_the_tests_own_conftest_is_looked_into_too():
    assert sharing.group("tests/test_outages.py::test_x") == "needs_engine"
    assert sharing.group("tests/test_door.py::test_x") == "tests/test_door.py"
