import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from grader.batch import BatchOutcome
from grader.durable import Disk
from grader.errors import ResultsError
from grader.formats.csv import read_grades_csv
from grader.outcome import Verdict
from grader.results import Results
from tests.pretend import (
    NOON,
    Grader,
    batch,
    found_in,
    hand_in,
    lab_of,
    points,
    read,
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


# -- the ordinary day ----------------------------------------------------------------------------


def test_a_class_is_graded_and_every_page_is_there(inbox, folder):
    found = [hand_in(inbox, "ann", "a b c"), hand_in(inbox, "Bob", "a")]
    outcome, progress = batch(folder, found)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (2, 0, 0)
    assert outcome.notes == ()
    assert points(folder) == {("ann", 1): 30, ("Bob", 1): 10}
    results = Results.read(folder)
    assert results.student_page("ann").read_text() == "student ann #1 30\n"
    assert results.student_page("Bob").read_text() == "student Bob #1 10\n"
    for run in results.official():
        assert sorted(p.name for p in results.run_folder(run.id).iterdir()) == [
            "feedback.html",
            "staff.html",
        ]
    page = (folder / "index.html").read_text()
    assert "ann 30 students/ann.html" in page
    rows = read_grades_csv((folder / "grades.csv").read_bytes())
    assert [(row["student"], row["points"]) for row in rows] == [("Bob", "10"), ("ann", "30")]
    assert progress.events[0] == ("begin", 2)
    assert progress.events[-1] == ("end",)
    assert len(progress.of("graded")) == 2


def test_a_second_start_grades_nothing_twice(inbox, folder):
    found = [hand_in(inbox, f"s{n}", "a") for n in range(5)]
    batch(folder, found)
    grade = Grader()
    outcome, progress = batch(folder, found, grade)
    assert not grade.graded
    assert (outcome.graded, outcome.skipped, outcome.exit_code) == (0, 5, 0)
    assert progress.of("skipped")[0] == ("s0", "graded before")


def test_hand_ins_that_arrive_later_are_graded_by_the_same_command(inbox, folder):
    batch(folder, [hand_in(inbox, "ann", "a")])
    hand_in(inbox, "bob", "a b")
    outcome, _ = batch(folder, found_in(inbox))
    assert (outcome.graded, outcome.skipped) == (1, 1)
    assert points(folder) == {("ann", 1): 10, ("bob", 1): 20}


def test_an_empty_class_is_no_error(folder):
    outcome, _ = batch(folder, [])
    assert outcome.exit_code == 0
    assert (folder / "index.html").exists()


def test_gradings_really_run_side_by_side(inbox, folder):
    both = threading.Barrier(2, timeout=20)

    def grade(lab, submission):
        both.wait()  # passes only when two gradings wait at the same time
        return run_of(lab, submission)

    outcome, _ = batch(folder, [hand_in(inbox, f"s{n}", "a") for n in range(4)], grade)
    assert outcome.graded == 4


def test_few_hand_ins_are_in_memory_at_any_time(inbox, folder):
    most = []
    pending, lock = [0], threading.Lock()

    def plain_read(found, lab):
        with lock:
            pending[0] += 1
            most.append(pending[0])
        return read(found, lab)

    def grade(lab, submission):
        with lock:
            pending[0] -= 1
        return run_of(lab, submission)

    found = [hand_in(inbox, f"s{n:03}", f"a {n}") for n in range(60)]
    outcome, _ = batch(folder, found, grade, read=plain_read, jobs=3)
    assert outcome.graded == 60
    assert max(most) <= 2 * 3 + 1


def test_a_batch_can_run_in_processes_since_all_that_travels_is_data(inbox, folder):
    found = [hand_in(inbox, f"s{n}", "a b") for n in range(4)]
    with ProcessPoolExecutor(2) as pool:
        outcome, _ = batch(folder, found, run_of, executor=pool)
    assert outcome.graded == 4


# -- hand-ins of every kind ----------------------------------------------------------------------


def test_a_hand_in_that_the_door_refuses_is_ungradable_with_the_reason(inbox, folder):
    found = [hand_in(inbox, "ann", "refuse"), hand_in(inbox, "bob", "a")]
    outcome, _ = batch(folder, found)
    assert (outcome.graded, outcome.ungradable, outcome.exit_code) == (1, 1, 0)
    [refused] = [run for run in Results.read(folder).official() if run.student == "ann"]
    assert refused.verdict is Verdict.UNGRADABLE
    assert refused.reason == "answer.txt: holds a link Send the file."
    assert refused.lab_digest == LAB.digest
    assert Results.read(folder).handins.of("ann") == ()


def test_what_collecting_found_wrong_is_ungradable_too(inbox, folder):
    found = hand_in(inbox, "ann", "a", error="two folders claim to be ann's")
    outcome, _ = batch(folder, [found])
    assert outcome.ungradable == 1
    [run] = Results.read(folder).official()
    assert run.reason == "two folders claim to be ann's"


def test_a_refused_hand_in_spends_no_attempt_and_is_not_refused_twice(inbox, folder):
    found = [hand_in(inbox, "ann", "refuse")]
    batch(folder, found)
    outcome, progress = batch(folder, found)
    assert (outcome.ungradable, outcome.skipped) == (0, 1)
    assert "refused before" in progress.of("skipped")[0][1]
    batch(folder, [hand_in(inbox, "ann", "a")])
    assert points(folder) == {("ann", 1): 10}


def test_what_grading_finds_ungradable_is_recorded_with_the_reason(inbox, folder):
    outcome, _ = batch(folder, [hand_in(inbox, "ann", "ungradable")])
    assert (outcome.ungradable, outcome.graded, outcome.exit_code) == (1, 0, 0)
    assert [run.reason for run in Results.read(folder).official()] == ["answer.txt is empty."]


def test_a_door_that_falls_over_costs_nobody_a_point_and_stops_nothing(inbox, folder):
    found = [hand_in(inbox, "ann", "door falls"), hand_in(inbox, "bob", "a")]
    outcome, _ = batch(folder, found)
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (1, 1, 5)
    assert points(folder) == {("bob", 1): 10}
    [note] = Results.read(folder).broken()
    assert "ZeroDivisionError" in note.staff_notes[0]


def test_several_hand_ins_of_a_student_are_attempts_in_the_order_of_their_arrival(inbox, folder):
    found = [
        hand_in(inbox, "ann", "a b c", at=30),
        hand_in(inbox, "ann", "a", at=10),
        hand_in(inbox, "ann", "a b", at=20),
    ]
    batch(folder, found)
    assert points(folder) == {("ann", 1): 10, ("ann", 2): 20, ("ann", 3): 30}
    assert Results.read(folder).student_page("ann").read_text() == "student ann #3 30\n"


def test_the_same_files_sent_twice_are_graded_once_with_a_message(inbox, folder):
    found = [hand_in(inbox, "ann", "a"), hand_in(inbox, "ann", "a", at=1)]
    outcome, progress = batch(folder, found)
    assert (outcome.graded, outcome.skipped) == (1, 1)
    assert progress.of("skipped") == [("ann", "the same files as the hand-in before it")]


def test_the_same_files_of_two_students_are_two_hand_ins(inbox, folder):
    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a"), hand_in(inbox, "bob", "a")])
    assert outcome.graded == 2


def test_a_folder_that_was_overwritten_is_a_new_attempt_and_the_old_one_stays(inbox, folder):
    batch(folder, [hand_in(inbox, "ann", "a b")])
    batch(folder, [replace(hand_in(inbox, "ann", "a"), received_at=NOON + timedelta(hours=1))])
    assert points(folder) == {("ann", 1): 20, ("ann", 2): 10}


def test_a_hand_in_accepted_but_never_graded_is_graded_from_its_snapshot(inbox, folder):
    grade = Grader()
    grade.engine_is_gone = True
    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a b")], grade)
    assert outcome.exit_code == 5
    outcome, progress = batch(folder, [])  # the student's own folder is gone
    assert outcome.graded == 1
    assert progress.of("note") == [("ann: grading what was accepted earlier",)]
    assert points(folder) == {("ann", 1): 20}


# -- a disk that is full -------------------------------------------------------------------------


class Full(Disk):
    """A disk that is full for one file from some moment on."""

    def __init__(self, name, after):
        self.name = name
        self.left = after

    def _full(self, path):
        if self.name in str(path):
            self.left -= 1
            if self.left < 0:
                raise ResultsError("the disk is full", where=str(path))

    def append(self, path, line):
        self._full(path)
        return super().append(path, line)

    def write(self, path, data, *, sync=True):
        self._full(path)
        super().write(path, data, sync=sync)


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("runs.jsonl", 0), ("runs.jsonl", 3), ("ledger.jsonl", 2), ("handins", 0), ("handins", 4),
        ("feedback.html", 1), ("index.html", 0), ("grades.csv", 0), ("students", 2),
    ],
)  # fmt: skip
def test_a_full_disk_stops_with_a_clear_error_and_the_next_start_loses_nothing(
    inbox, folder, name, after
):
    found = [hand_in(inbox, f"s{n}", f"a {n}") for n in range(6)]
    grade = Grader()
    with pytest.raises(ResultsError, match="the disk is full"):
        batch(folder, found, grade, disk=Full(name, after))
    accepted = {(r.student, r.digest) for r in Results.read(folder).handins.all()}
    kept = points(folder)
    again, _ = batch(folder, found)
    assert again.exit_code == 0
    assert len(points(folder)) == 6
    assert kept.items() <= points(folder).items()
    assert accepted <= {(r.student, r.digest) for r in Results.read(folder).handins.all()}
    assert len((folder / "runs.jsonl").read_text().splitlines()) == 6
    assert len((folder / "ledger.jsonl").read_text().splitlines()) == 6
    assert len(list((folder / "students").iterdir())) == 6


