"""Runs a lab's tests on a submission in a Python of its own, as a student's plain `pytest` does.

No box contains it, so hostile examples and mutants have no place here; `grader prove` tries those.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.lab import Lab
from grader.lab_folder import Example

RUNNER = """
import json, os, sys
import pytest

class Recorder:
    def __init__(self):
        self.passed, self.said = {}, {}
    def pytest_runtest_logreport(self, report):
        check = report.nodeid.split("::")[-1].removeprefix("test_").split("[")[0]
        self.passed[check] = self.passed.get(check, True) and report.outcome == "passed"
        if report.failed:
            self.said[check] = str(report.longrepr)[-300:]

answers, out = [], sys.stdout
for seed in sys.argv[1:]:
    recorder = Recorder()
    with open(os.devnull, "w") as sys.stdout:
        pytest.main(
            ["-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir=.", f"--lab-seed={seed}",
             "test_public.py", "hidden/test_hidden.py"],
            plugins=[recorder],
        )
    sys.stdout = out
    answers.append([recorder.passed, recorder.said])
print(json.dumps(answers))
"""


def plain(examples: Iterable[Example]) -> list[str]:
    """Return the names of those that plain `pytest` can import: notebooks are run in boxes only."""
    return [
        example.name
        for example in examples
        if not any(path.endswith(".ipynb") for path in example.bundle.as_dict())
    ]


def lay_out(lab: Lab, folder: Path, files: dict[str, bytes]) -> None:
    """Write the lab's files, and a submission over them."""
    for path, content in [*lab.trusted_files, *files.items()]:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def losses(lab: Lab, folder: Path, files: dict[str, bytes], *seeds: int) -> list[list[str]]:
    """Return for each seed the checks that are lost, those that need a lost one included."""
    lay_out(lab, folder, files)
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUNNER, *map(str, seeds)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.stdout, done.stderr
    every = []
    for passed, said in json.loads(done.stdout):
        sys.stdout.write(json.dumps(said, indent=1))  # pytest shows it when a test fails
        every.append(_with_those_that_need_them(lab, passed))
    return every


def points(lab: Lab, lost: list[str]) -> int:
    """Return what the other checks are worth."""
    return sum(check.points for check in lab.checks if check.id not in lost)


def _with_those_that_need_them(lab: Lab, passed: dict[str, bool]) -> list[str]:
    lost = {check.id for check in lab.checks if not passed.get(check.id, False)}
    while more := {c.id for c in lab.checks if c.id not in lost and set(c.needs) & lost}:
        lost |= more
    return sorted(lost)
