import pytest

from grader.batch import run_batch
from grader.progress import RecordingProgress, SilentProgress
from grader.results import Results
from tests.pretend import (
    NOON,
    Grader,
    batch,
    found_in,
    hand_in,
    lab_of,
    settings,
)

LAB = lab_of()


def clock():
    return NOON


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


def test_silence_hears_every_event_that_recording_hears(inbox, folder):
    silent, recording = SilentProgress(), RecordingProgress()
    names = [name for name in dir(silent) if not name.startswith("_")]
    assert set(names) == set(dir(recording)) - set(dir(object())) - {
        "events", "of", *(n for n in dir(recording) if n.startswith("_"))
    }  # fmt: skip
    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a broken")])
    assert outcome.broken == 1
    with Results.open(folder, LAB, clock=clock) as results:
        quiet = run_batch(
            LAB, found_in(inbox), results, grade=Grader(), settings=settings(progress=silent)
        )
    assert quiet.broken == 1