# -- Ctrl-C --------------------------------------------------------------------------------------


def test_ctrl_c_ends_what_is_begun_writes_the_pages_and_says_how_to_go_on(inbox, folder):
    def grade(lab, submission):
        if submission.student == "s02":
            os.kill(os.getpid(), signal.SIGINT)
        return run_of(lab, submission)

    found = [hand_in(inbox, f"s{n:02}", "a") for n in range(40)]
    before = signal.getsignal(signal.SIGINT)
    outcome, _ = batch(folder, found, grade, jobs=1)
    assert signal.getsignal(signal.SIGINT) is before
    assert outcome.interrupted
    assert outcome.exit_code == 130
    assert "start the same command again" in outcome.halted
    assert 3 <= outcome.graded < 40
    assert len(list((folder / "students").iterdir())) == outcome.graded
    assert (folder / "grades.csv").exists()
    again, _ = batch(folder, found)
    assert again.graded + outcome.graded == 40


def test_a_second_ctrl_c_does_not_wait_for_what_hangs(inbox, folder):
    class Hangs:
        def submit(self, *_args):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            future = Future()
            future.set_running_or_notify_cancel()
            return future

    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a")], executor=Hangs())
    assert outcome.exit_code == 130
    assert outcome.abandoned == 1
    assert points(folder) == {}
    assert batch(folder, [])[0].graded == 1  # it was accepted, so it is not lost


def test_ctrl_c_during_a_pause_for_the_engine_stops_at_once(inbox, folder):
    grade = Grader()
    grade.engine_is_gone = True

    def pause(_seconds):
        signal.raise_signal(signal.SIGTERM)

    outcome, progress = batch(folder, [hand_in(inbox, "ann", "a")], grade, pause=pause)
    assert outcome.exit_code == 130
    assert len(progress.of("paused")) == 1


def test_the_outcome_decides_the_exit_code():
    assert BatchOutcome(graded=3, ungradable=1).exit_code == 0
    assert BatchOutcome(graded=3, broken=1).exit_code == 5
    assert BatchOutcome(halted="gone").exit_code == 5
    assert BatchOutcome(halted="x", interrupted=True).exit_code == 130
    assert BatchOutcome(graded=10, seconds=5.0).rate == 2
    assert BatchOutcome().rate == 0
