"""One grading, start to finish: whose fault it is, what is tried again, what the Run says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.errors import EngineError, EngineUnavailableError
from grader.grading import grade, probe
from grader.lab import EngineNeeds, Limits, Submit
from grader.notebook_choice import print_of
from grader.outcome import Status, Verdict
from grader.sandbox.base import Role
from grader.sandbox.fake import speaking
from grader.sandbox.fake_shipyard import BASE, FakeShipyard
from grader.submission import Bundle, Submission
from grader.wire.frames import Kind, message, read_message
from tests.stage import EXIT, WAIT, Checker, Stage, Worker, began, call, end, lab_of, passing, told

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
LAB = lab_of()
WORK = Bundle.of({"answer.py": b"x = 1\n"})
REFERENCE = Bundle.of({"answer.py": b"reference = True\n"})
DIES = [began("a"), told("a"), began("b"), (Kind.DIED, message({"status": 11}))]


def submission(bundle=WORK):
    return Submission(student="ann", lab=LAB.slug, attempt=2, received_at=NOON, bundle=bundle)


@pytest.fixture
def play():
    """Return a function that sets the stage."""
    stages = []

    def play(*scenes, **fields):
        stages.append(Stage(Checker(*scenes), **fields))
        return stages[-1]

    yield play
    for stage in stages:
        stage.close()


def run(stage, *, lab=LAB, bundle=WORK, **fields):
    return grade(lab, submission(bundle), stage.pool, clock=lambda: NOON, **fields)


def seeds(stage):
    return [read_message(payload)[0]["seed"] for payload in stage.checker.runs]


def test_a_whole_run_says_what_was_graded_and_how(play):
    stage = play(passing(), hello={"versions": {"pytest": "9.2.0"}})
    found = run(stage, seed=7)

    assert found.verdict is Verdict.GRADED
    assert (found.earned, found.out_of) == (20, 20)
    assert (found.student, found.lab, found.attempt) == ("ann", LAB.slug, 2)
    assert (found.received_at, found.graded_at) == (NOON, NOON)
    assert found.bundle_digest == WORK.digest
    assert found.lab_digest == LAB.digest
    assert (found.seed, found.sandbox) == (7, "fake")
    assert found.versions["pytest"] == "9.2.0"
    assert {"start", "checker", "teardown", "total"} <= found.phases.keys()
    assert found.limits["wall_s"] == LAB.limits.wall_s
    assert not found.trusts_student


def test_results_stand_in_the_order_of_the_manifest(play):
    found = run(play([told("b"), told("a"), *passing()[-1:]]))

    assert [result.id for result in found.results] == ["a", "b"]


def probed(stage, **fields):
    return probe(LAB, submission(fields.pop("bundle", WORK)), stage.pool, **({"seed": 7} | fields))


def test_a_grade_asks_for_the_whole_run_and_a_probe_for_its_beginning(play):
    stage = play(passing())
    run(stage)
    probed(stage)

    asked = [read_message(payload)[0] for payload in stage.checker.runs]
    assert [header["whole"] for header in asked] == [True, False]
    assert asked[0] | {"seed": 7, "whole": False} == asked[1]


def test_a_probe_names_the_first_check_that_did_not_pass(play):
    found = probed(play([told("a", "failed"), end()]))

    assert found.verdict is Verdict.GRADED
    assert (found.refused.id, found.refused.status) == ("a", Status.FAILED)


def test_a_probe_of_what_passes_names_nothing(play):
    found = probed(play(passing()))

    assert (found.verdict, found.refused) == (Verdict.GRADED, None)


def test_a_probe_that_ends_early_without_a_reason_is_broken(play):
    found = probed(play([told("a"), end()]))

    assert (found.verdict, found.refused) == (Verdict.BROKEN, None)
    assert "not reported: b" in found.staff_notes[0]


def test_a_probe_that_kills_its_checker_where_the_reference_passes_is_refused(play):
    found = probed(play(DIES, DIES, passing()), reference=REFERENCE)

    assert found.verdict is Verdict.GRADED
    assert (found.refused.id, found.refused.status) == ("b", Status.CRASHED)


def test_a_probe_of_a_hand_in_without_its_file_is_ungradable(play):
    found = probed(play(passing()), bundle=Bundle.of({"other.py": b""}))

    assert found.verdict is Verdict.UNGRADABLE
    assert "answer.py" in found.reason


def test_a_seed_is_drawn_anew_for_every_run(play):
    stage = play(passing())
    drawn = {run(stage).seed for _ in range(5)}

    assert len(drawn) == 5
    assert drawn == set(seeds(stage))
    assert all(0 <= seed < 2**53 for seed in drawn), "JSON's numbers end there"


def test_the_checker_is_told_everything_and_the_worker_nothing_about_tests(play):
    lab = lab_of(
        trusted_files=(("test_hidden.py", b"assert 42"),), worker_files=(("data.csv", b"1"),)
    )
    stage = play([call(), WAIT, *passing()])
    run(stage, lab=lab)

    header, blobs = read_message(stage.checker.runs[0])
    assert header["files"] == ["test_hidden.py"]
    assert bytes(blobs[0]) == b"assert 42"
    assert [check["id"] for check in header["checks"]] == ["a", "b"]
    header, blobs = read_message(stage.worker.hellos[0])
    assert dict(zip(header["files"], map(bytes, blobs), strict=True)) == {
        "data.csv": b"1",
        "answer.py": b"x = 1\n",
    }
    assert "test_hidden" not in str(header)
    assert "42" not in str(blobs)


def test_a_file_of_the_student_takes_the_place_of_one_that_the_lab_gives(play):
    lab = lab_of(worker_files=(("answer.py", b"starter"),))
    stage = play([call(), WAIT, *passing()])
    run(stage, lab=lab)

    header, blobs = read_message(stage.worker.hellos[0])
    assert header["files"] == ["answer.py"]
    assert bytes(blobs[0]) == b"x = 1\n"


def test_a_hand_in_without_its_file_starts_no_box(play):
    stage = play(passing())
    found = run(stage, bundle=Bundle.of({"other.py": b""}))

    assert found.verdict is Verdict.UNGRADABLE
    assert "answer.py" in found.reason
    assert stage.sandbox.started == []
    assert found.results == ()


@pytest.mark.parametrize(
    "scene",
    [
        [told("a"), *passing()[-1:]],
        [told("a"), told("a"), *passing()],
        [told("a", earned=99), *passing()],
        [told("other"), *passing()],
        [told("a"), told("b"), EXIT],
        DIES,
    ],
    ids=["unreported", "twice", "too many points", "unknown", "no end", "died"],
)
def test_what_cannot_be_believed_is_broken_and_costs_nobody_points(play, scene):
    stage = play(scene)
    found = run(stage, seed=5)

    assert found.verdict is Verdict.BROKEN
    assert found.results == ()
    assert "our fault" in found.reason
    assert seeds(stage) == [5, 5], "tried once more, with the same seed"
    assert stage.started(Role.CHECKER) == 2, "and in fresh boxes"
    assert any(note.startswith("attempt 2") for note in found.staff_notes)


def test_a_stumble_is_forgotten_when_the_second_attempt_succeeds(play):
    stage = play(DIES, passing())
    found = run(stage, seed=5)

    assert found.verdict is Verdict.GRADED
    assert found.earned == 20
    assert any("attempt 1" in note for note in found.staff_notes)


def test_where_the_reference_passes_the_submission_broke_it(play):
    stage = play(DIES, DIES, passing())
    found = run(stage, seed=5, reference=REFERENCE)

    assert found.verdict is Verdict.GRADED
    assert [result.status for result in found.results] == [Status.PASSED, Status.CRASHED]
    assert found.earned == 10, "what was earned before stays"
    assert "died" in found.results[1].detail
    assert seeds(stage) == [5, 5, 5]


@pytest.mark.parametrize(
    "third", [DIES, [told("a"), told("b", "failed"), *passing()[-1:]]], ids=["dies", "fails"]
)
def test_where_the_reference_does_not_pass_either_it_is_ours(play, third):
    found = run(play(DIES, DIES, third), reference=REFERENCE)

    assert found.verdict is Verdict.BROKEN
    assert found.earned == 0
    assert found.results == ()


def test_a_dead_engine_is_the_callers_to_know(play):
    stage = play(passing())
    stage.sandbox.break_down(EngineUnavailableError("no engine"))

    with pytest.raises(EngineUnavailableError):
        run(stage)


def test_an_engine_that_dies_before_the_worker_starts_records_nothing(play):
    stage = play([call(), WAIT, *passing()])
    stage.sandbox._fails = lambda _number, spec: (
        EngineUnavailableError("gone") if spec.role is Role.WORKER else None
    )

    with pytest.raises(EngineUnavailableError):
        run(stage)


def test_trust_in_the_students_comparisons_is_written_down(play):
    assert run(play(passing()), lab=lab_of(remote_operators=True)).trusts_student


def test_two_runs_never_have_one_id(play):
    stage = play(passing())

    assert run(stage).id != run(stage).id


def test_a_check_may_take_three_calls_but_not_more_than_the_run(play):
    stage = play(passing())
    run(stage, lab=lab_of(limits=Limits(call_s=1.0, wall_s=5.0)))
    run(stage, lab=lab_of(limits=Limits(call_s=4.0, wall_s=5.0)))
    told_s = [read_message(payload)[0]["check_s"] for payload in stage.checker.runs]

    assert told_s == [3.0, 5.0]


SHIPS = lab_of(engine=EngineNeeds(bases=(BASE,)))
BUILD = {"order": "build", "files": [], "from_hand_in": ["answer.py"], "arguments": {}}
BUILD |= {"wheels": ""}


def test_a_lab_with_an_engine_gets_a_shipyard_for_the_run(play):
    yard = FakeShipyard()
    stage = play([(Kind.ORDER, message(BUILD)), WAIT, *passing()], yard=yard)

    found = run(stage, lab=SHIPS)

    assert found.verdict is Verdict.GRADED
    assert [recipe.files for recipe in yard.recipes] == [WORK.as_dict()]
    assert yard.closed
    assert read_message(stage.checker.runs[0])[0]["engine"] is True
    assert stage.checker.heard[0][0] == Kind.DONE


def test_without_an_engine_such_a_lab_is_not_graded_and_nothing_is_recorded(play):
    stage = play(passing())

    with pytest.raises(EngineUnavailableError, match="not graded: needs a container engine") as no:
        run(stage, lab=SHIPS)

    assert "No attempt was spent" in str(no.value)
    assert no.value.exit_code == 5
    assert stage.checker.runs == []
    assert stage.sandbox.started == []


NOTEBOOKS = replace(
    LAB,
    submit=Submit(
        required=("answer.py",),
        modules=("answer",),
        notebooks=(("answer", "answer.ipynb"),),
        starters=(("answer.py", print_of(b"starter")),),
    ),
)


def test_a_worker_gets_the_notebook_that_was_worked_on_and_its_name(play):
    stage = play([call(), WAIT, *passing()])
    both = Bundle.of({"answer.py": b"starter", "answer.ipynb": b"{}"})
    assert run(stage, lab=NOTEBOOKS, bundle=both).verdict is Verdict.GRADED
    header, blobs = read_message(stage.worker.hellos[0])
    assert (header["files"], header["notebooks"]) == (["answer.ipynb"], {"answer": "answer.ipynb"})
    assert [bytes(blob) for blob in blobs] == [b"{}"]


def test_module_and_notebook_together_spend_no_attempt(play):
    both = Bundle.of({"answer.py": b"mine", "answer.ipynb": b"{}"})
    found = run(play(passing()), lab=NOTEBOOKS, bundle=both)
    assert found.verdict is Verdict.UNGRADABLE
    assert found.reason.startswith("answer.py and answer.ipynb are both there")


def test_where_no_notebook_can_be_run_none_is_graded(play):
    hello = {"versions": {"grader.worker.shell": "not imported: ModuleNotFoundError: IPython"}}
    stage = play([call(), WAIT, *passing()], worker_script=speaking(Worker(), hello))
    with pytest.raises(EngineError, match="the boxes have no IPython to run it"):
        run(stage, lab=NOTEBOOKS, bundle=Bundle.of({"answer.ipynb": b"{}"}))
    assert run(stage, lab=NOTEBOOKS, bundle=WORK).verdict is Verdict.GRADED
