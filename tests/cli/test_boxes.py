"""Where student code runs: what is chosen, what is refused, and what is said."""

import pytest

from grader.cli import boxes
from grader.cli.boxes import SandboxChoice, SandboxName, open_sandbox
from grader.errors import EngineError, EngineUnavailableError, ImageMissingError, IsolationError
from grader.sandbox.fake import FakeSandbox


def choice(name="auto", *, isolated=False):
    return SandboxChoice(name=SandboxName(name), require_isolation=isolated)


def engine_that(monkeypatch, error):
    def refuses():
        raise error

    monkeypatch.setattr(boxes, "DockerSandbox", refuses)


GONE = EngineUnavailableError("connecting: no container engine answers.", advice="Start one.")
STALE = ImageMissingError("the image of the worker is old.", advice="Run 'grader image build'.")


def test_auto_takes_containers_where_an_engine_answers(monkeypatch, capsys):
    made = object()
    monkeypatch.setattr(boxes, "DockerSandbox", lambda: made)
    assert open_sandbox(choice()) is made
    assert capsys.readouterr().err == ""


def test_auto_without_an_engine_takes_processes_and_says_loudly_what_that_means(
    monkeypatch, capsys
):
    engine_that(monkeypatch, GONE)
    with open_sandbox(choice()) as sandbox:
        assert sandbox.name == "process"
    said = capsys.readouterr().err
    assert said.startswith("Warning: no container engine answers")
    for part in ("read and write this user's files", "network", "make engine", "Grade only work"):
        assert part in said


def test_auto_with_an_engine_and_an_old_image_does_not_fall_back(monkeypatch):
    engine_that(monkeypatch, STALE)
    with pytest.raises(ImageMissingError, match="--sandbox process") as caught:
        open_sandbox(choice())
    assert "grader image build" in caught.value.advice
    assert caught.value.exit_code == 5


def test_auto_with_an_engine_that_misbehaves_does_not_fall_back(monkeypatch):
    engine_that(monkeypatch, EngineError("500"))
    with pytest.raises(EngineError, match="500"):
        open_sandbox(choice())


def test_containers_that_were_asked_for_are_not_replaced(monkeypatch):
    engine_that(monkeypatch, GONE)
    with pytest.raises(EngineUnavailableError):
        open_sandbox(choice("docker"))


@pytest.mark.parametrize("name", ["auto", "docker", "process"])
def test_nothing_runs_without_isolation_where_it_is_required(monkeypatch, name):
    engine_that(monkeypatch, GONE)
    with pytest.raises(IsolationError, match="isolation is required") as caught:
        open_sandbox(choice(name, isolated=True))
    assert "make engine" in caught.value.advice


def test_processes_that_were_asked_for_come_with_the_warning_too(capsys):
    with open_sandbox(choice("process")) as sandbox:
        assert not sandbox.isolates
    assert "plain processes" in capsys.readouterr().err


def test_who_runs_their_own_code_is_not_warned(capsys):
    with open_sandbox(choice("process"), warned=False):
        assert capsys.readouterr().err == ""


def test_what_earlier_commands_left_is_swept_before_boxes_are_lent(monkeypatch):
    swept = []
    sandbox = FakeSandbox(None)
    monkeypatch.setattr(sandbox, "sweep", lambda: swept.append(1) or 1)
    monkeypatch.setattr(boxes, "DockerSandbox", lambda: sandbox)
    with boxes.open_boxes(choice(), 2) as pool:
        assert pool.sandbox is sandbox
        assert swept == [1]
