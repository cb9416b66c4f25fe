import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from grader.dispatch import BACK_OFF_S, BROKEN_IN_A_ROW
from grader.errors import EngineError
from grader.results import Results
from tests.pretend import (
    NOON,
    Grader,
    batch,
    hand_in,
    lab_of,
    points,
    run_of,
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


@pytest.mark.parametrize("word", ["broken", "raise"])
def test_a_run_that_breaks_is_tried_once_more_at_the_end(inbox, folder, word):
    found = [hand_in(inbox, "ann", f"a {word}"), hand_in(inbox, "bob", "a")]
    grade = Grader(heal_after=1)
    outcome, progress = batch(folder, found, grade)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (2, 0, 0)
    assert progress.of("broken") == [("ann", True)]
    assert grade.graded["ann", 1] == 2
    assert [event[1] for event in progress.events if event[0] == "graded"] == ["bob", "ann"]


@pytest.mark.parametrize("word", ["broken", "raise"])
def test_a_run_that_stays_broken_is_a_note_and_never_a_zero(inbox, folder, word):
    found = [hand_in(inbox, "ann", f"a {word}"), hand_in(inbox, "bob", "a")]
    grade = Grader()
    outcome, progress = batch(folder, found, grade)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (1, 1, 5)
    assert progress.of("broken") == [("ann", True), ("ann", False)]
    assert grade.graded["ann", 1] == 2
    assert points(folder) == {("bob", 1): 10}
    assert "ann" not in (folder / "runs.jsonl").read_text()
    [note] = Results.read(folder).broken()
    assert note.student == "ann"
    again, _ = batch(folder, found, Grader(heal_after=0))
    assert (again.graded, again.exit_code) == (1, 0)


def test_a_run_about_somebody_else_is_never_recorded(inbox, folder):
    def grade(lab, submission):
        run = run_of(lab, submission)
        return replace(run, student="bob") if submission.student == "ann" else run

    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a b"), hand_in(inbox, "bob", "a")], grade)
    assert (outcome.graded, outcome.broken) == (1, 1)
    assert points(folder) == {("bob", 1): 10}


def test_an_exception_out_of_grading_is_kept_for_staff_with_a_reference_for_the_student(
    inbox, folder
):
    batch(folder, [hand_in(inbox, "ann", "raise")])
    [note] = Results.read(folder).broken()
    assert "KeyError: 'a bug of ours'" in note.staff_notes[0]
    assert "a bug of ours" not in note.reason
    assert f"reference {note.id[:12]}" in note.reason


def test_many_broken_runs_in_a_row_stop_the_batch_before_it_drains_the_class(inbox, folder):
    found = [hand_in(inbox, f"s{n:03}", "broken") for n in range(50)]
    grade = Grader()
    outcome, _ = batch(folder, found, grade)
    assert outcome.exit_code == 5
    assert "runs in a row broke through our fault" in outcome.halted
    assert "grader doctor" in outcome.halted
    assert len(grade.graded) <= BROKEN_IN_A_ROW + 4


def test_a_damaged_snapshot_breaks_its_hand_in_alone(inbox, folder):
    found = [hand_in(inbox, "ann", "a broken"), hand_in(inbox, "bob", "a")]

    def grade(lab, submission):
        for path in (folder / "handins").iterdir():
            path.write_bytes(b"rubbish")
        return Grader()(lab, submission)

    outcome, _ = batch(folder, found, grade)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (1, 1, 5)
    assert "damaged" in Results.read(folder).broken()[0].staff_notes[0]


def test_an_engine_that_comes_back_costs_a_pause_and_nothing_else(inbox, folder):
    grade = Grader()
    pauses, knocks = [], []

    def pause(seconds):
        pauses.append(seconds)
        grade.engine_is_gone = len(pauses) < 2

    def grading(lab, submission):
        if submission.student == "s3" and not pauses:
            grade.engine_is_gone = True
        return grade(lab, submission)

    found = [hand_in(inbox, f"s{n}", "a") for n in range(10)]
    outcome, progress = batch(folder, found, grading, pause=pause, on_engine_gone=knocks.append)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (10, 0, 0)
    assert pauses == list(BACK_OFF_S[:2])
    assert [str(error) for error in knocks] == ["no engine answers"] * 2
    assert progress.of("paused")[0] == ("no engine answers", BACK_OFF_S[0])


def test_an_engine_that_stays_away_stops_the_batch_and_keeps_what_is_done(inbox, folder):
    grade = Grader()
    pauses = []

    def grading(lab, submission):
        if submission.student >= "s5":
            grade.engine_is_gone = True
        return grade(lab, submission)

    found = [hand_in(inbox, f"s{n}", "a") for n in range(10)]
    outcome, _ = batch(folder, found, grading, pause=pauses.append, jobs=1)
    assert pauses == list(BACK_OFF_S)
    assert outcome.exit_code == 5
    assert "the engine is gone (no engine answers)" in outcome.halted
    assert "start the same command again" in outcome.halted
    assert outcome.broken == 0
    assert len(points(folder)) == outcome.graded >= 4
    assert (folder / "index.html").exists()
    done = set(points(folder))
    counting = Grader()
    again, _ = batch(folder, found, counting)
    assert again.exit_code == 0
    assert len(points(folder)) == 10
    assert not set(counting.graded) & done


def test_after_a_failure_of_the_engine_one_hand_in_is_sent_before_the_others(inbox, folder):
    grade = Grader()
    after_pause = []
    paused = threading.Event()

    def pause(_seconds):
        paused.set()

    def grading(lab, submission):
        if paused.is_set():
            after_pause.append(submission.student)
            grade.engine_is_gone = len(after_pause) < 3
        else:
            grade.engine_is_gone = True
        return grade(lab, submission)

    found = [hand_in(inbox, f"s{n:02}", "a") for n in range(20)]
    outcome, progress = batch(folder, found, grading, pause=pause, jobs=4)
    assert outcome.graded == 20
    assert len(progress.of("paused")) == 3  # the first crowd, then two tries of one hand-in each


def test_one_hand_in_at_which_the_engine_always_fails_does_not_stop_the_class(inbox, folder):
    found = [hand_in(inbox, "ann", "gone"), *(hand_in(inbox, f"s{n}", "a") for n in range(8))]
    outcome, _ = batch(folder, found)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (8, 1, 5)
    assert outcome.halted == ""


def test_an_executor_that_takes_no_more_work_stops_the_batch_cleanly(inbox, folder):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a")], executor=pool)
    assert outcome.exit_code == 5
    assert "takes no more work" in outcome.halted
    assert batch(folder, [hand_in(inbox, "ann", "a")])[0].graded == 1


def test_a_cancelled_future_is_graded_next_time(inbox, folder):
    class Cancels:
        def submit(self, *_args):
            future = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    found = [hand_in(inbox, "ann", "a")]
    outcome, _ = batch(folder, found, executor=Cancels())
    assert outcome.graded == 0
    assert outcome.exit_code == 5
    assert batch(folder, found)[0].graded == 1


def test_an_engine_error_of_any_kind_pauses(inbox, folder):
    calls = []

    def grade(lab, submission):
        calls.append(submission.student)
        if len(calls) == 1:
            raise EngineError("500 Server Error")
        return run_of(lab, submission)

    outcome, progress = batch(folder, [hand_in(inbox, "ann", "a")], grade)
    assert outcome.exit_code == 0
    assert progress.of("paused") == [("500 Server Error", BACK_OFF_S[0])]
