"""Runs one suite twice: in process by plain pytest, and by the grader with remote imports."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.discovery import find_tests
from grader.grading import grade
from grader.lab import Check, Lab, Limits, Submit, Visibility
from grader.sandbox.pool import Boxes
from grader.submission import Bundle, Submission

RECORDER = """
import json, os
seen = {}
def pytest_runtest_logreport(report):
    node = report.nodeid.partition("[")[0].partition("::")[2]
    seen[node] = seen.get(node, True) and report.outcome == "passed"
def pytest_sessionfinish():
    json.dump(seen, open(os.environ["RECORD"], "w"))
"""


@dataclass(frozen=True)
class Suite:
    name: str
    student: dict[str, bytes]
    tests: dict[str, bytes]

    @classmethod
    def read(cls, folder: pathlib.Path) -> Suite:
        top = folder / "student"
        student = {
            path.relative_to(top).as_posix(): path.read_bytes()
            for path in sorted(top.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
        tests = {path.name: path.read_bytes() for path in folder.glob("test_*.py")}
        return cls(folder.name, student, tests)

    def changed(self, old: str, new: str) -> Suite:
        """Return the suite with one text of the student's replaced, which must be there."""
        found = [name for name, content in self.student.items() if old.encode() in content]
        assert found, f"{old!r} is not in the student's files of {self.name}"
        content = self.student[found[0]].replace(old.encode(), new.encode(), 1)
        return Suite(self.name, self.student | {found[0]: content}, self.tests)

    @property
    def modules(self) -> tuple[str, ...]:
        tops = {name.partition("/")[0] for name in self.student if name.endswith(".py")}
        return tuple(sorted(top.removesuffix(".py") for top in tops))

    @property
    def nodes(self) -> list[str]:
        return [
            test.node
            for name, text in self.tests.items()
            for test in find_tests(text.decode(), name)
        ]


def in_process(suite: Suite, folder: pathlib.Path) -> dict[str, bool]:
    """Return node -> passed, as plain pytest says."""
    folder.mkdir(parents=True)
    for name, content in {**suite.student, **suite.tests}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "recorder.py").write_text(RECORDER)
    record = folder / "record.json"
    environment = os.environ | {
        "RECORD": str(record),
        "PYTHONPATH": str(folder),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "recorder",
            "-p",
            "no:cacheprovider",
            *suite.tests,
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return json.loads(record.read_text())


def remotely(
    suite: Suite, boxes: Boxes, *, remote_operators: bool = True
) -> dict[str, tuple[bool, str]]:
    """Return node -> (passed, what was said), as the grader says."""
    checks = tuple(
        Check(
            id=test.id,
            points=1,
            visibility=Visibility.PUBLIC,
            file=name,
            node=test.node,
            title=test.id,
        )
        for name, text in suite.tests.items()
        for test in find_tests(text.decode(), name)
    )
    lab = Lab(
        slug=suite.name,
        title=suite.name,
        submit=Submit(modules=suite.modules),
        limits=Limits(call_s=20.0, memory_mb=1024),
        checks=checks,
        trusted_files=tuple(suite.tests.items()),
        digest=Bundle.of(suite.tests).digest,
        remote_operators=remote_operators,
    )
    submission = Submission(
        student="ada",
        lab=lab.slug,
        attempt=1,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        bundle=Bundle.of(suite.student),
    )
    run = grade(lab, submission, boxes, seed=1)
    assert run.verdict == "graded", run.staff_notes
    nodes = {check.id: check.node for check in checks}
    return {
        nodes[result.id]: (
            result.status == "passed",
            f"{result.status}: {result.message}\n{result.detail}",
        )
        for result in run.results
    }
