import csv
import os
import signal
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import BatchOutcome, run_batch
from grader.dispatch import BACK_OFF_S, BROKEN_IN_A_ROW
from grader.durable import Disk
from grader.errors import EngineError, ResultsError
from grader.grade import Grade, State
from grader.handins import Receipt
from grader.intake import matching
from grader.outcome import Verdict
from grader.pages import grades_csv, rewrite_pages
from grader.progress import RecordingProgress, SilentProgress
from grader.results import Results
from grader.stopping import StopSignals
from tests.pretend import (
    NOON,
    Grader,
    PlainPages,
    found_in,
    hand_in,
    lab_of,
    read,
    run_of,
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


def batch(folder, found, grade=None, *, lab=LAB, disk=None, **changes):
    """Run one batch and return (outcome, events)."""
    progress = RecordingProgress()
    with Results.open(folder, lab, disk=disk, clock=clock) as results:
        outcome = run_batch(
            lab,
            found,
            results,
            grade=grade or Grader(),
            settings=settings(progress=progress, **changes),
        )
    return outcome, progress


def points(folder):
    return {(r.student, r.attempt): r.earned for r in Results.read(folder).official()}


# -- the ordinary day -------------------------------------------------------------------------


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
    rows = list(csv.DictReader((folder / "grades.csv").open(newline="")))
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


# -- hand-ins of every kind -------------------------------------------------------------------


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


# -- which attempt is it ----------------------------------------------------------------------


def receipts(digests):
    return tuple(
        Receipt(
            student="ann",
            attempt=number,
            received_at=NOON + timedelta(minutes=number),
            digest=digest,
        )
        for number, digest in enumerate(digests, start=1)
    )


def attempt_of(digests, digest, minute, **more):
    found = matching(receipts(digests), digest, NOON + timedelta(minutes=minute), **more)
    return found and found.attempt


def test_unknown_files_are_a_new_attempt():
    assert attempt_of("", "A", 1) is None
    assert attempt_of("AB", "C", 9) is None


def test_known_files_are_their_own_attempt_whatever_their_time():
    assert attempt_of("A", "A", 99) == 1
    assert attempt_of("AB", "B", 99) == 2
    assert attempt_of("AB", "A", 1) == 1


def test_going_back_to_earlier_files_is_a_new_attempt():
    assert attempt_of("AB", "A", 99) is None
    assert attempt_of("ABA", "A", 99) == 3


def test_a_copied_folder_with_new_times_is_matched_in_order():
    assert attempt_of("AB", "A", 98, last=False) == 1
    assert attempt_of("AB", "B", 99, used=1, last=True) == 2
    assert attempt_of("ABA", "A", 98, last=False, used=0) == 1


@given(st.lists(st.sampled_from("ABC"), max_size=6), st.booleans())
def test_a_class_taken_in_twice_has_the_same_attempts_even_when_copied(answers, copied):
    """Every list of hand-ins, taken in again, gets the numbers that it got the first time."""
    sent = [a for at, a in enumerate(answers) if at == 0 or a != answers[at - 1]]
    known = receipts(sent)
    later = timedelta(days=1) if copied else timedelta(0)
    used = 0
    for number, digest in enumerate(sent, start=1):
        found = matching(
            known,
            digest,
            NOON + timedelta(minutes=number) + later,
            used=used,
            last=number == len(sent),
        )
        assert found is not None
        assert found.attempt == number
        used = number


# -- our own faults ---------------------------------------------------------------------------


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


def test_a_page_that_cannot_be_made_stops_nothing(inbox, folder):
    class Falls(PlainPages):
        def page(self, report, *, home="", grade=None):
            raise ZeroDivisionError("a template has a bug")

        def class_page(self, *args, **kwargs):
            raise ZeroDivisionError("here too")

    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a")], render=Falls())
    assert outcome.graded == 1
    assert any("index.html could not be made" in note for note in outcome.notes)
    with Results.open(folder, LAB, clock=clock) as results:
        assert rewrite_pages(results, LAB, render=PlainPages()) == ()
        assert results.student_page("ann").exists()


def test_grades_that_cannot_be_worked_out_leave_the_runs(inbox, folder):
    class Falls(PlainPages):
        def grades(self, *args):
            raise ZeroDivisionError("policy")

    outcome, _ = batch(folder, [hand_in(inbox, "ann", "a")], render=Falls())
    assert "The grades could not be worked out" in outcome.notes[0]
    assert points(folder) == {("ann", 1): 10}


# -- the engine goes away ---------------------------------------------------------------------


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


# -- a disk that is full ----------------------------------------------------------------------


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


# -- Ctrl-C -----------------------------------------------------------------------------------


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


def test_a_wish_to_stop_cuts_a_nap_short():
    with StopSignals() as stop:
        signal.raise_signal(signal.SIGINT)
        stop.pause(3600)
        assert stop.requested
        assert not stop.abandoned


def test_outside_the_main_thread_signals_are_left_alone():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def enter():
        with StopSignals() as stop:
            seen.append(signal.getsignal(signal.SIGINT))
            stop.request()
            seen.append(stop.requested)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before, True]


# -- pages and grades.csv ---------------------------------------------------------------------


def test_report_writes_every_page_again(inbox, folder):
    batch(folder, [hand_in(inbox, "ann", "a"), hand_in(inbox, "bob", "b")])
    for path in [*folder.rglob("*.html"), folder / "grades.csv"]:
        path.unlink()
    with Results.open(folder, LAB, clock=clock) as results:
        assert rewrite_pages(results, LAB, now=NOON, render=PlainPages()) == ()
    assert len(list(folder.rglob("*.html"))) == 2 * 2 + 2 + 1
    assert (folder / "grades.csv").exists()


def test_no_cell_of_grades_csv_acts_as_a_formula():
    grade = Grade(
        student="=HYPERLINK(1)",
        lab="l",
        state=State.ABSENT,
        points=None,
        out_of=10,
        late_by=timedelta(minutes=90),
        reasons=("@x",),
    )
    [row] = csv.DictReader(grades_csv([grade]).splitlines())
    assert row["student"] == "'=HYPERLINK(1)"
    assert row["why"] == "'@x"
    assert row["points"] == ""
    assert row["late_minutes"] == "90"


def test_the_outcome_decides_the_exit_code():
    assert BatchOutcome(graded=3, ungradable=1).exit_code == 0
    assert BatchOutcome(graded=3, broken=1).exit_code == 5
    assert BatchOutcome(halted="gone").exit_code == 5
    assert BatchOutcome(halted="x", interrupted=True).exit_code == 130
    assert BatchOutcome(graded=10, seconds=5.0).rate == 2
    assert BatchOutcome().rate == 0


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
