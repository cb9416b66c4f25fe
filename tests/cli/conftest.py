"""A course with one small lab, and a command line to call; by default nothing real is graded."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader import grading
from grader.cli import boxes
from grader.cli.main import cli
from grader.listed import missing_files
from grader.outcome import CheckResult, Run, Status, Verdict
from grader.scaffold import new

SLUG = "07-columns"
RIGHT = '''"""How complete a column is."""


def share_present(values):
    if not values:
        raise ValueError("no share")
    return sum(1 for value in values if value is not None and str(value).strip()) / len(values)
'''
WRONG = RIGHT.replace(" and str(value).strip()", "")


@dataclass(frozen=True)
class Course:
    """Where the course is, and how to hand something in."""

    root: Path

    @property
    def lab(self) -> Path:
        return self.root / "labs" / SLUG

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def hand_ins(self) -> Path:
        return self.root / "hand-ins"

    def hand_in(self, student: str, text: str = RIGHT, name: str = "column.py") -> Path:
        folder = self.hand_ins / student
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        return folder

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.write_text(text)
        return path


@pytest.fixture
def course(tmp_path, monkeypatch):
    new(tmp_path, SLUG, "How full is a column?")
    monkeypatch.setenv("GRADER_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("GRADER_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return Course(tmp_path)


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody-listens.sock")


def call(*words, **more) -> Result:
    """Call the command line; a traceback is never what a person sees."""
    result = CliRunner().invoke(cli, [str(word) for word in words], **more)
    assert "Traceback" not in result.output, result.output
    return result


class Boxes:
    """Boxes that nobody needs, since nothing is run in them."""

    def __init__(self):
        self.prepared = []

    def prepare(self, lab):
        self.prepared.append(lab.slug)


def pretended(lab, submission, _boxes=None, *, seed=None, reference=None):
    """Grade at once: a hand-in passes the checks that its text names, or all with `strip`."""
    problem = missing_files(submission.bundle, lab.submit)
    if problem:
        return run_of(lab, submission, verdict=Verdict.UNGRADABLE, reason=problem)
    text = submission.bundle.as_dict().get("column.py", b"").decode()
    if "broken" in text:
        return run_of(lab, submission, verdict=Verdict.BROKEN, reason="A box was lost.")
    if "bug" in text:
        raise KeyError("a bug of ours")
    results = tuple(
        CheckResult(
            id=check.id,
            status=Status.PASSED if "strip" in text or check.id in text else Status.FAILED,
            earned=check.points if "strip" in text or check.id in text else 0,
        )
        for check in lab.checks
    )
    return run_of(lab, submission, verdict=Verdict.GRADED, results=results, seed=seed or 7)


def run_of(lab, submission, **more) -> Run:
    return Run(
        id=f"{submission.student}-{submission.attempt}-{lab.digest[:8]}",
        student=submission.student,
        lab=lab.slug,
        attempt=submission.attempt,
        received_at=submission.received_at,
        graded_at=grading.utc_now(),
        bundle_digest=submission.bundle.digest,
        lab_digest=lab.digest,
        out_of=lab.out_of,
        sandbox="fake",
        **more,
    )


@pytest.fixture
def pretend(monkeypatch):
    """Let every verb grade by `pretended`, without boxes; returns the sandboxes asked for."""
    asked = []

    @contextlib.contextmanager
    def open_boxes(choice, jobs=1, *, warned=True):
        asked.append((choice.name.value, choice.require_isolation, jobs, warned))
        yield Boxes()

    # All are imported first: one that is imported later would keep the pretended one for good.
    verbs = [_imported(verb) for verb in ("graders", "check", "grade", "prove", "regrade")]
    monkeypatch.setattr(boxes.grading, "grade", pretended)
    for module in verbs:
        monkeypatch.setattr(module, "open_boxes", open_boxes)
        if hasattr(module, "grade"):
            monkeypatch.setattr(module, "grade", pretended)
    return asked


def _imported(verb):
    __import__(f"grader.cli.{verb}")
    return sys.modules[f"grader.cli.{verb}"]
