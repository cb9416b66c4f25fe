"""What the supervisor believes of a conversation, and what it does when one goes wrong."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.outcome import Status
from grader.relay import Relay
from grader.sandbox.base import Role
from grader.sandbox.fake import dying, saying, silent, starving
from grader.wire.frames import Kind, frame, message, read_message
from tests.stage import (
    EXIT,
    WAIT,
    Checker,
    Stage,
    Worker,
    after_ready,
    began,
    call,
    end,
    lab_of,
    passing,
    told,
)

LAB = lab_of()


@pytest.fixture
def talk():
    """Let a scene play; return the Talk, and the stage to look at."""
    stages = []

    def talk(*scene, worker=None, worker_script=None, lab=LAB, whole=True):
        stage = Stage(Checker(list(scene)), worker, worker_script=worker_script)
        stages.append(stage)
        with stage.pool.checker(lab) as checker:
            relay = Relay(lab, checker, lambda: stage.pool.worker(lab), whole=whole)
            return relay.run(b"the run"), stage

    yield talk
    for stage in stages:
        stage.close()


def heard(stage):
    return [(kind, read_message(payload)[0]) for kind, payload in stage.checker.heard]


def test_results_arrive_as_the_checker_told_them(talk):
    found, stage = talk(began("a"), told("a"), told("b", "failed", message="no"), end(tests=2.0))

    assert found.problem == ""
    assert found.ended
    assert [result.status for result in found.results.values()] == [Status.PASSED, Status.FAILED]
    assert found.results["b"].message == "no"
    assert found.phases == {"tests": 2.0}
    assert stage.checker.runs == [b"the run"]
    assert stage.started(Role.WORKER) == 0, "nobody asked the student's code for anything"


def test_calls_reach_the_worker_and_answers_come_back(talk):
    found, stage = talk(call(b"one"), WAIT, call(b"two"), WAIT, *passing())

    assert not found.problem
    assert stage.checker.heard == [
        (Kind.REPLY, b"answer to one"),
        (Kind.REPLY, b"answer to two"),
    ]
    assert stage.started(Role.WORKER) == 1


@pytest.mark.parametrize(
    ("scene", "problem"),
    [
        ([told("a"), end()], "not reported: b"),
        ([end()], "not reported: a, b"),
        ([told("a"), told("a"), told("b"), end()], "result of a twice"),
        ([told("c"), end()], "cannot be"),
        ([told("a", earned=11), end()], "cannot be"),
        ([told("a", earned=-1), end()], "cannot be"),
        ([told("a", earned=9), end()], "cannot be"),
        ([told("a", earned=10.0), end()], "cannot be"),
        ([told("a", earned=True), end()], "cannot be"),
        ([told("a", "failed", earned=10), end()], "cannot be"),
        ([told("a", "missing"), end()], "cannot be"),
        ([told("a", "skipped"), end()], "cannot be"),
        ([told("a", "great"), end()], "cannot be"),
        ([told("a", seconds=1.0, student_seconds=2.0), end()], "cannot be"),
        ([told("a", student_seconds=-1.0), end()], "cannot be"),
        ([told("a", seconds=1), end()], "cannot be"),
        ([told("a", message=None), end()], "cannot be"),
        ([told("a", message=["x"]), end()], "cannot be"),
        ([(Kind.EVENT, message({"event": "party"}))], "unknown event 'party'"),
        ([(Kind.EVENT, message({}))], "unknown event None"),
        ([(Kind.EVENT, b"\xff\xfe")], "did not end its run"),
        ([(Kind.DIED, message({"status": 9}))], "the checker's process died"),
        ([(Kind.HELLO, b"")], "unknown kind"),
        ([told("a"), EXIT], "the checker's box ended"),
        ([(Kind.EVENT, message({"event": "broken", "reason": "a fixture"}))], "a fixture"),
    ],
)
def test_what_cannot_be_makes_the_conversation_worthless(talk, scene, problem):
    found, _ = talk(*scene)

    assert problem in found.problem


def test_a_skipped_check_needs_another(talk):
    found, _ = talk(told("a", "failed"), told("b", "skipped"), end())

    assert not found.problem
    assert found.results["b"].status is Status.SKIPPED


def test_a_whole_run_never_ends_at_a_check_that_did_not_pass(talk):
    found, _ = talk(told("a", "failed"), end())

    assert found.problem == "not reported: b"


def test_a_run_that_need_not_be_whole_may_end_at_a_check_that_did_not_pass(talk):
    found, _ = talk(told("a", "failed"), end(), whole=False)

    assert not found.problem
    assert found.refused.id == "a"


@pytest.mark.parametrize("scene", [[told("a"), end()], [end()]])
def test_a_run_that_need_not_be_whole_may_not_end_while_all_is_well(talk, scene):
    found, _ = talk(*scene, whole=False)

    assert found.problem.startswith("not reported: ")
    assert found.refused is None


def test_a_checker_that_went_wrong_is_not_used_again(talk):
    found, stage = talk(told("a"), told("a"))

    assert found.problem
    with stage.pool.checker(LAB):
        assert stage.started(Role.CHECKER) == 2


def test_checks_that_could_not_be_collected_are_named(talk):
    event = {"event": "broken", "reason": "SyntaxError", "checks": ["b"]}
    found, _ = talk((Kind.EVENT, message(event)))

    assert found.stuck == ("b",)


def test_the_running_check_is_known_when_the_checker_dies(talk):
    found, _ = talk(began("a"), told("a"), began("b"), (Kind.DIED, message({"status": 11})))

    assert found.running == "b"


def test_long_texts_are_cut(talk):
    found, _ = talk(told("a", output="o" * 200_000, detail="d" * 200_000), told("b"), end())

    assert len(found.results["a"].output) == 70_000
    assert len(found.results["a"].detail) == 20_000


def test_a_checker_that_never_ends_meets_the_deadline(talk, monkeypatch):
    monkeypatch.setattr("grader.relay._GRACE_S", -4.8)
    found, _ = talk(told("a"), WAIT)

    assert "did not end its run" in found.problem


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (dying(3, b"last words"), "ended"),
        (starving, "memory"),
        (silent, "timeout"),
        (saying(frame(Kind.END, b"")), "protocol"),
        (saying(b"garbage" * 10), "protocol"),
    ],
    ids=["dies", "starves", "is silent", "says another kind", "says garbage"],
)
def test_the_checker_hears_how_a_worker_was_lost(talk, script, why):
    found, stage = talk(call(), WAIT, *passing(), worker_script=after_ready(script))

    assert not found.problem, "what a lost worker costs is the checker's to say"
    ((kind, header),) = heard(stage)
    assert kind == Kind.WORKER_GONE
    assert header["why"] == why
    assert "a worker box was lost" in found.notes[0]


def test_last_words_are_for_staff(talk):
    found, _ = talk(call(), WAIT, *passing(), worker_script=after_ready(dying(3, b"last words")))

    assert "last words" in found.notes[0]


def test_a_call_to_a_lost_worker_is_answered_at_once(talk):
    _, stage = talk(*[call(), WAIT, call(), WAIT], *passing(), worker_script=after_ready(dying(1)))

    assert [kind for kind, _ in heard(stage)] == [Kind.WORKER_GONE] * 2
    assert stage.started(Role.WORKER) == 1, "another box is the checker's to ask for"


def test_a_fresh_worker_comes_when_asked_for(talk):
    scene = [call(b"one"), WAIT, (Kind.FRESH_WORKER, b""), WAIT, call(b"two"), WAIT]
    found, stage = talk(*scene, *passing())

    assert not found.problem
    assert [kind for kind, _ in stage.checker.heard] == [Kind.REPLY, Kind.WORKER_UP, Kind.REPLY]
    assert stage.started(Role.WORKER) == 2


def test_fresh_workers_are_not_endless(talk):
    scene = [line for _ in range(10) for line in ((Kind.FRESH_WORKER, b""), WAIT)]
    found, stage = talk(*scene, *passing())

    assert not found.problem
    assert stage.started(Role.WORKER) == 8
    kind, header = heard(stage)[-1]
    assert (kind, header["why"]) == (Kind.WORKER_GONE, "budget")


def test_every_worker_is_closed_at_the_end(talk):
    _, stage = talk(call(), WAIT, *passing())

    deadline = time.monotonic() + 5.0  # boxes are removed in the background
    while not stage.sandbox.closed and time.monotonic() < deadline:
        time.sleep(0.005)
    assert [spec.role for spec in stage.sandbox.closed] == [Role.WORKER]


@settings(max_examples=60, deadline=None)
@given(answer=st.binary(max_size=200))
def test_what_a_worker_answers_is_passed_on_unread(answer):
    """No byte of a student's is looked at here, so none can be believed."""
    worker = Worker(lambda _payload: [(Kind.FROM_WORKER, answer)])
    stage = Stage(Checker([call(), WAIT, *passing()]), worker)
    try:
        with stage.pool.checker(LAB) as checker:
            found = Relay(LAB, checker, lambda: stage.pool.worker(LAB)).run(b"")
        assert not found.problem
        assert stage.checker.heard == [(Kind.REPLY, answer)]
        assert {result.earned for result in found.results.values()} == {10}
    finally:
        stage.close()


def test_orders_are_carried_out_by_the_supervisor_and_answered():
    asked = []

    def orders(payload, seconds_left):
        asked.append((payload, seconds_left > 0))
        return b"done: " + payload

    stage = Stage(Checker([(Kind.ORDER, b"build"), WAIT, *passing()]))
    try:
        with stage.pool.checker(LAB) as checker:
            found = Relay(LAB, checker, lambda: stage.pool.worker(LAB), orders).run(b"the run")
    finally:
        stage.close()

    assert not found.problem
    assert asked == [(b"build", True)]
    assert stage.checker.heard == [(Kind.DONE, b"done: build")]
    assert stage.started(Role.WORKER) == 0


def test_a_lab_without_the_capability_can_order_nothing(talk):
    found, _ = talk((Kind.ORDER, b"build"))

    assert "unknown kind" in found.problem
