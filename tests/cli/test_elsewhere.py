"""What runs on a machine of a cluster: what arrives is checked, and errors name the machine."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from grader.cli import elsewhere
from grader.cli.boxes import SandboxChoice, SandboxName
from grader.cli.elsewhere import Grading, Task, grade_here, look
from grader.errors import BrokenError, EngineError, WireError
from grader.outcome import Verdict
from grader.submission import Bundle, Submission
from tests import realclass

CHOICE = SandboxChoice(name=SandboxName.PROCESS)
WORKER = SimpleNamespace(name="one", state=SimpleNamespace(nthreads=1))


@pytest.fixture
def task(tmp_path):
    realclass.prepare(tmp_path)
    return Task(
        lab=realclass.folder_of(tmp_path).lab, reference=None, choice=CHOICE, secret=b"a secret"
    )


@pytest.fixture
def grading(task):
    """Return the boxes of a batch on this machine, opened and closed as a Dask worker does."""
    made = Grading(task, "a batch")
    asyncio.run(made.setup(WORKER))
    yield made
    asyncio.run(made.teardown(WORKER))


@pytest.fixture
def submission(task):
    text = f"def share_present(values):\n{realclass.HAND_INS['ann']}".encode()
    return Submission(
        student="ann",
        lab=task.lab.slug,
        attempt=1,
        received_at=realclass.MOMENT,
        bundle=Bundle.of({"column.py": text}),
    )


def test_a_hand_in_is_graded_and_the_run_names_the_machine(grading, submission):
    run = grading.grade(submission)
    assert (run.verdict, run.earned) == (Verdict.GRADED, 80)
    assert run.machine.endswith(" (one)")


def test_a_hand_in_that_changed_on_its_way_is_not_graded(grading, submission):
    other = replace(submission.bundle, digest="0" * 64)
    with pytest.raises(WireError, match="a hand-in changed on its way"):
        grading.grade(replace(submission, bundle=other))


def test_a_lab_that_changed_on_its_way_opens_no_boxes(task):
    check = replace(task.lab.checks[0], points=99)
    other = replace(task.lab, checks=(check, *task.lab.checks[1:]))
    with pytest.raises(WireError, match="the lab 07-columns changed on its way"):
        asyncio.run(Grading(replace(task, lab=other), "a batch").setup(WORKER))


def test_an_engine_that_fails_is_told_with_the_name_of_the_machine(task, submission):
    made = Grading(task, "a batch")
    made._machine = "rack 7 (one)"

    def fails(_lab, _submission):
        raise EngineError("the engine did not answer in time.")

    made._grade = fails
    with pytest.raises(EngineError, match=r"rack 7 \(one\): the engine did not answer"):
        made.grade(submission)


def test_a_hand_in_of_a_batch_that_has_ended_is_not_graded(monkeypatch, submission):
    monkeypatch.setattr(elsewhere, "get_worker", lambda: SimpleNamespace(plugins={}))
    with pytest.raises(BrokenError, match="has ended on this machine"):
        grade_here("a batch", submission)


def test_a_machine_tells_what_it_would_grade_with():
    found = look(CHOICE, WORKER)
    assert (found.sandbox, found.problem) == ("process", "")
    assert found.sources == elsewhere.sources()
    assert found.machine.endswith(" (one)")


def test_a_machine_that_cannot_grade_tells_why():
    found = look(SandboxChoice(name=SandboxName.PROCESS, require_isolation=True), WORKER)
    assert "isolation is required" in found.problem
