"""The `engine` fixture: what a test asks of the engine, through orders to a fake shipyard."""

import pytest

from grader.checker.engine import Engine
from grader.checker.faults import WorkerTimedOut
from grader.orders import Orders
from grader.sandbox.fake_shipyard import BASE, FakeShipyard
from grader.sandbox.shipyard import Reply
from grader.wire.frames import message, read_message

DOCKERFILE = f"FROM {BASE}\nUSER 1\nHEALTHCHECK CMD true\n".encode()


class Stage:
    """A fake shipyard behind orders, and what was advised."""

    def __init__(self, answer=lambda _question: Reply(status=200, body=b"hi")):
        self.yard = FakeShipyard(answer)
        self.orders = Orders(self.yard, {"Dockerfile": DOCKERFILE})
        self.advice = []
        self.engine = Engine(self.send, self.advice.append)

    def send(self, header, blobs):
        told, views = read_message(self.orders.carry_out(message(header, blobs), 60.0))
        return told["told"], [bytes(view) for view in views]


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def image(stage):
    return stage.engine.build({"a": b"kopi"}, hand_in=["Dockerfile"])


def test_an_image_is_built_and_looked_at(stage, image):
    assert (image.problem, image.line, image.text) == ("", 0, "")
    assert image.look()["user"] == "1"
    assert image.look()["history"][0]["by"] == "COPY a"
    assert image.search({"a": b"kopi", "b": b"tea"}) == ["a"]
    assert list(stage.yard.recipes[0].files) == ["a", "Dockerfile"]


def test_what_does_not_build_says_why(stage):
    image = stage.engine.build({"Dockerfile": b"FROM python:3.8\n"})
    assert (image.problem, image.line) == ("base", 1)
    assert "October 2024" in image.text


def test_a_container_is_asked_and_stopped(image):
    with image.run(environment={"A": "1"}) as container:
        assert container.problem == ""
        assert container.wait_for("/health").body == b"hi"
        assert container.wait_for_health("healthy", 1.0) == "healthy"
        assert container.condition().uids == [10001]
        assert container.logs() == b"container 0 is running\n"
        assert container.stop().exit_code == 0
        assert container.ask("GET", "/").problem == "refused"
    assert container.logs() == b"container 0 is removed\n"


def test_waiting_ends_when_the_container_has(image):
    container = image.run()
    container.stop()
    assert container.wait_for("/health", 60.0).problem == "refused"
    assert container.wait_for_health("unhealthy", 60.0) == ""


def test_waiting_ends_when_the_time_is_over():
    stage = Stage(lambda _question: Reply(status=None, problem="time"))
    container = stage.engine.build({"Dockerfile": DOCKERFILE}).run()
    assert container.wait_for("/", 0.2).problem == "time"
    assert container.wait_for_health("unhealthy", 0.2) == "healthy"


def test_a_container_that_did_not_start_answers_nothing(stage, image):
    image.run().remove()
    told = {"container": None, "problem": "It has no program."}
    stage.engine = None
    container = type(image.run())(stage.send, told)
    assert container.ask("GET", "/").status is None
    assert not container.condition().running
    assert container.logs() == b""
    container.remove()


def test_advice_is_said(stage):
    stage.engine.advise("DL3042")
    assert stage.advice == ["DL3042"]


class _Late:
    """A session whose run has no time left."""

    def __init__(self):
        self.faults = []

    def fault(self, fault):
        self.faults.append(fault)
        return fault


def test_a_run_without_time_left_fails_the_check_for_good():
    session = _Late()
    with pytest.raises(WorkerTimedOut):
        Engine.of(session, lambda _header, _blobs: ({"late": True}, [])).build({})
    assert [fault.status for fault in session.faults] == ["timed_out"]
